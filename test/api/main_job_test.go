package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestAClassWhoseDaysArriveByThemselves(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	s.coder("ada", "America/Chicago")
	s.coder("ben", "America/Chicago")

	id, key := s.batch("Evening", "America/Chicago")
	ada, ben := s.register("Ada", key), s.register("Ben", key)
	s.connect(ada, "ada")
	s.connectByKey(ben, "ben")
	for c, username := range map[*client]string{&ada: "ada", &ben: "ben"} {
		if got := s.settled(*c); got.State != "connected" || got.Failure != nil || got.NextSyncAt == nil {
			t.Errorf("%s: %+v", username, got)
		}
		r := read[report](*c, "/me/days")
		s.honest(r, username)
		if r.TimeZone != "America/Chicago" || len(r.Days) != 7 {
			t.Errorf("%s: %d days in %s; want the week before joining, in the batch's zone", username, len(r.Days), r.TimeZone)
		}
		if last := r.Days[len(r.Days)-1]; last.Day != s.today("America/Chicago").String() || last.Final {
			t.Errorf("%s: the last day is %s, final %t; want today, which is not over", username, last.Day, last.Final)
		}
		parts := 0
		for _, d := range r.Days {
			for _, p := range d.Languages {
				parts += p.Seconds
			}
			for _, m := range d.Machines {
				if !strings.HasPrefix(m.Name, "machine ") {
					t.Errorf("%s: %s tells the name of the machine %q", username, d.Day, m.Name)
				}
			}
		}
		if parts != r.Total.Seconds {
			t.Errorf("%s: the languages add up to %d seconds of %d", username, parts, r.Total.Seconds)
		}
	}
	if kind := read[connection](ben, "/me/wakatime"); *kind.Kind != "api_key" || *kind.BaseURL != s.CompatURL() {
		t.Errorf("ben is connected by %s at %v", *kind.Kind, deref(kind.BaseURL))
	}
	s.seesTheClass(id, ada, ben)
	s.seesWhatHappened(id, ada)
}

// seesTheClass looks at the class as the admin does.
func (s *school) seesTheClass(batch string, ada, ben client) {
	s.t.Helper()
	a, b := read[report](ada, "/me/days"), read[report](ben, "/me/days")
	sum := a.Total.Seconds + b.Total.Seconds

	matrix := read[progress](s.admin, "/batches/"+batch+"/progress?from="+a.Days[0].Day)
	if matrix.Total.Seconds != sum || matrix.Total.Known != 14 || len(matrix.Items) != 2 || len(matrix.Days) != 7 {
		s.t.Fatalf("the matrix: %+v; want %d seconds of 14 days", matrix, sum)
	}
	for i, r := range []report{a, b} {
		for j, d := range r.Days {
			if got := matrix.Items[i]; got.States[j] != d.State || *got.Seconds[j] != *d.Seconds {
				s.t.Errorf("%s on %s: %s, %v in the matrix; want %s, %d", got.Name, d.Day, got.States[j], deref(got.Seconds[j]), d.State, *d.Seconds)
			}
		}
	}
	if c := read[batchCoverage](s.admin, "/batches/"+batch+"/coverage"); len(c.Gaps) != 0 || c.Total.Known != 14 || c.Total.Seconds != sum {
		s.t.Errorf("the coverage: %+v", c)
	}
	list := read[page[student]](s.admin, "/students?batch_id="+batch).Items
	if len(list) != 2 || list[0].ID != ada.id || list[0].Connection != "connected" || list[0].LastWeek.Seconds != a.Total.Seconds {
		s.t.Errorf("the students: %+v", list)
	}
	if one := read[student](s.admin, "/students/"+ben.id); one.LastWeek.Seconds != b.Total.Seconds {
		s.t.Errorf("ben: %+v", one)
	}
	d := read[dashboard](s.admin, "/admin/dashboard")
	if d.Users["student"] != 2 || d.Users["admin"] != 1 || d.ActiveBatches != 1 || d.StudentsConnected != 2 || d.JobsFailing != 0 ||
		d.Last7 != (codingTotal{sum, 14, 0}) || d.Last30 != d.Last7 || len(d.Newest) != 2 || d.Batches[0].LastWeek.Seconds != sum {
		s.t.Errorf("the dashboard: %+v; want %d seconds", d, sum)
	}
}

// seesWhatHappened looks for what the class did in the audit log.
func (s *school) seesWhatHappened(batch string, ada client) {
	s.t.Helper()
	var actions []string
	for _, e := range read[page[auditEntry]](s.admin, "/audit-log?limit=100").Items {
		actions = append(actions, e.ActorRole+" "+e.Action)
	}
	for _, want := range []string{
		"system user.create", "admin session.start", "admin batch.create", "anyone account.register",
		"student wakatime.connect", "system tracking.record",
	} {
		if !slices.Contains(actions, want) {
			s.t.Errorf("the audit log has no %q: %q", want, actions)
		}
	}
	opened := read[page[auditEntry]](s.admin, "/audit-log?action=batch.create&subject="+batch+"&actor_id="+s.admin.id).Items
	if len(opened) != 1 {
		s.t.Errorf("the batch was opened %d times", len(opened))
	}
	if log := read[page[auditEntry]](s.admin, "/audit-log?actor_id="+ada.id+"&action=wakatime.connect").Items; len(log) != 1 || log[0].Details["account"] != "ada" {
		s.t.Errorf("ada's connection in the audit log: %+v", log)
	}
	ada.get("/audit-log").fails(http.StatusForbidden, "forbidden")
}
