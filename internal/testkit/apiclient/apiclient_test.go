package apiclient_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// recorder is a test that fails without stopping the real one.
type recorder struct {
	testing.TB

	failure string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	panic(r)
}

// failure returns the message with which f fails its test, or an empty string.
func failure(t *testing.T, f func(r *recorder)) (message string) {
	t.Helper()
	r := &recorder{TB: t}
	defer func() {
		if p := recover(); p != nil && p != any(r) {
			panic(p)
		}
		message = r.failure
	}()
	f(r)
	return ""
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestClient_SendsWhatTheRequestNeeds(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s %s %s %s %s %s", r.Method, r.URL, r.Header.Get("Authorization"),
			r.Header.Get("Content-Type"), r.Header.Get("If-Match"), r.Header.Get("Idempotency-Key"), body)
	})
	c := apiclient.New(t, url, apiclient.Plain).As(apiclient.Session{Token: "t"})
	tests := map[string]struct {
		response apiclient.Response
		want     string
	}{
		"a read has no body":           {c.Get("/a?b=c"), "GET /a?b=c Bearer t    "},
		"a write has JSON":             {c.Post("/a", apiclient.Object{"b": 1}), `POST /a Bearer t application/json   {"b":1}`},
		"an edit has a merge patch":    {c.Patch("/a", "{}"), "PATCH /a Bearer t application/merge-patch+json   {}"},
		"a version goes into If-Match": {c.IfMatch(`"1"`).Delete("/a"), `DELETE /a Bearer t  "1"  `},
		"a key goes into its header":   {c.IdempotencyKey("k").Put("/a", nil), "PUT /a Bearer t   k "},
		"the copy leaves the client":   {c.Anonymous().Get("/a"), "GET /a     "},
		"a request overrides headers": {
			c.Do(apiclient.Request{Method: "GET", Path: "/a", Header: http.Header{"Authorization": {"Basic x"}}}), "GET /a Basic x    ",
		},
	}
	for name, tt := range tests {
		if got := string(tt.response.Body); got != tt.want {
			t.Errorf("%s: sent %q, want %q", name, got, tt.want)
		}
	}
}

func TestResponse_UnexpectedOnesFailTheTest(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"code": "batch_full"}`)
	})
	tests := map[string]struct {
		expect func(apiclient.Response)
		want   string
	}{
		"the status is as expected":  {func(r apiclient.Response) { r.Expect(http.StatusOK, http.StatusConflict) }, ""},
		"the status is unexpected":   {func(r apiclient.Response) { r.Expect(http.StatusOK) }, "GET /a returned 409, want [200]"},
		"the problem is as expected": {func(r apiclient.Response) { r.ExpectProblem(http.StatusConflict, "batch_full") }, ""},
		"the problem is unexpected":  {func(r apiclient.Response) { r.ExpectProblem(http.StatusConflict, "email_taken") }, `want "email_taken"`},
		"the body is of another type": {func(r apiclient.Response) {
			_ = apiclient.Decode[[]string](r)
		}, "cannot be decoded"},
	}
	for name, tt := range tests {
		got := failure(t, func(r *recorder) { tt.expect(apiclient.New(r, url, apiclient.Plain).Get("/a")) })
		if !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%s: failed with %q, want %q", name, got, tt.want)
		}
	}
}

func TestAllPages(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"/good?limit=2":         `{"items": [1, 2], "next": "a"}`,
		"/good?after=a&limit=2": `{"items": [3], "next": null}`,
		"/long?limit=2":         `{"items": [1, 2, 3], "next": null}`,
		"/short?limit=2":        `{"items": [1], "next": "a"}`,
		"/endless":              `{"items": [1, 2], "next": "a"}`,
	}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.String()]
		if !ok {
			body = pages[r.URL.Path]
		}
		_, _ = io.WriteString(w, body)
	})
	if got := apiclient.AllPages[int](apiclient.New(t, url, apiclient.Plain), "/good", 2); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("all pages have %v", got)
	}
	for path, want := range map[string]string{"/long": "a page of 3 items", "/short": "a page of 1 items", "/endless": "more than"} {
		got := failure(t, func(r *recorder) { apiclient.AllPages[int](apiclient.New(r, url, apiclient.Plain), path, 2) })
		if !strings.Contains(got, want) {
			t.Errorf("%s failed with %q, want %q", path, got, want)
		}
	}
}
