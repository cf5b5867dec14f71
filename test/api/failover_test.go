package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// setReadOnly makes new sessions read-only, as those of a standby are, or ends that.
func (e *env) setReadOnly(on string) {
	e.t.Helper()
	e.Exec(e.t, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = `+on+`', current_database()); END $$`)
}

// demote makes the database read-only. All connections of the server end, as they do when a
// primary becomes a standby.
func (e *env) demote() {
	e.t.Helper()
	e.setReadOnly("on")
	e.Exec(e.t, `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gradus'`)
}

func TestReadOnlyDatabase_IsReportedAndLeft(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch, _ := e.batch("Evening", "UTC")
	e.demote()
	// A request may find that its connection has ended.
	testserver.Eventually(t, "the readiness probe reports it", func() bool {
		res := e.anonymous.Get(e.Root + "/readyz")
		return res.Status == http.StatusServiceUnavailable && strings.Contains(string(res.Body), `"database":"read-only"`)
	})
	// Every request that reads its session records when it was last seen.
	e.Clock.Advance(postgres.SessionMaxAge)
	e.admin.Get("/batches/"+batch).ExpectProblem(http.StatusServiceUnavailable, "unavailable")
	for _, c := range []client{e.admin, e.admin.IdempotencyKey("5d1c2f04-4a0e-4c62-9d2b-0c6d52a3c0aa")} {
		c.Post("/batches", batchOf("Morning", "UTC")).ExpectProblem(http.StatusServiceUnavailable, "unavailable")
	}

	// The connections remain. The first request on each of them may fail.
	e.setReadOnly("off")
	testserver.Eventually(t, "the readiness probe reports the recovery", func() bool {
		return e.anonymous.Get(e.Root+"/readyz").Status == http.StatusOK
	})
	e.admin.Post("/batches", batchOf("Morning", "UTC")).Expect(http.StatusCreated)
}

// TestChangedColumn_IsNoError changes the types of columns of which the server has prepared
// statements, as a migration does while servers of the previous version run.
func TestChangedColumn_IsNoError(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch, _ := e.batch("Evening", "UTC")
	use := func(key string) {
		e.admin.Get("/batches/" + batch).Expect(http.StatusOK)
		e.admin.Get("/me").Expect(http.StatusOK)
		e.admin.Patch("/batches/"+batch, object{"description": key}).Expect(http.StatusOK)
		e.admin.IdempotencyKey(key).Post("/batches", batchOf("Morning", "UTC")).Expect(http.StatusCreated)
	}
	for range 2 {
		use("5d1c2f04-4a0e-4c62-9d2b-0c6d52a3c001")
	}
	e.Exec(t, `ALTER TABLE batches ALTER name TYPE varchar(200), ALTER version TYPE bigint`)
	e.Exec(t, `ALTER TABLE users ALTER name TYPE varchar(200), ALTER version TYPE bigint`)
	e.Exec(t, `ALTER TABLE idempotency_keys ALTER key_hash TYPE bytea USING key_hash || ''::bytea`)
	for _, key := range []string{"5d1c2f04-4a0e-4c62-9d2b-0c6d52a3c002", "5d1c2f04-4a0e-4c62-9d2b-0c6d52a3c003"} {
		use(key)
	}
}
