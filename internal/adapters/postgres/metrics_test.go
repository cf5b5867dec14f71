package postgres_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestCollector(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	c := must(pool.Acquire(t.Context()))
	defer c.Release()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(postgres.Collector(pool, "api"))
	for _, family := range must(registry.Gather()) {
		m := family.GetMetric()[0]
		if label := m.GetLabel()[0]; label.GetName() != "pool" || label.GetValue() != "api" {
			t.Errorf("%s has the label %v", family.GetName(), label)
		}
		if got := m.GetGauge().GetValue(); family.GetName() == "pgxpool_acquired_conns" && got != 1 {
			t.Errorf("%v connections are in use, want 1", got)
		}
	}
}
