package bench

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/wiring"
)

const (
	syncWorkers   = 32
	upstreamDelay = 50 * time.Millisecond
	syncGoal      = time.Minute // for all students, with changes
	walGoal       = 1024        // bytes per unchanged sync, without its job
	lockGoal      = time.Millisecond
	sampleEvery   = 20 * time.Millisecond
)

// syncStudents is how many students are synced: GRADUS_BENCH_STUDENTS, or 10,000.
var syncStudents = func() int {
	n, err := strconv.Atoi(os.Getenv("GRADUS_BENCH_STUDENTS"))
	if err != nil {
		return 10_000
	}
	return n
}()

// school of syncs: a server with connected students, and the fake WakaTime server behind it.
type syncSchool struct {
	pool *pgxpool.Pool
	app  *wiring.App
	fake *fakewaka.Server
	ids  []domain.UserID
}

// BenchmarkSyncs syncs every student three times: for the first time, with changes in the last
// seven days, and without changes. Everything runs in this process but Postgres, so that the
// fake WakaTime server takes a part of the CPU.
func BenchmarkSyncs(b *testing.B) {
	s := startSyncs(b)
	for range b.N {
		fmt.Printf("\n%d students, %d workers, an upstream that takes %v\n\n%-28s %8s %10s %10s %12s %12s %12s\n", syncStudents, syncWorkers, upstreamDelay,
			"", "wall", "syncs/s", "days", "WAL/sync", "global lock", "row lock")
		s.round(b, "first sync, 14 new days", 0)
		s.fake.SetScenario("", fakewaka.Scenario{Delay: upstreamDelay, ScaleSeconds: 0.5})
		s.round(b, "7 changed days", 0)
		s.round(b, "no change", walGoal)
	}
	b.ReportMetric(0, "ns/op") // hides the time of the whole run
}

func startSyncs(b *testing.B) *syncSchool {
	b.Helper()
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i*37 + 11)
	}
	keys := "bench:" + base64.StdEncoding.EncodeToString(key)
	sealer, err := secrets.NewSealer(secrets.Config{Keys: domain.Secret(keys)})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now() // stands still, so that today does not change by itself
	s := &syncSchool{fake: fakewaka.New(fakewaka.Config{Seed: 1, Now: func() time.Time { return now }})}
	s.fake.SetScenario("", fakewaka.Scenario{Delay: upstreamDelay})
	upstream := httptest.NewServer(s.fake.Handler())
	b.Cleanup(upstream.Close)

	address := pgtest.URL(b)
	if s.pool, err = pgxpool.New(b.Context(), address); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.pool.Close)
	s.load(b, sealer, upstream.URL+"/api/v1")

	cfg, err := config.Load([]string{
		"GRADUS_MODE=development", "GRADUS_DATABASE_URL=" + address, "GRADUS_SECRET_KEYS=" + keys, fmt.Sprintf("GRADUS_WORKERS=%d", syncWorkers),
		"GRADUS_DATABASE_MAX_CONNS=32", "GRADUS_WAKATIME_API_URL=" + upstream.URL + "/api/v1", "GRADUS_WAKATIME_ALLOWED_BASE_URLS=" + upstream.URL + "/api/v1",
		"GRADUS_WAKATIME_REQUESTS_PER_SECOND=100000", "GRADUS_WAKATIME_USER_REQUESTS_PER_SECOND=1000",
	}, config.NeedDatabase, config.NeedSecrets)
	if err != nil {
		b.Fatal(err)
	}
	app, closeApp, err := wiring.NewApp(b.Context(), cfg, wiring.SystemRuntime(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(closeApp)
	s.app = app
	return s
}

// load adds students who joined a week ago and are connected by API key, and so 14 days to
// track.
func (s *syncSchool) load(b *testing.B, sealer *secrets.Sealer, apiURL string) {
	b.Helper()
	s.exec(b, `INSERT INTO batches (id, name, starts_on, ends_on, time_zone, created_at)
		SELECT md5('batch' || n)::uuid, 'Batch ' || n, current_date - 7, current_date + 100, 'UTC', now() FROM generate_series(1, $1::integer / 25) n`, syncStudents)
	s.exec(b, `INSERT INTO users (id, email, name, role, password_hash, created_at)
		SELECT md5('user' || n)::uuid, 'student' || n || '@example.edu', 'Student ' || n, 'student', 'none', now() FROM generate_series(1, $1::integer) n`, syncStudents)
	s.exec(b, `INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at)
		SELECT md5('enrolment' || n)::uuid, md5('user' || n)::uuid, md5('batch' || 1 + n % ($1::integer / 25))::uuid, 'active', now() - interval '6 days' FROM generate_series(1, $1::integer) n`, syncStudents)
	s.exec(b, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
		SELECT md5('account' || n)::uuid, md5('user' || n)::uuid, $2, '127.0.0.1', 'account ' || n, 'student' || n FROM generate_series(1, $1::integer) n`, syncStudents, apiURL)
	found, err := s.pool.Query(b.Context(), `SELECT md5('user' || n)::uuid FROM generate_series(1, $1::integer) n`, syncStudents)
	if err != nil {
		b.Fatal(err)
	}
	users, err := pgx.CollectRows(found, pgx.RowTo[uuid.UUID])
	if err != nil {
		b.Fatal(err)
	}
	rows := make([][]any, len(users))
	for i, id := range users {
		name := fmt.Sprintf("student%d", i+1)
		s.fake.AddPerson(fakewaka.Person{Username: name, Activity: fakewaka.Activity{WeeklyHours: 30, WeekendShare: 0.3}})
		sealed, err := sealer.Seal(domain.Secret(s.fake.APIKey(name)), domain.UserID(id).String(), "wakatime_connections.access_token")
		if err != nil {
			b.Fatal(err)
		}
		rows[i] = []any{id, sealed}
		s.ids = append(s.ids, domain.UserID(id))
	}
	s.exec(b, `CREATE UNLOGGED TABLE keys_to_load (user_id uuid, sealed bytea)`)
	if _, err := s.pool.CopyFrom(b.Context(), pgx.Identifier{"keys_to_load"}, []string{"user_id", "sealed"}, pgx.CopyFromRows(rows)); err != nil {
		b.Fatal(err)
	}
	s.exec(b, `INSERT INTO wakatime_connections (user_id, kind, state, base_url, access_token, scopes, account_id, account_username, account_zone, account_plan, connected_at, last_synced_at, account_ref)
		SELECT a.user_id, 'api_key', 'connected', a.base_url, k.sealed, '{}', a.account_id, a.username, 'UTC', 'free', now() - interval '6 days', now(), a.ref
		FROM wakatime_accounts a JOIN keys_to_load k USING (user_id)`)
	s.exec(b, `DROP TABLE keys_to_load`)
	s.exec(b, `VACUUM ANALYZE`)
	s.exec(b, `CHECKPOINT`)
}

// counters are what a round is compared by.
type counters struct {
	wal  int64
	days int64 // rows of days that changed since the round began; the statistics of Postgres lag behind
}

func (s *syncSchool) counters(b *testing.B, since time.Time) (c counters) {
	b.Helper()
	err := s.pool.QueryRow(b.Context(), `SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn, (SELECT count(*) FROM days WHERE changed_at >= $1)`, since).Scan(&c.wal, &c.days)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// round runs one sync of each student. Page images after a checkpoint would say more
// about the size of the tables than about syncs, so they are off.
func (s *syncSchool) round(b *testing.B, name string, walGoal float64) {
	b.Helper()
	s.exec(b, `UPDATE wakatime_connections SET planned_night = NULL`)
	s.exec(b, `UPDATE wakatime_accounts SET checked_at = ARRAY(SELECT t - interval '1 day' FROM unnest(checked_at) t)`)
	s.exec(b, `VACUUM ANALYZE`)
	s.exec(b, `CHECKPOINT`)
	s.setting(b, `SET full_page_writes = off`)
	defer s.setting(b, `RESET full_page_writes`)

	start := time.Now()
	began := s.counters(b, start)
	locks := s.sample(b)
	s.run(b, func(id domain.UserID) error {
		// Not nightly: the weekly checks would find changes in older days.
		return s.app.Syncer.Sync(b.Context(), domain.System, id, domain.SyncRequest{Scope: domain.SyncOnDemand})
	})
	wall := time.Since(start)
	global, row := locks()
	ended := s.counters(b, start)
	wal := float64(ended.wal-began.wal) / float64(syncStudents)
	verdict := ""
	if wall > syncGoal || global > lockGoal || walGoal > 0 && (wal > walGoal || ended.days > began.days) {
		verdict = "  misses a goal"
	}
	fmt.Printf("%-28s %6.1f s %10.0f %10d %10.0f B %9.3f ms %9.3f ms%s\n", name, wall.Seconds(), float64(syncStudents)/wall.Seconds(), ended.days-began.days, wal, ms(global), ms(row), verdict)
}

// run calls sync for each student, with syncWorkers at a time.
func (s *syncSchool) run(b *testing.B, sync func(domain.UserID) error) {
	b.Helper()
	var next atomic.Int64
	errs := make(chan error, syncWorkers)
	for range syncWorkers {
		go func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(len(s.ids)) {
					errs <- nil
					return
				}
				if err := sync(s.ids[i]); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range syncWorkers {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
}

// sample samples what sessions wait for, until the returned function is called. That returns
// the average time that a sync waited for locks that all syncs share, and for rows.
func (s *syncSchool) sample(b *testing.B) (stop func() (global, row time.Duration)) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	var samples, globals, rows int64
	start := time.Now()
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			var global, row int64
			err := s.pool.QueryRow(ctx, `SELECT count(*) FILTER (WHERE wait_event = 'advisory'), count(*) FILTER (WHERE wait_event <> 'advisory')
				FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`).Scan(&global, &row)
			if err != nil {
				continue
			}
			samples, globals, rows = samples+1, globals+global, rows+row
			time.Sleep(sampleEvery)
		}
	}()
	return func() (global, row time.Duration) {
		cancel()
		<-done
		each := time.Since(start) / time.Duration(max(1, samples)) / time.Duration(syncStudents)
		return each * time.Duration(globals), each * time.Duration(rows)
	}
}

// setting changes a setting of the server and applies it.
func (s *syncSchool) setting(b *testing.B, change string) {
	b.Helper()
	s.exec(b, `ALTER SYSTEM `+change)
	s.exec(b, `SELECT pg_reload_conf()`)
}

func (s *syncSchool) exec(b *testing.B, sql string, args ...any) {
	b.Helper()
	if _, err := s.pool.Exec(context.WithoutCancel(b.Context()), sql, args...); err != nil {
		b.Fatalf("%v\n%s", err, sql)
	}
}
