package mockserver_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// The pages of a list add up to the whole list.
func TestMock_Paginates(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	walked := 0
	for name, d := range specOperations(t) {
		if !d.paged() {
			continue
		}
		walked++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := servertest.Decode(t, s.Do(t, d.call).Text).(map[string]any)
			if whole["next"] != nil {
				t.Errorf("all items fit on one page, but next is %v", whole["next"])
			}
			var items []any
			next := ""
			for range len(whole["items"].([]any)) {
				one := d.call
				one.Path += "?limit=1" + next
				page := servertest.Decode(t, s.Do(t, one).Text).(map[string]any)
				if n := len(page["items"].([]any)); n != 1 {
					t.Fatalf("a page has %d items", n)
				}
				items = append(items, page["items"].([]any)...)
				after, more := page["next"].(string)
				if more != (len(items) < len(whole["items"].([]any))) {
					t.Errorf("after %d items, next is %v", len(items), page["next"])
				}
				next = "&after=" + after
			}
			if diff := cmp.Diff(whole["items"], any(items)); diff != "" {
				t.Errorf("the pages differ from the list (-list +pages):\n%s", diff)
			}
		})
	}
	if walked < 4 {
		t.Errorf("only %d operations are paginated", walked)
	}
}

func TestMock_RejectsForeignCursors(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	page := servertest.Decode(t, s.Do(t, servertest.Get("/students?limit=1&status=active")).Text).(map[string]any)
	cursor := page["next"].(string)
	if got := s.Do(t, servertest.Get("/students?status=active&limit=2&after="+cursor)); got.StatusCode != http.StatusOK {
		t.Errorf("another limit returned %d %s", got.StatusCode, got.Text)
	}
	for name, path := range map[string]string{
		"a cursor of another list":    "/users?after=" + cursor,
		"a cursor with other filters": "/students?limit=1&after=" + cursor,
		"an invented cursor":          "/students?status=active&after=x",
		"a truncated cursor":          "/students?status=active&after=" + cursor[:len(cursor)-2],
		"a repeated cursor":           "/students?status=active&after=" + cursor + cursor,
		"a cursor that is not base64": "/students?status=active&after=the+next+page",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := s.Do(t, servertest.Get(path)).WantProblem(t, 422, "invalid_cursor")
			if want := []string{"after invalid_cursor"}; !cmp.Equal(p.Fields(), want) {
				t.Errorf("errors are %v, want %v as from the real server", p.Fields(), want)
			}
		})
	}
}

func TestMock_SetsLocation(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	for name, d := range specOperations(t) {
		got := s.Do(t, d.call)
		where := got.Header.Get("Location")
		if where == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := servertest.Decode(t, got.Text).(map[string]any)
			if there := s.Do(t, servertest.Call{Method: "GET", Path: where}); there.StatusCode != http.StatusOK {
				t.Errorf("Location is %s, which returned %d", where, there.StatusCode)
			}
			if id, ok := body["id"].(string); ok && !strings.HasSuffix(where, "/"+id) {
				t.Errorf("Location is %s, but the ID is %s", where, id)
			}
			if status, ok := body["status_url"]; ok && status != where {
				t.Errorf("Location is %s, but status_url is %s", where, status)
			}
		})
	}
}

func TestMock_SupportsBothCarriers(t *testing.T) {
	t.Parallel()
	in := `{"email": "mira@school.example", "password": "violet engine hums quietly"`
	up := `{"email": "mira@school.example", "name": "Mira", "password": "violet engine hums quietly"`
	tests := map[string]struct {
		call   servertest.Call
		cookie string // prefix of Set-Cookie; none if empty
		token  bool
	}{
		"a token by default":        {servertest.Post("/auth/login", in+"}"), "", true},
		"a token":                   {servertest.Post("/auth/login", in+`, "carrier": "token"}`), "", true},
		"a cookie":                  {servertest.Post("/auth/login", in+`, "carrier": "cookie"}`), "gradus_session=pR6wN0tKpR6wN0tKpR6wN0tKpR6wN0tKpR6wN0tKpR6; Path=/; Max-Age=", false},
		"a token of a new account":  {servertest.Post("/auth/register", up+"}"), "", true},
		"a cookie of a new account": {servertest.Post("/auth/register", up+`, "carrier": "cookie"}`), "gradus_session=Zk3vQ1mXZk3vQ1mXZk3vQ1mXZk3vQ1mXZk3vQ1mXZk3; Path=/; Max-Age=", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := servertest.StartMock(t).Do(t, tt.call.SignedOut())
			body := servertest.Decode(t, got.Text).(map[string]any)
			if v := got.Header.Get("Set-Cookie"); !strings.HasPrefix(v, tt.cookie) || (v == "") != (tt.cookie == "") {
				t.Errorf("Set-Cookie is %q, want %q", v, tt.cookie)
			}
			if _, ok := body["token"].(string); ok != tt.token {
				t.Errorf("the token is %v", body["token"])
			}
		})
	}
	got := servertest.StartMock(t).Do(t, servertest.Post("/auth/logout", ""))
	if v := got.Header.Get("Set-Cookie"); !strings.HasPrefix(v, "gradus_session=; Path=/; Max-Age=0") {
		t.Errorf("signing out sets %q", v)
	}
}

func TestMock_AcceptsAnyCredential(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	for name, c := range map[string]servertest.Call{
		"a token":  servertest.Get("/me").With("Authorization", "Bearer anything"),
		"a cookie": servertest.Get("/me").SignedOut().With("Cookie", "gradus_session=anything"),
	} {
		if got := s.Do(t, c); got.StatusCode != http.StatusOK {
			t.Errorf("%s returned %d %s", name, got.StatusCode, got.Text)
		}
	}
	s.Do(t, servertest.Get("/me").SignedOut()).WantProblem(t, 401, "unauthenticated")
	s.Do(t, servertest.Get("/me").With("Cookie", "gradus_session=x")).WantProblem(t, 400, "multiple_credentials")
}

func TestMock_ServesDocuments(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	for _, path := range []string{"/", "/docs", "/openapi.yaml", "/openapi.json", "/problems/batch_full", "/livez", "/readyz"} {
		if got := s.Do(t, servertest.Document(path)); got.StatusCode != http.StatusOK {
			t.Errorf("%s returned %d", path, got.StatusCode)
		}
	}
}

// A frontend's development server runs on another port of the same machine.
func TestMock_AllowsLoopbackOrigins(t *testing.T) {
	t.Parallel()
	in := servertest.Post("/auth/login", `{"email": "mira@school.example", "password": "x"}`).SignedOut()
	preflight := servertest.Call{Method: "OPTIONS", Path: "/api/v1/me"}.SignedOut().
		With("Access-Control-Request-Method", "PATCH").With("Access-Control-Request-Headers", "authorization,content-type,prefer")
	tests := map[string]struct {
		origin  string
		enabled bool
		allowed bool
	}{
		"localhost":                         {"http://localhost:5173", true, true},
		"a name below localhost":            {"http://app.localhost:5173", true, true},
		"127.0.0.1":                         {"http://127.0.0.1:3000", true, true},
		"::1":                               {"http://[::1]:3000", true, true},
		"localhost with TLS":                {"https://localhost", true, true},
		"the mock itself":                   {servertest.MockOrigin, true, true},
		"another site":                      {"https://evil.example", true, false},
		"a name that starts with localhost": {"http://localhost.evil.example", true, false},
		"the local network":                 {"http://192.168.0.7:3000", true, false},
		"null":                              {"null", true, false},
		"localhost when disabled":           {"http://localhost:5173", false, false},
		"a name that starts with 127.0.0.1": {"http://127.0.0.1.evil.example", true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.StartMock(t, func(c *httpapi.MockConfig) { c.LoopbackOrigins = tt.enabled })
			allowed := ""
			if tt.allowed {
				allowed = tt.origin
			}
			got := s.Do(t, preflight.With("Origin", tt.origin))
			if v := got.Header.Get("Access-Control-Allow-Origin"); v != allowed {
				t.Errorf("a preflight allows %q, want %q", v, allowed)
			}
			if v := got.Header.Get("Access-Control-Allow-Headers"); tt.allowed && v != "authorization,content-type,prefer" {
				t.Errorf("a preflight allows the headers %q", v)
			}
			got = s.Do(t, in.With("Origin", tt.origin).With("Sec-Fetch-Site", "same-site"))
			if !tt.allowed {
				got.WantProblem(t, 403, "cross_origin")
				return
			}
			if got.StatusCode != http.StatusOK || got.Header.Get("Access-Control-Allow-Origin") != allowed {
				t.Errorf("signing in returned %d %v", got.StatusCode, got.Header)
			}
			for _, header := range []string{"Location", "Preference-Applied", "X-Request-Id"} {
				if !strings.Contains(got.Header.Get("Access-Control-Expose-Headers"), header) {
					t.Errorf("%s is not exposed", header)
				}
			}
		})
	}
}

// BenchmarkMock_Response measures a single response. `make bench-mock` also measures the start
// of the process.
func BenchmarkMock_Response(b *testing.B) {
	h := servertest.NewMock(b)
	req := httptest.NewRequestWithContext(b.Context(), "GET", "/api/v1/students?limit=2", nil)
	req.Header.Set("Authorization", "Bearer x")
	for b.Loop() {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code != http.StatusOK {
			b.Fatal(rec.Body)
		}
	}
}

// BenchmarkMock_New measures the start after the contract has been parsed.
func BenchmarkMock_New(b *testing.B) {
	cfg := httpapi.MockConfig{HTTP: servertest.Config(b), LoopbackOrigins: true}
	for b.Loop() {
		if _, err := httpapi.NewMock(cfg, time.Now, func() [16]byte { return [16]byte{} }, slog.New(slog.DiscardHandler)); err != nil {
			b.Fatal(err)
		}
	}
}
