package api_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
	"github.com/gradus-dev/gradus/internal/wiring"
)

func TestPostsWithoutABodyAreTaken(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	id, key := s.batch("Evening", "UTC")
	ada := s.students(key, 1)[0]
	s.coder("ada", "UTC")
	s.connect(ada, "ada")
	user := s.register("Bystander", "")
	// As fetch(url, {method: "POST"}) does: neither a body nor a Content-Type.
	for _, tt := range []struct {
		by   client
		path string
		want int
	}{
		{ada, "/me/wakatime/authorization", http.StatusCreated},
		{ada, "/me/wakatime/sync", http.StatusAccepted},
		{s.admin, "/students/" + ada.id + "/sync", http.StatusAccepted},
		{s.admin, "/users/" + user.id + "/suspension", http.StatusOK},
		{s.admin, "/batches/" + id + "/registration-key/rotation", http.StatusOK},
		{s.admin, "/batches/" + id + "/archival", http.StatusOK},
		{ada, "/auth/logout", http.StatusNoContent},
	} {
		tt.by.send(http.MethodPost, tt.path, nil, http.Header{"Authorization": {"Bearer " + tt.by.token}}).is(tt.want)
	}
	s.anonymous().send(http.MethodPost, "/auth/login", nil, http.Header{}).fails(http.StatusBadRequest, "malformed_request")
	s.anonymous().send(http.MethodPost, "/auth/login", strings.NewReader("a=b"), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}).
		fails(http.StatusUnsupportedMediaType, "unsupported_media_type")
}

func TestNothingOfARequestReachesTheUpstreamURL(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	ada := s.connected(shortLived, "ada")[0]
	s.Fake.ResetCalls()
	for _, value := range []string{
		"2040-03-01&api_key=x", "2040-03-01#", "2040-03-01/../../users/current", "2040-02-30", "20400301", "today", "2040-03-01T00:00:00Z",
		" 2040-03-01", "2040-3-1", "0000-00-00", "-1", "", "2040-03-01\r\nX-Injected: 1", "９-０１",
	} {
		for _, path := range []string{"/me/days", "/students/" + ada.id + "/days", "/students/" + ada.id + "/coverage"} {
			for _, name := range []string{"from", "to"} {
				ada.get(path+"?"+name+"="+url.QueryEscape(value)).fails(http.StatusUnprocessableEntity, "invalid_request")
			}
		}
	}
	ada.get("/me/days?from=2040-03-01&from=2040-03-02").fails(http.StatusBadRequest, "malformed_request")
	ada.get("/me/days?start=2040-03-01").fails(http.StatusUnprocessableEntity, "invalid_request")
	ada.get("/me/days?from=2040-03-02&to=2040-03-01").fails(http.StatusUnprocessableEntity, "invalid_request")
	ada.get("/me/days?from=2039-01-01&to=2040-03-01").fails(http.StatusUnprocessableEntity, "invalid_request")
	for _, zone := range []string{"UTC&api_key=x", "../etc/passwd", "Local", "", "America/Nowhere", "UTC\n"} {
		ada.patch("/me", obj{"time_zone": zone}).fails(http.StatusUnprocessableEntity, "invalid_request")
	}
	if n := s.Fake.Calls("", ""); n != 0 {
		t.Errorf("upstream was asked %d times", n)
	}
}

func TestFaultsTellNothing(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	id, _ := s.batch("Evening", "UTC")
	s.Exec(t, `ALTER TABLE batches RENAME COLUMN description TO blurb`)
	s.Exec(t, `ALTER TABLE audit_entries RENAME TO audit_archive`)
	for _, path := range []string{"/batches", "/batches/" + id, "/audit-log"} {
		a := s.admin.get(path)
		p := a.fails(http.StatusInternalServerError, "internal")
		for _, word := range []string{"description", "batches b", "audit_entries", "column", "relation", "SQLSTATE", "42703", "42P01", "pgx", "postgres"} {
			if strings.Contains(string(a.body), word) {
				t.Errorf("%s tells %q of the fault: %s", path, word, a.body)
			}
		}
		var told bool
		for line := range strings.Lines(s.Log.String()) {
			told = told || strings.Contains(line, p.RequestID) && strings.Contains(line, "SQLSTATE") && strings.Contains(line, `"level":"ERROR"`)
		}
		if !told {
			t.Errorf("the log does not tell what went wrong with %s, request %s", path, p.RequestID)
		}
	}
	// A write whose audit entry cannot be stored does not happen.
	before := s.Fingerprint(t)
	s.admin.post("/batches/"+id+"/registration-key/rotation", nil).fails(http.StatusInternalServerError, "internal")
	if after := s.Fingerprint(t); after["registration_keys"] != before["registration_keys"] {
		t.Error("a key was replaced and nobody can tell who did it")
	}
}

func TestAFreshDatabaseIsReadyAfterOneCommand(t *testing.T) {
	t.Parallel()
	h := testserver.Start(t)
	name := "test_empty_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	h.Exec(t, `CREATE DATABASE `+name)
	t.Cleanup(func() {
		if _, err := h.DB.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(h.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	empty := h.Replica(t, func(c *config.Config) { c.DatabaseURL = domain.Secret(u.String()) })
	s := &school{Server: empty, t: t}
	s.anonymous().get(empty.Root + "/readyz").is(http.StatusServiceUnavailable)

	migrator, cleanup, err := wiring.NewMigrator(t.Context(), empty.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer cleanup()
	if n, err := migrator.Up(t.Context()); err != nil || n == 0 {
		t.Fatalf("%d migrations: %v", n, err)
	}
	s.anonymous().get(empty.Root + "/readyz").is(http.StatusOK)
	empty.CreateAdmin(t, "admin@school.example")
	s.admin = s.signIn("admin@school.example")
	_, key := s.batch("Evening", "UTC")
	s.coder("ada", "UTC")
	ada := s.register("Ada", key)
	s.connect(ada, "ada")
	s.StartWorker(t)
	testserver.Eventually(t, "ada's days", func() bool { return read[report](ada, "/me/days").Total.Known == 7 })
}
