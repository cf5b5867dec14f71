package faults_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

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

// A process that is killed in the middle of a sync loses no day and doubles none:
// the next one goes on with it within two minutes.
func TestKilledInTheMiddleOfASync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "America/Chicago", Activity: fakewaka.Activity{WeeklyHours: 20}})
	w.fake.SetScenario("ada", fakewaka.Scenario{Delay: 5 * time.Second, Only: "summaries"})
	first := w.serve(t)
	token := w.student(t, "ada")
	eventually(t, 30*time.Second, "the sync asks for summaries", func() error {
		if w.fake.Calls("ada", "summaries") == 0 {
			return errNotYet
		}
		return nil
	})
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	killed := time.Now()
	w.fake.SetScenario("ada", fakewaka.Scenario{})

	w.serve(t)
	var got days
	eventually(t, 125*time.Second, "all days are known", func() error {
		if _, err := w.get(token, w.api+"/me/days", &got); err != nil {
			return err
		}
		if got.Total.ExpectedDays == 0 || got.Total.KnownDays < got.Total.ExpectedDays {
			return fmt.Errorf("%d of %d days are known", got.Total.KnownDays, got.Total.ExpectedDays)
		}
		return nil
	})
	t.Logf("went on %v after the kill", time.Since(killed).Round(time.Second))
	w.compare(t, got, "America/Chicago")
}

// compare checks days against what the fake server says was coded.
func (w *world) compare(t *testing.T, got days, zone string) {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range got.Days[:len(got.Days)-1] { // today is still going on
		if seen[d.Day] {
			t.Errorf("%s stands twice", d.Day)
		}
		seen[d.Day] = true
		if want := w.fake.Seconds("ada", d.Day, loc); d.Seconds == nil || *d.Seconds != want {
			t.Errorf("%s: got %v seconds, want %d", d.Day, d.Seconds, want)
		}
	}
	if len(seen) < 6 {
		t.Errorf("only %d days to compare", len(seen))
	}
}

// While Postgres is away the answer is 503 and nothing else, and it is 200 again
// within two seconds after Postgres is back.
func TestPostgresStoppedAndStarted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve(t)
	var in struct{ Token string }
	must(t)(w.post("", "/auth/login", `{"email":"admin@school.example","password":"`+password+`"}`, &in))

	var mu sync.Mutex
	seen := map[int]int{}
	stop := make(chan struct{})
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				status, _ := w.get(in.Token, w.api+"/me", nil)
				mu.Lock()
				seen[status]++
				mu.Unlock()
			}
		})
	}
	if err := w.database.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "requests answer 503", func() error { return expect(w, in.Token, http.StatusServiceUnavailable) })
	status, err := w.post("", "/auth/login", `{"email":"admin@school.example","password":"`+password+`"}`, nil)
	if status != http.StatusServiceUnavailable {
		t.Errorf("signing in without a database: %d, %v", status, err)
	}
	w.startDatabase(t)
	up := time.Now()
	eventually(t, 2*time.Second, "requests answer 200 again", func() error { return expect(w, in.Token, http.StatusOK) })
	t.Logf("healthy %v after Postgres came back", time.Since(up).Round(time.Millisecond))
	close(stop)
	asking.Wait()
	for status, n := range seen {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Errorf("%d requests were answered %d", n, status)
		}
	}
	if seen[http.StatusServiceUnavailable] == 0 || seen[http.StatusOK] == 0 {
		t.Errorf("statuses %v prove nothing", seen)
	}
}

func expect(w *world, token string, want int) error {
	got, err := w.get(token, w.api+"/me", nil)
	if got != want {
		return fmt.Errorf("got %d: %w", got, err)
	}
	return nil
}

// A signal lets requests in flight finish, and ends the program without leaving a
// transaction open.
func TestStopsCleanly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cmd := w.serve(t)
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
	c, err := pgx.Connect(t.Context(), w.database.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	eventually(t, 5*time.Second, "no connection is left", func() error {
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
