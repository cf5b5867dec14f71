package histories_test

import (
	"flag"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/histories"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestHistories plays 100 histories per -rapid.checks, so 10,000. `make test` fixes the seed,
// so that a change is rejected for its own faults alone; `make histories` plays others.
func TestHistories(t *testing.T) { //nolint:paralleltest // sets a flag of rapid
	perCheck(t, 100)
	rapid.Check(t, func(rt *rapid.T) {
		histories.Run(t.Context(), rt, func(zone domain.TimeZone, _ ports.Clock) histories.Stores {
			return histories.Memory(domain.UserID{1}, zone)
		})
	})
}

// perCheck multiplies the number of checks during a test.
func perCheck(t *testing.T, n int) {
	t.Helper()
	checks := flag.Lookup("rapid.checks").Value
	before := checks.String()
	each, err := strconv.Atoi(before)
	if err != nil {
		t.Fatal(err)
	}
	if err := checks.Set(strconv.Itoa(each * n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Set(before) })
}

// TestHistories_OnPostgres plays some of them on the real stores.
func TestHistories_OnPostgres(t *testing.T) { //nolint:paralleltest // reads a flag that TestHistories sets
	pool := pgtest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		histories.Run(t.Context(), rt, func(zone domain.TimeZone, now ports.Clock) histories.Stores {
			return histories.Postgres(t, pool, zone, now)
		})
	})
}
