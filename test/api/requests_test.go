package api_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
	"github.com/gradus-dev/gradus/internal/wiring"
)

func TestPost_WithoutABodyIsAccepted(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	id, key := e.batch("Evening", "UTC")
	ada := e.students(key, 1)[0]
	e.wakatimeUser("ada", "UTC")
	e.connect(ada, "ada")
	user := e.member("Bystander")
	// Like fetch(url, {method: "POST"}), with neither a body nor a Content-Type.
	for _, tt := range []struct {
		c    client
		path string
		want int
	}{
		{ada, "/me/wakatime/authorization", http.StatusCreated},
		{ada, "/me/wakatime/sync", http.StatusAccepted},
		{e.admin, "/students/" + ada.ID + "/sync", http.StatusAccepted},
		{e.admin, "/users/" + user.ID + "/suspension", http.StatusOK},
		{e.admin, "/batches/" + id + "/registration-key/rotation", http.StatusOK},
		{e.admin, "/batches/" + id + "/archival", http.StatusOK},
		{ada, "/auth/logout", http.StatusNoContent},
	} {
		tt.c.Post(tt.path, nil).Expect(tt.want)
	}
	e.anonymous.Post("/auth/login", nil).ExpectProblem(http.StatusBadRequest, "malformed_request")
	e.anonymous.Do(apiclient.Request{Method: http.MethodPost, Path: "/auth/login", Body: "a=b", MediaType: "application/x-www-form-urlencoded"}).
		ExpectProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
}

// The schema rejects one field, a rule another: the form hears of both.
func TestForms_AreRejectedOnce(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	p := e.anonymous.Post("/auth/register", object{"email": "ada", "name": 7, "password": "passwordpassword"}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	var found []string
	for _, f := range p.Errors {
		found = append(found, f.Pointer+" "+f.Code)
	}
	if want := []string{"/email email_invalid", "/name wrong_type", "/password password_too_common"}; !slices.Equal(found, want) {
		t.Errorf("errors are %q, want %q", found, want)
	}
}

func TestDates_AreValidatedBeforeTheyReachWakaTime(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	ada := e.connected(shortLived, "ada")[0]
	e.Fake.ResetCalls()
	for _, value := range []string{
		"2040-03-01&api_key=x", "2040-03-01#", "2040-03-01/../../users/current", "2040-02-30", "20400301", "today", "2040-03-01T00:00:00Z",
		" 2040-03-01", "2040-3-1", "0000-00-00", "-1", "", "2040-03-01\r\nX-Injected: 1", "９-０１",
	} {
		for _, path := range []string{"/me/days", "/students/" + ada.ID + "/days", "/students/" + ada.ID + "/coverage"} {
			for _, name := range []string{"from", "to"} {
				ada.Get(path+"?"+name+"="+url.QueryEscape(value)).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
			}
		}
	}
	ada.Get("/me/days?from=2040-03-01&from=2040-03-02").ExpectProblem(http.StatusBadRequest, "malformed_request")
	ada.Get("/me/days?start=2040-03-01").ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	ada.Get("/me/days?from=2040-03-02&to=2040-03-01").ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	ada.Get("/me/days?from=2039-01-01&to=2040-03-01").ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	for _, zone := range []string{"UTC&api_key=x", "../etc/passwd", "Local", "", "America/Nowhere", "UTC\n"} {
		ada.Patch("/me", object{"time_zone": zone}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	}
	if n := e.Fake.Calls("", ""); n != 0 {
		t.Errorf("WakaTime was called %d times", n)
	}
}

func TestInternalErrors_HideDetails(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	id, _ := e.batch("Evening", "UTC")
	snapshot := e.Snapshot(t)
	e.Exec(t, `ALTER TABLE batches RENAME COLUMN description TO blurb`)
	e.Exec(t, `ALTER TABLE audit_entries RENAME TO audit_archive`)
	for _, path := range []string{"/batches", "/batches/" + id, "/audit-log"} {
		res := e.admin.Get(path)
		p := res.ExpectProblem(http.StatusInternalServerError, "internal")
		for _, word := range []string{"description", "batches b", "audit_entries", "column", "relation", "SQLSTATE", "42703", "42P01", "pgx", "postgres"} {
			if strings.Contains(string(res.Body), word) {
				t.Errorf("%s shows %q of the error: %s", path, word, res.Body)
			}
		}
		if log := e.Log.Of(p.RequestID); !strings.Contains(log, "SQLSTATE") || !strings.Contains(log, `"level":"ERROR"`) {
			t.Errorf("the log does not show the error of %s: %s", path, log)
		}
	}
	// A write fails with its audit entry.
	e.admin.Post("/batches/"+id+"/registration-key/rotation", nil).ExpectProblem(http.StatusInternalServerError, "internal")
	if changed := snapshot.Changed(t); len(changed) > 0 {
		t.Errorf("without an audit entry, the tables %q changed", changed)
	}
}

func TestMigrate_PreparesAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	server := testserver.Start(t)
	name := "test_empty_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	server.Exec(t, `CREATE DATABASE `+name)
	t.Cleanup(func() {
		if _, err := server.DB.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	empty := server.Replica(t, func(c *config.Config) { c.DatabaseURL = domain.Secret(u.String()) })
	e := envOf(t, empty)
	e.anonymous.Get(empty.Root + "/readyz").Expect(http.StatusServiceUnavailable)

	migrator, cleanup, err := wiring.NewMigrator(t.Context(), empty.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer cleanup()
	if n, err := migrator.Up(t.Context()); err != nil || n == 0 {
		t.Fatalf("%d migrations: %v", n, err)
	}
	e.anonymous.Get(empty.Root + "/readyz").Expect(http.StatusOK)
	e.CreateAdmin(t, "admin@school.example")
	e.admin = e.signIn("admin@school.example")
	_, key := e.batch("Evening", "UTC")
	e.wakatimeUser("ada", "UTC")
	ada := e.register("Ada", key)
	e.connect(ada, "ada")
	e.StartWorker(t)
	testserver.Eventually(t, "ada's days", func() bool { return get[report](ada, "/me/days").Total.Known == 6 }) // today has not ended
}
