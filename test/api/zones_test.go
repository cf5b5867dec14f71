package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func TestDaysAreCutInTheZoneOfTheBatch(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	// In the weeks that follow the clocks of Chicago and London go forward, and those of
	// Lord Howe go back by half an hour.
	zones := []string{"Asia/Kathmandu", "America/Chicago", "Europe/London", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Apia"}
	people := s.crowd(len(zones))
	for i, zone := range zones {
		_, key := s.batch(zone, zone)
		people[i].post("/me/enrolment", obj{"registration_key": key}).is(http.StatusCreated)
		s.coder(zone, "UTC")
		s.connect(people[i], zone)
		s.settled(people[i])
		s.honest(read[report](people[i], "/me/days"), zone)
	}

	s.Clock.Set(time.Date(2040, time.April, 3, 20, 0, 0, 0, time.UTC))
	for i, zone := range zones {
		c := s.session(people[i].id, people[i].email)
		s.sync(c)
		r := read[report](c, "/me/days")
		s.honest(r, zone)
		last, loc := r.Days[len(r.Days)-1], domain.TimeZone(zone).Location()
		if last.Day != s.today(zone).String() || len(r.Days) < 26 {
			t.Errorf("%s: %d days, the last is %s", zone, len(r.Days), last.Day)
		}
		differ := 0
		for _, d := range r.Days {
			if deref(d.TimeZone) != zone || d.Reason != nil {
				t.Errorf("%s: %s was cut in %v", zone, d.Day, deref(d.TimeZone))
			}
			if s.Fake.Seconds(zone, d.Day, loc) != s.Fake.Seconds(zone, d.Day, time.UTC) {
				differ++
			}
		}
		if zone != "Europe/London" && differ == 0 {
			t.Errorf("%s: this person codes so that the zone makes no difference", zone)
		}
	}
}

func TestAMemberOfNoBatchHasDaysInTheirOwnZone(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	s.coder("ada", "UTC")
	ada := s.crowd(1)[0]
	ada.patch("/me", obj{"time_zone": "Asia/Kathmandu"}).is(http.StatusOK)
	s.connect(ada, "ada")
	s.settled(ada)
	r := read[report](ada, "/me/days")
	if s.honest(r, "ada"); r.TimeZone != "Asia/Kathmandu" {
		t.Errorf("the days are cut in %s", r.TimeZone)
	}
}

func TestDaysAreCutAnewWhenTheZoneChanges(t *testing.T) {
	t.Parallel()
	s, ada, batch := oneStudent(t)
	s.Clock.Advance(10 * 24 * time.Hour)
	ada = s.session(ada.id, ada.email)
	s.admin = s.session(s.admin.id, s.admin.email)
	s.sync(ada)
	before := read[report](ada, "/me/days")

	asked := func() int { return len(s.Strings(t, `SELECT id::text FROM river_job WHERE kind = 'tracking.sync'`)) }
	jobs := asked()
	s.admin.patch("/batches/"+batch, obj{"time_zone": "Asia/Kathmandu"}).is(http.StatusOK)
	stale := read[report](ada, "/me/days")
	for _, d := range stale.Days[1 : len(stale.Days)-1] {
		if deref(d.Reason) != "other_time_zone" {
			t.Errorf("%s is cut in %v, and nothing says so: %v", d.Day, deref(d.TimeZone), deref(d.Reason))
		}
	}
	if n := asked(); n != jobs+1 {
		t.Errorf("%d syncs were asked for", n-jobs)
	}
	// A sync that is asked for while the batch's own one runs would have a follow-up, which
	// the count of calls below must not see.
	testserver.Eventually(t, "the sync that the batch asked for", func() bool {
		s.NotifyWorkers(t)
		return len(s.Strings(t, `SELECT id::text FROM river_job WHERE kind = 'tracking.sync' AND state IN ('available', 'running')`)) == 0
	})
	s.sync(ada)
	after := read[report](ada, "/me/days")
	s.honest(after, "ada")
	for _, d := range after.Days {
		if deref(d.TimeZone) != "Asia/Kathmandu" {
			t.Errorf("%s is still cut in %v", d.Day, deref(d.TimeZone))
		}
	}
	if len(after.Days) < 17 || after.Days[5].Seconds == before.Days[5].Seconds {
		t.Errorf("%d days after %d", len(after.Days), len(before.Days))
	}
	if m := read[progress](s.admin, "/batches/"+batch+"/progress"); m.TimeZone != "Asia/Kathmandu" || m.Total.Seconds != after.Total.Seconds {
		t.Errorf("the matrix: %+v, want %d seconds", m.Total, after.Total.Seconds)
	}
	calls := s.Fake.Calls("ada", "summaries")
	s.sync(ada)
	if n := s.Fake.Calls("ada", "summaries") - calls; n != 1 {
		t.Errorf("when everything is cut anew, a run asks %d times", n)
	}
}

func TestAServerThatIgnoresTheZoneShows(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	batch, key := s.batch("Evening", "Asia/Kathmandu")
	ada := s.students(key, 1)[0]
	s.coder("ada", "America/Chicago")
	s.Fake.SetScenario("ada", fakewaka.Scenario{IgnoreTimezone: true})
	s.connect(ada, "ada")
	s.settled(ada)
	chicago := domain.TimeZone("America/Chicago").Location()
	for _, path := range []string{"/students/" + ada.id + "/coverage", "/me/days"} {
		r := read[report](ada, path)
		known := 0
		for _, d := range r.Days {
			if d.Seconds == nil {
				continue
			}
			known++
			if deref(d.Reason) != "other_time_zone" || deref(d.TimeZone) != "America/Chicago" || *d.Seconds != s.Fake.Seconds("ada", d.Day, chicago) {
				t.Errorf("%s: %s in %v: %v, %d seconds", path, d.Day, deref(d.TimeZone), deref(d.Reason), *d.Seconds)
			}
		}
		if known < 6 {
			t.Errorf("%s: %d days are known", path, known)
		}
	}
	gaps := read[batchCoverage](s.admin, "/batches/"+batch+"/coverage").Gaps
	if len(gaps) != 1 || deref(gaps[0].Reason) != "other_time_zone" {
		t.Errorf("the class does not show it: %+v", gaps)
	}
}
