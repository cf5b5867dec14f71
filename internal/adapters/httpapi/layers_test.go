package httpapi_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// oneRow returns one row of each operation for which keep returns true, in a fixed order.
func oneRow(keep func(row) bool) []row {
	all, seen, selected := rows(), map[string]bool{}, []row(nil)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if r := all[name]; !seen[r.operation] && keep(r) {
			seen[r.operation] = true
			selected = append(selected, r)
		}
	}
	return selected
}

func hasBody(r row) bool { return r.Body != "" }

func writes(r row) bool { return r.Method != http.MethodGet }

func public(r row) bool {
	return slices.Contains([]string{"CompleteSignIn", "SignIn", "Register", "RefreshSession", "RequestPasswordReset", "ConfirmPasswordReset", "ConfirmEmailChange", "UndoEmailChange"}, r.operation)
}

// The check accepts every success, by GET and by HEAD.
func TestOperations_PassTheResponseCheck(t *testing.T) {
	t.Parallel()
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, func(c *httpapi.Config) { c.CheckResponses = httpapi.CheckFail }, servertest.Share).SignedIn()
			r.port(s)
			s.Do(t, r.With("Origin", servertest.App)).Want(t, r.status, r.want)
			if r.Method == http.MethodGet {
				r.port(s)
				head := r.call
				head.Method = http.MethodHead
				if got := s.Do(t, head); got.StatusCode != r.status {
					t.Errorf("HEAD returned %d", got.StatusCode)
				}
			}
		})
	}
}

// HEAD is GET without the body, on all routes.
func TestHead_WorksWhereGetDoes(t *testing.T) {
	t.Parallel()
	routes, err := httpapi.Routes(servertest.Config(t))
	if err != nil {
		t.Fatal(err)
	}
	byRoute := map[string]row{}
	for _, r := range rows() {
		path, _, _ := strings.Cut(r.Path, "?")
		for _, route := range routes {
			if sameRoute(strings.ReplaceAll(route, ":", "{"), r.Method+" "+path) {
				byRoute[route] = r
			}
		}
	}
	seen := 0
	for _, route := range routes {
		path, isGet := strings.CutPrefix(route, "GET ")
		if !isGet {
			continue
		}
		seen++
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn().Raw(t)
			c := call{Method: "GET", Path: strings.NewReplacer(":code", "busy", ":name", "errors", ":page", "install", ":operation", "GetMe.md").Replace(path)}
			if strings.HasPrefix(path, "/api/") {
				r, ok := byRoute[route]
				if !ok {
					t.Fatal("the operation has no call; add one to " + operations.RegistrationFile)
				}
				c = r.call
				r.port(s)
				r.port(s)
				r.port(s)
				r.port(s)
			}
			status, hasBody := http.StatusOK, true
			if path == "/wakatime/callback" { // the only redirect
				status, hasBody = http.StatusSeeOther, false
			}
			for _, accept := range []string{"identity", "gzip"} {
				get, head := c.With("Accept-Encoding", accept), c.With("Accept-Encoding", accept)
				head.Method = "HEAD"
				full, bare := s.Do(t, get), s.Do(t, head)
				if full.StatusCode != status || bare.StatusCode != status || (len(full.Text) > 0) != hasBody || bare.Text != "" {
					t.Fatalf("%s: GET returned %d with %d bytes, HEAD %d with %d", accept, full.StatusCode, len(full.Text), bare.StatusCode, len(bare.Text))
				}
				if bare.ContentLength >= 0 && bare.ContentLength != int64(len(full.Text)) {
					t.Errorf("%s: HEAD has Content-Length %d, GET has %d", accept, bare.ContentLength, len(full.Text))
				}
				if strings.HasPrefix(path, "/api/") && accept == "identity" && bare.ContentLength < 0 {
					t.Error("HEAD has no Content-Length")
				}
				for _, name := range slices.Concat(slices.Collect(maps.Keys(full.Header)), slices.Collect(maps.Keys(bare.Header))) {
					if name != "Date" && bare.Header.Get(name) != full.Header.Get(name) {
						t.Errorf("%s: %s is %q by HEAD and %q by GET", accept, name, bare.Header.Get(name), full.Header.Get(name))
					}
				}
			}
		})
	}
	if seen < 25 {
		t.Fatalf("there are only %d routes", seen)
	}
}

func TestBodies_AreJSONOnly(t *testing.T) {
	t.Parallel()
	rejected := map[string]string{
		"no Content-Type":          "",
		"text":                     "text/plain",
		"a form":                   "application/x-www-form-urlencoded",
		"a multipart form":         "multipart/form-data; boundary=x",
		"text/json":                "text/json",
		"JSON in another charset":  "application/json; charset=utf-16",
		"JSON in an empty charset": "application/json; charset=",
		"a JSON patch":             "application/json-patch+json",
		"a list of types":          "application/json, text/plain",
		"a type without a subtype": "application",
		"a malformed type":         "application/json;;;=",
		"a type that starts with application/json": "application/jsonx",
	}
	for _, r := range oneRow(hasBody) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			supported := "application/json"
			if r.Method == http.MethodPatch {
				supported = "application/merge-patch+json"
				s.Do(t, r.With("Content-Type", "application/json")).WantProblem(t, 415, "unsupported_media_type")
			}
			for name, contentType := range rejected {
				if p := s.Do(t, r.With("Content-Type", contentType)).WantProblem(t, 415, "unsupported_media_type"); !strings.Contains(p.Detail, supported) {
					t.Errorf("%s: the detail does not name the supported type: %s", name, p.Detail)
				}
			}
			for _, accepted := range []string{supported, supported + "; charset=utf-8", strings.ToUpper(supported) + `;charset="UTF-8"`} {
				r.port(s)
				if got := s.Do(t, r.With("Content-Type", accepted)); got.StatusCode != r.status {
					t.Errorf("%s returned %d %s", accepted, got.StatusCode, got.Text)
				}
			}
		})
	}
}

// Without a body, browsers send no Content-Length or zero, and some clients always send an
// object.
func TestOperationsWithoutBody_AcceptWhatClientsSend(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(func(r row) bool { return writes(r) && !hasBody(r) }) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			tests := map[string]call{
				"no body":                    r.call,
				"no body but a Content-Type": r.With("Content-Type", "application/json"),
				"an empty object":            {Method: r.Method, Path: r.Path, Body: "{}"},
				"an empty text":              r.With("Content-Type", "text/plain;charset=UTF-8"),
				"an empty stream":            {Method: r.Method, Path: r.Path, Stream: io.MultiReader()},
			}
			for name, c := range tests {
				r.port(s)
				if got := s.Do(t, c); got.StatusCode != r.status {
					t.Errorf("%s returned %d %s", name, got.StatusCode, got.Text)
				}
			}
		})
	}
}

// A browser with an expired cookie can still sign in.
func TestPublicOperations_DoNotAuthenticateTheCookie(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(public) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t) // expects no authentication
			r.port(s)
			got := s.Do(t, r.With("Cookie", "__Host-gradus_session=expired").With("Sec-Fetch-Site", "same-origin"))
			if got.StatusCode != r.status {
				t.Errorf("the response is %d %s", got.StatusCode, got.Text)
			}
		})
	}
}

// The mock accepts the same requests as the server and returns the same Location, except for
// the ID.
func TestMock_AcceptsWhatTheServerAccepts(t *testing.T) {
	t.Parallel()
	mocked := servertest.StartMock(t)
	ids := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mocked.Do(t, r.call)
			if got.StatusCode == http.StatusUnprocessableEntity && strings.Contains(r.Path, "after=") {
				got.WantProblem(t, 422, "invalid_cursor") // the mock has its own cursors
				return
			}
			if got.StatusCode != r.status {
				t.Fatalf("the mock returned %d %s, the server %d", got.StatusCode, got.Text, r.status)
			}
			want, where := r.headers["Location"], got.Header.Get("Location")
			if want != "" && ids.ReplaceAllString(want, "ID") != ids.ReplaceAllString(where, "ID") {
				t.Errorf("Location of the mock is %q, of the server %q", where, want)
			}
		})
	}
}

// failing makes every method of every port return err.
func failing(s *server, err error) {
	ports := reflect.ValueOf(s.Ports.UseCases)
	for _, field := range ports.Fields() {
		port := field.Interface()
		if port == any(s.Idempotency) || port == any(s.Ports.Limiter) {
			continue // the calls have no Idempotency-Key, and a limiter never fails
		}
		recorder := reflect.ValueOf(port).MethodByName("EXPECT").Call(nil)[0]
		for _, expect := range recorder.Methods() {
			var args []reflect.Value
			for range expect.Type().NumIn() {
				args = append(args, reflect.ValueOf(anything))
			}
			returns := expect.Call(args)[0].MethodByName("Return")
			var results []reflect.Value
			for j := range returns.Type().NumIn() - 1 {
				results = append(results, reflect.Zero(returns.Type().In(j)))
			}
			returns.Call(append(results, reflect.ValueOf(err)))[0].MethodByName("AnyTimes").Call(nil)
		}
	}
}

func TestOperations_ReturnErrorsOfPorts(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	failing(s, fmt.Errorf("query: %w", domain.ErrUnavailable))
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.Do(t, r.call)
			got.WantProblem(t, 503, "unavailable")
			if cookie := got.Header.Get("Set-Cookie"); cookie != "" {
				t.Errorf("the problem sets the cookie %q", cookie)
			}
		})
	}
}

func TestWrites_AreNotCompressed(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(writes) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn().Raw(t)
			r.port(s)
			got := s.Do(t, r.With("Accept-Encoding", "gzip"))
			if got.StatusCode != r.status || got.Header.Get("Content-Encoding") != "" || got.Varies("Accept-Encoding") {
				t.Errorf("the response is %d with %v", got.StatusCode, got.Header)
			}
		})
	}
}
