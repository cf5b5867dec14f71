package api_test

import (
	"net/http"
	"testing"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/pgbouncer"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// behindPooler moves the API behind PgBouncer with two connections to the server. Jobs keep
// the direct address.
func behindPooler(t *testing.T, mode pgbouncer.Mode) testserver.Option {
	t.Helper()
	poolSize := map[pgbouncer.Mode]int{pgbouncer.Session: 8, pgbouncer.Transaction: 2}[mode]
	return func(cfg *config.Config) {
		cfg.DirectURL = cfg.DatabaseURL
		cfg.DatabaseURL = domain.Secret(pgbouncer.Start(t, cfg.DatabaseURL.Reveal(), mode, poolSize))
	}
}

// TestPooler_WholeServerWorksBehindPgBouncer runs writes, lists and aggregates twice, so that
// a statement that was prepared in another session would fail.
func TestPooler_WholeServerWorksBehindPgBouncer(t *testing.T) {
	t.Parallel()
	for _, mode := range []pgbouncer.Mode{pgbouncer.Session, pgbouncer.Transaction} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			e := newEnv(t, behindPooler(t, mode))
			e.StartWorker(t)
			batch, key := e.batch("Evening", "America/Chicago")
			ada := e.register("Ada", key)
			e.wakatimeUser("ada", "America/Chicago")
			e.connect(ada, "ada")
			e.firstSync(ada)
			e.sync(ada)
			for range 3 {
				for _, path := range []string{"/users", "/batches", "/batches/" + batch, "/students", "/batches/" + batch + "/progress", "/batches/" + batch + "/coverage", "/admin/dashboard", "/audit-log"} {
					e.admin.Get(path).Expect(http.StatusOK)
				}
				for _, path := range []string{"/me", "/me/days", "/me/wakatime"} {
					ada.Get(path).Expect(http.StatusOK)
				}
				ada.Post("/me/wakatime/sync", nil).Expect(http.StatusAccepted)
				e.admin.IdempotencyKey("5d1c2f04-4a0e-4c62-9d2b-0c6d52a3c001").Post("/batches", batchOf("Morning", "UTC")).Expect(http.StatusCreated)
			}
			e.anonymous.Get(e.Root + "/readyz").Expect(http.StatusOK)
		})
	}
}
