package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

func TestClass_DaysAreFetchedInTheBackground(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	e.CreateAdmin(t, "operator@school.example")
	e.admin = e.signIn("operator@school.example")
	e.wakatimeUser("ada", "America/Chicago")
	e.wakatimeUser("ben", "America/Chicago")

	id, key := e.batch("Evening", "America/Chicago")
	ada, ben := e.register("Ada", key), e.register("Ben", key)
	e.connect(ada, "ada")
	e.connectByKey(ben, "ben")
	for c, username := range map[*client]string{&ada: "ada", &ben: "ben"} {
		if got := e.firstSync(*c); got.State != "connected" || got.Failure != nil || got.NextSyncAt == nil {
			t.Errorf("%s: %+v", username, got)
		}
		r := get[report](*c, "/me/days")
		e.isAccurate(r, username)
		if r.TimeZone != "America/Chicago" || len(r.Days) != 7 {
			t.Errorf("%s: %d days in %s; want the week before joining, in the time zone of the batch", username, len(r.Days), r.TimeZone)
		}
		if last := r.Days[len(r.Days)-1]; last.Day != e.today("America/Chicago").String() || last.State != "partial" {
			t.Errorf("%s: the last day is %s, %s; want today, which is partial", username, last.Day, last.State)
		}
		parts := 0
		for _, d := range r.Days {
			for _, p := range d.Languages {
				parts += p.Seconds
			}
			for _, m := range d.Machines {
				if !strings.HasPrefix(m.Name, "machine ") {
					t.Errorf("%s: %s shows the machine name %q", username, d.Day, m.Name)
				}
			}
		}
		if parts != r.Total.Seconds {
			t.Errorf("%s: the languages add up to %d seconds of %d", username, parts, r.Total.Seconds)
		}
	}
	if c := get[connection](ben, "/me/wakatime"); *c.Kind != "api_key" || *c.BaseURL != e.CompatURL() {
		t.Errorf("ben is connected by %s to %v", *c.Kind, deref(c.BaseURL))
	}
	e.checkReadModels(id, ada, ben)
	e.checkAuditLog(id, ada)
}

// checkReadModels compares what an admin reads about a class with the days of its students.
func (e *env) checkReadModels(batch string, ada, ben client) {
	e.t.Helper()
	a, b := get[report](ada, "/me/days"), get[report](ben, "/me/days")
	sum := a.Total.Seconds + b.Total.Seconds

	table := get[progress](e.admin, "/batches/"+batch+"/progress?from="+a.Days[0].Day)
	if table.Total.Seconds != sum || table.Total.Known != 12 || len(table.Items) != 2 || len(table.Days) != 7 {
		e.t.Fatalf("the progress: %+v; want %d seconds in 12 days", table, sum)
	}
	for i, r := range []report{a, b} {
		for j, d := range r.Days {
			if got := table.Items[i]; got.States[j] != d.State || *got.Seconds[j] != *d.Seconds {
				e.t.Errorf("%s on %s: %s, %v in the progress; want %s, %d", got.Name, d.Day, got.States[j], deref(got.Seconds[j]), d.State, *d.Seconds)
			}
		}
	}
	if c := get[batchCoverage](e.admin, "/batches/"+batch+"/coverage"); len(c.Gaps) != 0 || c.Total.Known != 12 || c.Total.Seconds != sum {
		e.t.Errorf("the coverage: %+v", c)
	}
	list := get[apiclient.Page[student]](e.admin, "/students?batch_id="+batch).Items
	if len(list) != 2 || list[0].ID != ada.ID || list[0].Connection != "connected" || list[0].LastWeek.Seconds != a.Total.Seconds {
		e.t.Errorf("the students: %+v", list)
	}
	if one := get[student](e.admin, "/students/"+ben.ID); one.LastWeek.Seconds != b.Total.Seconds {
		e.t.Errorf("ben: %+v", one)
	}
	d := get[dashboard](e.admin, "/admin/dashboard")
	if d.Users["student"] != 2 || d.Users["admin"] != 2 || d.ActiveBatches != 1 || d.StudentsConnected != 2 || d.JobsFailing != 0 ||
		d.Last7 != (codingTotal{sum, 12, 0}) || d.Last30 != d.Last7 || len(d.Newest) != 2 || d.Batches[0].LastWeek.Seconds != sum {
		e.t.Errorf("the dashboard: %+v; want %d seconds", d, sum)
	}
}

// checkAuditLog looks for the actions of a class in the audit log.
func (e *env) checkAuditLog(batch string, ada client) {
	e.t.Helper()
	var actions []string
	for _, entry := range get[apiclient.Page[auditEntry]](e.admin, "/audit-log?limit=100").Items {
		actions = append(actions, entry.ActorRole+" "+entry.Action)
	}
	for _, want := range []string{
		"system user.create", "admin session.start", "admin batch.create", "anyone account.register",
		"student wakatime.connect",
	} {
		if !slices.Contains(actions, want) {
			e.t.Errorf("the audit log has no %q: %q", want, actions)
		}
	}
	created := get[apiclient.Page[auditEntry]](e.admin, "/audit-log?action=batch.create&subject="+batch+"&actor_id="+e.admin.ID).Items
	if len(created) != 1 {
		e.t.Errorf("the audit log has %d entries about the creation of the batch", len(created))
	}
	if log := get[apiclient.Page[auditEntry]](e.admin, "/audit-log?actor_id="+ada.ID+"&action=wakatime.connect").Items; len(log) != 1 || log[0].Details["account"] != "ada" {
		e.t.Errorf("the audit log about ada's connection: %+v", log)
	}
	ada.Get("/audit-log").ExpectProblem(http.StatusForbidden, "forbidden")
}
