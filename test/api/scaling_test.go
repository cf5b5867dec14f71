package api_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
)

var updateScaling = flag.Bool("update-scaling", false, "write the table of docs/operate/scaling.md")

// yardstickMost is the most requests that measuring the yardstick takes.
const yardstickMost = 5

// load is what one student of a running batch costs their server.
type load struct{ first, hourly, daily, nightly, most float64 }

// measureLoad plans and counts the requests of one student over eight weeks, from the 300th
// day after enrolment, of which every request succeeds.
func measureLoad(user domain.UserID) (l load) {
	const age, start, nights = 300, 35, 28
	began := time.Date(2026, 1, 5, 0, 30, 0, 0, time.UTC)
	enrolled := domain.UTC.Today(began) - age
	c := domain.Connection{User: user, Ref: 1, State: domain.Connected}
	candidate := domain.SyncCandidate{User: user, TimeZone: domain.UTC, Active: true}
	requests := func(q domain.SyncRequest, now time.Time) float64 {
		today := domain.UTC.Today(now)
		who := domain.TrackedUser{User: user, TimeZone: domain.UTC, Active: true, Today: today, Tracked: domain.DayRange{From: enrolled - 7, To: today}}
		var rows []domain.DailySummary
		for d := who.Candidates(q).From; d < today && c.LastSyncedAt != nil; d++ {
			rows = append(rows, domain.DailySummary{Day: d, State: domain.DayOK, Seconds: new(60), TimeZone: "UTC", Account: 1})
		}
		chunks := domain.Chunks(who.DaysToFetch(q, rows, c, now))
		for _, days := range chunks {
			c.Checks = c.Checks.Add(days, now)
		}
		n := float64(len(chunks))
		if who.MeasuresYardstick(q, c) {
			n += yardstickMost
		}
		c.LastSyncedAt = &now
		return n
	}
	for hour := range (start + nights) * 24 {
		now := began.Add(time.Duration(hour) * time.Hour)
		planned, ok := candidate.Plan(now)
		if !ok {
			continue
		}
		n := requests(planned.SyncRequest, now)
		if planned.Scope == domain.SyncNightly {
			candidate.PlannedNight = &planned.Night
		}
		switch {
		case hour < start*24:
		case planned.Scope == domain.SyncNightly:
			l.nightly, l.most, l.daily = l.nightly+n/nights, max(l.most, n), l.daily+n/nights
		default:
			l.hourly, l.daily = max(l.hourly, n), l.daily+n/nights
		}
	}
	c.Checks, c.LastSyncedAt = nil, nil
	l.first = requests(domain.SyncRequest{Scope: domain.SyncOnDemand}, began.AddDate(0, 0, 365-age))
	return l
}

func TestScaling_DocumentsTheComputedLimits(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load([]string{"GRADUS_DATABASE_URL=postgres://localhost/x"}, config.NeedDatabase)
	if err != nil {
		t.Fatal(err)
	}
	var l load
	const users = 28 // whose weekly and monthly nights differ
	for i := range users {
		one := measureLoad(domain.UserID{byte(i * 37), byte(i), 15: byte(i * 11)})
		l.first, l.hourly, l.most = one.first, max(l.hourly, one.hourly), max(l.most, one.most)
		l.daily, l.nightly = l.daily+one.daily/users, l.nightly+one.nightly/users
	}
	if l.hourly != 1 || l.nightly < 1 {
		t.Fatalf("%+v", l)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| one student costs | requests |\n| --- | --- |\n| first sync of a year | %.0f |\n| each hour | %.0f |\n| each night, on average | %.2f |\n| the largest night | %.0f |\n| each day, on average | %.1f |\n\n", l.first, l.hourly, l.nightly, l.most, l.daily)
	fmt.Fprintf(&b, "| requests per second | students, if the nights of one time zone take an hour | students, by requests per day | first sync of a year, 1,000 students |\n| --- | --- | --- | --- |\n")
	for _, rate := range []float64{cfg.WakaTime.RequestsPerSec, 2 * cfg.WakaTime.RequestsPerSec, 4 * cfg.WakaTime.RequestsPerSec} {
		fmt.Fprintf(&b, "| %.0f | %.0f | %.0f | %.1f hours |\n", rate, round100(rate*3600/l.nightly), round100(rate*86400/l.daily), 1000*l.first/rate/3600)
	}
	const path, from, to = "../../docs/operate/scaling.md", "<!-- computed -->\n\n", "<!-- end -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), from)
	table, tail, found := strings.Cut(rest, to)
	if !ok || !found {
		t.Fatal("scaling.md has no table")
	}
	if *updateScaling {
		if err := os.WriteFile(path, []byte(head+from+b.String()+"\n"+to+tail), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table, b.String()+"\n"); diff != "" {
		t.Errorf("docs/operate/scaling.md is out of date; run go test ./test/api -run Scaling -update-scaling:\n%s", diff)
	}
}

func round100(n float64) float64 { return float64(int(n/100) * 100) }
