package postgres_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
)

func TestCollectors(t *testing.T) {
	t.Parallel()
	pool := must(postgres.Open(t.Context(), postgres.Config{URL: "postgres://gradus@127.0.0.1:1/gradus", MaxConns: 3}))
	t.Cleanup(pool.Close)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(postgres.Collectors(pool)...)
	got := map[string]float64{}
	for _, family := range must(registry.Gather()) {
		got[family.GetName()] = family.GetMetric()[0].GetGauge().GetValue()
	}
	want := map[string]float64{"gradus_database_connections": 0, "gradus_database_connections_used": 0, "gradus_database_connections_max": 3}
	if d := diff(want, got); d != "" {
		t.Error(d)
	}
}
