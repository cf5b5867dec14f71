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
	now  func() time.Time // the clock of the server
	ids  []domain.UserID
}

// BenchmarkSyncs syncs every student five times: for the first time, with changes in the last
// seven days and without changes, and the last two in a night, from the planner through River to
// its workers. Everything runs in this process but Postgres, so that the fake WakaTime server
// takes a part of the CPU.
func BenchmarkSyncs(b *testing.B) {
	s := startSyncs(b)
	for range b.N {
		fmt.Printf("\n%d students, %d workers, an upstream that takes %v\n\n%-28s %8s %8s %8s %10s %9s %9s %11s %10s\n", syncStudents, syncWorkers, upstreamDelay,
			"", "wall", "syncs/s", "days", "WAL/sync", "CPU", "Postgres", "global lock", "row lock")
		s.round(b, "first sync, 14 new days", 0, s.directly)
		s.fake.SetScenario("", fakewaka.Scenario{Delay: upstreamDelay, ScaleSeconds: 0.5})
		s.round(b, "7 changed days", 0, s.directly)
		s.round(b, "no change", walGoal, s.directly)
		s.fake.SetScenario("", fakewaka.Scenario{Delay: upstreamDelay, ScaleSeconds: 0.6})
		s.round(b, "a night with changes", 0, s.throughRiver)
		s.round(b, "a night without changes", 0, s.throughRiver)
		fmt.Println("\nCPU is that of this process, with the fake server, and of Postgres, per sync. Waits for locks are\nwhat pg_stat_activity shows every 20 ms, per sync: advisory locks are global, the others are for rows.")
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
	// Noon: the nightly syncs of the day are due. The fake server's clock stands still, so that
	// today does not change by itself.
	now := time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)
	ahead := time.Until(now)
	clock := func() time.Time { return time.Now().Add(ahead).UTC().Truncate(time.Microsecond) }
	s := &syncSchool{now: clock, fake: fakewaka.New(fakewaka.Config{Seed: 1, Now: func() time.Time { return now }})}
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
		"GRADUS_DATABASE_MAX_CONNS=40", "GRADUS_WAKATIME_API_URL=" + upstream.URL + "/api/v1", "GRADUS_WAKATIME_ALLOWED_BASE_URLS=" + upstream.URL + "/api/v1",
		"GRADUS_WAKATIME_REQUESTS_PER_SECOND=100000", "GRADUS_WAKATIME_USER_REQUESTS_PER_SECOND=1000",
	}, config.NeedDatabase, config.NeedSecrets)
	if err != nil {
		b.Fatal(err)
	}
	app, closeApp, err := wiring.NewApp(b.Context(), cfg, wiring.SystemRuntime().WithClock(clock), slog.New(slog.DiscardHandler))
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

// round measures one sync of each student. Page images after a checkpoint would say more
// about the size of the tables than about syncs, so they are off.
func (s *syncSchool) round(b *testing.B, name string, walGoal float64, syncAll func(*testing.B) string) {
	b.Helper()
	s.exec(b, `UPDATE wakatime_connections SET planned_night = NULL`)
	s.exec(b, `UPDATE wakatime_accounts SET checked_at = ARRAY(SELECT t - interval '1 day' FROM unnest(checked_at) t)`)
	s.exec(b, `VACUUM ANALYZE`)
	s.exec(b, `CHECKPOINT`)
	s.setting(b, `SET full_page_writes = off`)
	defer s.setting(b, `RESET full_page_writes`)

	start, since := time.Now(), s.now()
	began := s.counters(b, since)
	locks := s.sample(b)
	ours, theirs := processTime(b), postgresTime(b, s.pool)
	waits := syncAll(b)
	wall := time.Since(start)
	ours, theirs = processTime(b)-ours, postgresTime(b, s.pool)-theirs
	global, row := locks()
	ended := s.counters(b, since)
	wal := float64(ended.wal-began.wal) / float64(syncStudents)
	verdict := ""
	if wall > syncGoal || global > lockGoal || walGoal > 0 && (wal > walGoal || ended.days > began.days) {
		verdict = "  misses a goal"
	}
	each := func(t time.Duration) float64 { return ms(t) / float64(syncStudents) }
	fmt.Printf("%-28s %6.1f s %8.0f %8d %8.0f B %6.2f ms %6.2f ms %8.3f ms %7.3f ms%s%s\n", name, wall.Seconds(), float64(syncStudents)/wall.Seconds(),
		ended.days-began.days, wal, each(ours), each(theirs), ms(global), ms(row), waits, verdict)
}

// directly calls the use case. It requests no nightly syncs: their weekly checks would find
// changes in older days.
func (s *syncSchool) directly(b *testing.B) (waits string) {
	b.Helper()
	s.run(b, func(id domain.UserID) error {
		return s.app.Syncer.Sync(b.Context(), domain.System, id, domain.SyncRequest{Scope: domain.SyncOnDemand})
	})
	return ""
}

// throughRiver plans the nightly syncs, makes all of them due at once instead of over an hour,
// and runs them. It returns how long they were due before they started.
func (s *syncSchool) throughRiver(b *testing.B) (waits string) {
	b.Helper()
	s.exec(b, `DELETE FROM gradus_river.river_job`)
	if _, err := s.app.Planner.Plan(b.Context(), domain.System); err != nil {
		b.Fatal(err)
	}
	s.exec(b, `UPDATE gradus_river.river_job SET scheduled_at = now(), state = 'available'`)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	if err := s.app.Worker.Start(ctx); err != nil {
		b.Fatal(err)
	}
	const nightly = ` FROM gradus_river.river_job WHERE kind = 'tracking.sync' AND args->>'scope' = 'nightly'`
	for done := 0; done < syncStudents; time.Sleep(sampleEvery) {
		if err := s.pool.QueryRow(b.Context(), `SELECT count(*) FILTER (WHERE state = 'completed')`+nightly).Scan(&done); err != nil {
			b.Fatal(err)
		}
	}
	var p50, p95 float64
	if err := s.pool.QueryRow(b.Context(), `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY w), percentile_cont(0.95) WITHIN GROUP (ORDER BY w)
		FROM (SELECT extract(epoch FROM attempted_at - scheduled_at) AS w`+nightly+`) x`).Scan(&p50, &p95); err != nil {
		b.Fatal(err)
	}
	if err := s.app.Worker.Stop(b.Context()); err != nil {
		b.Fatal(err)
	}
	return fmt.Sprintf("  started after %.1f s (p50), %.1f s (p95)", p50, p95)
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
