package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func TestTimeZone_DaysFollowTheBatch(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	// In the following weeks, daylight saving time begins in Chicago and London. On Lord
	// Howe Island it ends, by half an hour.
	zones := []string{"Asia/Kathmandu", "America/Chicago", "Europe/London", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Apia"}
	users := e.members(len(zones))
	for i, zone := range zones {
		_, key := e.batch(zone, zone)
		users[i].Join(key)
		e.wakatimeUser(zone, "UTC")
		e.connect(users[i], zone)
		e.firstSync(users[i])
		e.isAccurate(get[report](users[i], "/me/days"), zone)
	}

	e.Clock.Set(time.Date(2040, time.April, 3, 20, 0, 0, 0, time.UTC))
	for i, zone := range zones {
		c := e.session(users[i].Email)
		e.sync(c)
		r := get[report](c, "/me/days")
		e.isAccurate(r, zone)
		last, loc := r.Days[len(r.Days)-1], domain.TimeZone(zone).Location()
		if last.Day != e.today(zone).String() || len(r.Days) < 26 {
			t.Errorf("%s: %d days, the last is %s", zone, len(r.Days), last.Day)
		}
		differ := 0
		for _, d := range r.Days {
			if deref(d.TimeZone) != zone || d.Reason != nil {
				t.Errorf("%s: %s is of the time zone %v", zone, d.Day, deref(d.TimeZone))
			}
			if e.Fake.Seconds(zone, d.Day, loc) != e.Fake.Seconds(zone, d.Day, time.UTC) {
				differ++
			}
		}
		if zone != "Europe/London" && differ == 0 {
			t.Errorf("%s: the days of this user do not depend on the time zone", zone)
		}
	}
}

func TestTimeZone_DaysOfAMemberFollowTheAccount(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	e.wakatimeUser("ada", "UTC")
	ada := e.members(1)[0]
	ada.Patch("/me", object{"time_zone": "Asia/Kathmandu"}).Expect(http.StatusOK)
	e.connect(ada, "ada")
	e.firstSync(ada)
	r := get[report](ada, "/me/days")
	if e.isAccurate(r, "ada"); r.TimeZone != "Asia/Kathmandu" {
		t.Errorf("the days are of the time zone %s", r.TimeZone)
	}
}

func TestTimeZone_DaysAreFetchedAgainAfterAChange(t *testing.T) {
	t.Parallel()
	e, ada, batch := oneStudent(t)
	e.Clock.Advance(10 * 24 * time.Hour)
	ada = e.session(ada.Email)
	e.admin = e.session(e.admin.Email)
	e.sync(ada)
	before := get[report](ada, "/me/days")

	syncs := func() int {
		return len(e.Strings(t, `SELECT id::text FROM gradus_river.river_job WHERE kind = 'tracking.sync'`))
	}
	jobs := syncs()
	// Without the lock, the sync after the change could be faster than the next request.
	lock, err := e.DB.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := lock.Exec(t.Context(), `SELECT FROM wakatime_connections WHERE user_id = $1 FOR UPDATE`, ada.ID); err != nil {
		t.Fatal(err)
	}
	e.admin.Patch("/batches/"+batch, object{"time_zone": "Asia/Kathmandu"}).Expect(http.StatusOK)
	stale := get[report](ada, "/me/days")
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, d := range stale.Days[1 : len(stale.Days)-1] {
		if deref(d.Reason) != "other_time_zone" {
			t.Errorf("%s of the time zone %v is not marked: %v", d.Day, deref(d.TimeZone), deref(d.Reason))
		}
	}
	if n := syncs(); n != jobs+1 {
		t.Errorf("%d syncs were enqueued", n-jobs)
	}
	// A sync requested while that of the batch runs would be followed by another one, which
	// the count of calls below must not include.
	testserver.Eventually(t, "the sync after the change of the batch", func() bool {
		e.NotifyWorkers(t)
		return len(e.Strings(t, `SELECT id::text FROM gradus_river.river_job WHERE kind = 'tracking.sync' AND state IN ('available', 'running')`)) == 0
	})
	e.sync(ada)
	after := get[report](ada, "/me/days")
	e.isAccurate(after, "ada")
	for _, d := range after.Days {
		if deref(d.TimeZone) != "Asia/Kathmandu" {
			t.Errorf("%s is still of the time zone %v", d.Day, deref(d.TimeZone))
		}
	}
	if len(after.Days) < 17 || after.Days[5].Seconds == before.Days[5].Seconds {
		t.Errorf("%d days after %d", len(after.Days), len(before.Days))
	}
	if m := get[progress](e.admin, "/batches/"+batch+"/progress"); m.TimeZone != "Asia/Kathmandu" || m.Total.Seconds != after.Total.Seconds {
		t.Errorf("the progress: %+v, want %d seconds", m.Total, after.Total.Seconds)
	}
	calls := e.Fake.Calls("ada", "summaries")
	e.sync(ada)
	if n := e.Fake.Calls("ada", "summaries") - calls; n != 1 {
		t.Errorf("the next sync called WakaTime %d times", n)
	}
}

func TestTimeZone_IgnoredByWakaTimeIsReported(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	batch, key := e.batch("Evening", "Asia/Kathmandu")
	ada := e.students(key, 1)[0]
	e.wakatimeUser("ada", "America/Chicago")
	e.Fake.SetScenario("ada", fakewaka.Scenario{IgnoreTimezone: true})
	e.connect(ada, "ada")
	e.firstSync(ada)
	chicago := domain.TimeZone("America/Chicago").Location()
	for _, path := range []string{"/students/" + ada.ID + "/coverage", "/me/days"} {
		r := get[report](ada, path)
		known := 0
		for _, d := range r.Days {
			if d.Seconds == nil {
				continue
			}
			known++
			if deref(d.Reason) != "other_time_zone" || deref(d.TimeZone) != "America/Chicago" || *d.Seconds != e.Fake.Seconds("ada", d.Day, chicago) {
				t.Errorf("%s: %s in %v: %v, %d seconds", path, d.Day, deref(d.TimeZone), deref(d.Reason), *d.Seconds)
			}
		}
		if known < 6 {
			t.Errorf("%s: %d days are known", path, known)
		}
	}
	gaps := get[batchCoverage](e.admin, "/batches/"+batch+"/coverage").Gaps
	if len(gaps) != 1 || deref(gaps[0].Reason) != "other_time_zone" {
		t.Errorf("the coverage of the batch does not show it: %+v", gaps)
	}
}
