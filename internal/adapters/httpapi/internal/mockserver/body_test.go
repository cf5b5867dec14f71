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

// Every list can be walked one by one, and what the pages hold is the whole list.
func TestMock_Pages(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	walked := 0
	for name, d := range operations(t) {
		if !d.paged() {
			continue
		}
		walked++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := servertest.Decode(t, s.Do(t, d.call).Text).(map[string]any)
			if whole["next"] != nil {
				t.Errorf("all items fit on one page, and next is %v", whole["next"])
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
				t.Errorf("the pages hold something else (-whole +pages):\n%s", diff)
			}
		})
	}
	if walked < 4 {
		t.Errorf("only %d operations are walked", walked)
	}
}

func TestMock_RefusesForeignCursors(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	page := servertest.Decode(t, s.Do(t, servertest.Get("/students?limit=1&status=active")).Text).(map[string]any)
	cursor := page["next"].(string)
	if got := s.Do(t, servertest.Get("/students?status=active&limit=2&after="+cursor)); got.StatusCode != http.StatusOK {
		t.Errorf("another limit returned %d %s", got.StatusCode, got.Text)
	}
	for name, path := range map[string]string{
		"of another list":                 "/users?after=" + cursor,
		"of other filters":                "/students?limit=1&after=" + cursor,
		"that somebody made up":           "/students?status=active&after=x",
		"that is cut off":                 "/students?status=active&after=" + cursor[:len(cursor)-2],
		"that is of the list twice over":  "/students?status=active&after=" + cursor + cursor,
		"that is no base64, but a phrase": "/students?status=active&after=the+next+page",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := s.Do(t, servertest.Get(path)).WantProblem(t, 422, "invalid_cursor")
			if want := []string{"after invalid_cursor"}; !cmp.Equal(p.Fields(), want) {
				t.Errorf("errors are %v, want %v as in the real server", p.Fields(), want)
			}
		})
	}
}

func TestMock_SaysWhereThingsAre(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	for name, d := range operations(t) {
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
				t.Errorf("Location is %s, and what was made is %s", where, id)
			}
			if status, ok := body["status_url"]; ok && status != where {
				t.Errorf("Location is %s, and status_url %s", where, status)
			}
		})
	}
}

func TestMock_CarriesSessions(t *testing.T) {
	t.Parallel()
	in := `{"email": "mira@school.example", "password": "violet engine hums quietly"`
	up := `{"email": "mira@school.example", "name": "Mira", "password": "violet engine hums quietly"`
	tests := map[string]struct {
		call   servertest.Call
		cookie string // how Set-Cookie begins; none if empty
		token  bool
	}{
		"a token, when nothing is said": {servertest.Post("/auth/login", in+"}"), "", true},
		"a token":                       {servertest.Post("/auth/login", in+`, "carrier": "token"}`), "", true},
		"a cookie":                      {servertest.Post("/auth/login", in+`, "carrier": "cookie"}`), "gradus_session=mock; Path=/; Max-Age=", false},
		"a token of a new account":      {servertest.Post("/auth/register", up+"}"), "", true},
		"a cookie of a new account":     {servertest.Post("/auth/register", up+`, "carrier": "cookie"}`), "gradus_session=mock; Path=/; Max-Age=", false},
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

func TestMock_TakesAnyCredential(t *testing.T) {
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
	s.Do(t, servertest.Get("/me").With("Cookie", "gradus_session=x")).WantProblem(t, 400, "malformed_request")
}

func TestMock_ServesWhatLiesBesideTheAPI(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	for _, path := range []string{"/", "/docs", "/openapi.yaml", "/openapi.json", "/problems/batch_full", "/livez", "/readyz"} {
		if got := s.Do(t, servertest.Document(path)); got.StatusCode != http.StatusOK {
			t.Errorf("%s returned %d", path, got.StatusCode)
		}
	}
}

// A frontend's development server runs on another port of this machine.
func TestMock_IsOpenToPagesOfThisMachine(t *testing.T) {
	t.Parallel()
	in := servertest.Post("/auth/login", `{"email": "mira@school.example", "password": "x"}`).SignedOut()
	preflight := servertest.Call{Method: "OPTIONS", Path: "/api/v1/me"}.SignedOut().
		With("Access-Control-Request-Method", "PATCH").With("Access-Control-Request-Headers", "authorization,content-type,prefer")
	tests := map[string]struct {
		origin string
		open   bool // as the mock was started
		passes bool
	}{
		"by name":                   {"http://localhost:5173", true, true},
		"by a name below it":        {"http://app.localhost:5173", true, true},
		"by address":                {"http://127.0.0.1:3000", true, true},
		"by the other address":      {"http://[::1]:3000", true, true},
		"with TLS":                  {"https://localhost", true, true},
		"the mock itself":           {servertest.MockOrigin, true, true},
		"not of the internet":       {"https://evil.example", true, false},
		"not of a similar name":     {"http://localhost.evil.example", true, false},
		"not of the same network":   {"http://192.168.0.7:3000", true, false},
		"not of nowhere":            {"null", true, false},
		"not when others reach it":  {"http://localhost:5173", false, false},
		"not of an address in text": {"http://127.0.0.1.evil.example", true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.StartMock(t, func(c *httpapi.MockConfig) { c.LoopbackOrigins = tt.open })
			allowed := ""
			if tt.passes {
				allowed = tt.origin
			}
			got := s.Do(t, preflight.With("Origin", tt.origin))
			if v := got.Header.Get("Access-Control-Allow-Origin"); v != allowed {
				t.Errorf("a preflight is allowed for %q, want %q", v, allowed)
			}
			if v := got.Header.Get("Access-Control-Allow-Headers"); tt.passes && v != "authorization,content-type,prefer" {
				t.Errorf("a preflight is allowed the headers %q", v)
			}
			got = s.Do(t, in.With("Origin", tt.origin).With("Sec-Fetch-Site", "same-site"))
			if !tt.passes {
				got.WantProblem(t, 403, "cross_origin")
				return
			}
			if got.StatusCode != http.StatusOK || got.Header.Get("Access-Control-Allow-Origin") != allowed {
				t.Errorf("signing in returned %d %v", got.StatusCode, got.Header)
			}
			for _, header := range []string{"Location", "Preference-Applied", "X-Request-Id"} {
				if !strings.Contains(got.Header.Get("Access-Control-Expose-Headers"), header) {
					t.Errorf("a page cannot read %s", header)
				}
			}
		})
	}
}

// How long a process takes is `make bench-mock`; here it is an answer alone.
func BenchmarkMock_answer(b *testing.B) {
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

// What is made once per start, when the contract has been read.
func BenchmarkMock_layers(b *testing.B) {
	cfg := httpapi.MockConfig{HTTP: servertest.Config(b), LoopbackOrigins: true}
	for b.Loop() {
		if _, err := httpapi.NewMock(cfg, time.Now, func() [16]byte { return [16]byte{} }, slog.New(slog.DiscardHandler)); err != nil {
			b.Fatal(err)
		}
	}
}
