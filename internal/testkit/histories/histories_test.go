package histories_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/histories"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestHistories plays 10,000 histories. -rapid.checks multiplies them: with 1000, it plays
// 100,000.
func TestHistories(t *testing.T) {
	t.Parallel()
	for i := range 100 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				histories.Run(t.Context(), rt, func(zone domain.TimeZone, _ ports.Clock) histories.Stores {
					return histories.Memory(domain.UserID{1}, zone)
				})
			})
		})
	}
}

// TestHistories_OnPostgres plays some of them on the real stores.
func TestHistories_OnPostgres(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		histories.Run(t.Context(), rt, func(zone domain.TimeZone, now ports.Clock) histories.Stores {
			return histories.Postgres(t, pool, zone, now)
		})
	})
}
