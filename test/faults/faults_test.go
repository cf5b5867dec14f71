package faults_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// days is the part of a report that the tests check.
type days struct {
	Total struct {
		ExpectedDays int `json:"expected_days"`
		KnownDays    int `json:"known_days"`
		Seconds      int
	}
	Days []struct {
		Day     string
		State   string
		Seconds *int
	}
}

// A process that is killed during a sync leaves its job and its lease behind. Another
// process takes the job over when it has run for abandonedAfter, within takeoverLimit.
const (
	abandonedAfter = 75 * time.Second
	takeoverLimit  = 125 * time.Second
)

func TestKill_AnotherProcessFinishesTheSync(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "America/Chicago", Activity: fakewaka.Activity{WeeklyHours: 20}})
	e.fake.SetScenario("ada", fakewaka.Scenario{Delay: 5 * time.Second, Only: "summaries"})
	first := e.serve(t)
	ada := e.student("ada")
	eventually(t, 30*time.Second, "the sync fetches summaries", func() error {
		if e.fake.Calls("ada", "summaries") == 0 {
			return errNotYet
		}
		return nil
	})
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	killed := time.Now()
	e.fake.SetScenario("ada", fakewaka.Scenario{})
	e.age(t, abandonedAfter) // instead of waiting

	e.serve(t)
	var got days
	eventually(t, takeoverLimit-abandonedAfter, "all days are known", func() error {
		res, err := ada.Try(apiclient.Request{Method: http.MethodGet, Path: "/me/days"})
		if err != nil || !res.OK() {
			return fmt.Errorf("GET /me/days returned %d: %w", res.Status, err)
		}
		got = apiclient.Decode[days](res)
		if got.Total.ExpectedDays == 0 || got.Total.KnownDays < got.Total.ExpectedDays {
			return fmt.Errorf("%d of %d days are known", got.Total.KnownDays, got.Total.ExpectedDays)
		}
		return nil
	})
	t.Logf("took over %v after the kill", (time.Since(killed) + abandonedAfter).Round(time.Second))
	e.isAccurate(t, got, "America/Chicago")
}

// age makes running jobs and leases older.
func (e *env) age(t *testing.T, by time.Duration) {
	t.Helper()
	c := e.connect(t)
	for _, sql := range []string{
		`UPDATE gradus_river.river_job SET attempted_at = attempted_at - $1::interval WHERE state = 'running'`,
		`UPDATE wakatime_connections SET leased_until = leased_until - $1::interval WHERE leased_until IS NOT NULL`,
	} {
		if tag, err := c.Exec(t.Context(), sql, by); err != nil || tag.RowsAffected() != 1 {
			t.Fatalf("%s: %d rows, want 1: %v", sql, tag.RowsAffected(), err)
		}
	}
}

func (e *env) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), e.database.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// isAccurate compares days with those of the fake WakaTime server.
func (e *env) isAccurate(t *testing.T, got days, zone string) {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range got.Days[:len(got.Days)-1] { // today changes
		if seen[d.Day] {
			t.Errorf("%s occurs twice", d.Day)
		}
		seen[d.Day] = true
		if want := e.fake.Seconds("ada", d.Day, loc); d.Seconds == nil || *d.Seconds != want {
			t.Errorf("%s: got %v seconds, want %d", d.Day, d.Seconds, want)
		}
	}
	if len(seen) < 6 {
		t.Errorf("only %d days to compare", len(seen))
	}
}

// Without Postgres, requests return 503. Within two seconds after Postgres has started,
// they succeed again.
func TestPostgresRestart_RequestsRecover(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.serve(t)
	admin := e.admin()

	var mu sync.Mutex
	seen := map[int]int{}
	stop := make(chan struct{})
	var sending sync.WaitGroup
	for range 4 {
		sending.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				res, _ := admin.Try(apiclient.Request{Method: http.MethodGet, Path: "/me"})
				mu.Lock()
				seen[res.Status]++
				mu.Unlock()
			}
		})
	}
	if err := e.database.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "requests return 503", func() error { return expect(admin, http.StatusServiceUnavailable) })
	login := apiclient.Object{"email": admin.Email, "password": apiclient.Password}
	if res := e.client.Post("/auth/login", login); res.Status != http.StatusServiceUnavailable {
		t.Errorf("signing in without a database returned %d: %s", res.Status, res.Body)
	}
	e.startDatabase(t)
	started := time.Now()
	eventually(t, 2*time.Second, "requests return 200 again", func() error { return expect(admin, http.StatusOK) })
	t.Logf("recovered %v after the start of Postgres", time.Since(started).Round(time.Millisecond))
	close(stop)
	sending.Wait()
	for status, n := range seen {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Errorf("%d requests returned %d", n, status)
		}
	}
	if seen[http.StatusServiceUnavailable] == 0 || seen[http.StatusOK] == 0 {
		t.Errorf("statuses %v prove nothing", seen)
	}
}

// A signal ends the program without errors and without open connections.
func TestInterrupt_StopsCleanly(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	cmd := e.serve(t)
	if err := cmd.Process.Signal(interrupt); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the program ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the program does not stop")
	}
	c := e.connect(t)
	eventually(t, 5*time.Second, "all connections are closed", func() error {
		var n int
		if err := c.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gradus'`).Scan(&n); err != nil {
			return err
		}
		if n != 0 {
			return fmt.Errorf("%d connections", n)
		}
		return nil
	})
}
