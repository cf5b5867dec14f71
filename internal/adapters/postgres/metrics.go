package postgres

import (
	"github.com/IBM/pgxpoolprometheus"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// Collector returns the metrics of a connection pool, with the label pool.
func Collector(pool *pgxpool.Pool, name string) prometheus.Collector {
	return pgxpoolprometheus.NewCollector(pool, map[string]string{"pool": name})
}
