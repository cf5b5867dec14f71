package postgres

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// Collectors returns the metrics of a connection pool.
func Collectors(pool *pgxpool.Pool) []prometheus.Collector {
	gauge := func(name, help string, value func(*pgxpool.Stat) int32) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value(pool.Stat())) })
	}
	return []prometheus.Collector{
		gauge("gradus_database_connections", "Open connections.", (*pgxpool.Stat).TotalConns),
		gauge("gradus_database_connections_used", "Connections in use.", (*pgxpool.Stat).AcquiredConns),
		gauge("gradus_database_connections_max", "Maximum number of connections.", (*pgxpool.Stat).MaxConns),
	}
}
