package contract_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/testkit/contract"
)

const (
	me = `{"id": "01a07bf8-d460-7a15-8c2d-4b6e8f1a3c57", "email": "ada@example.com", "name": "Ada", "role": "member", "time_zone": "UTC",
		"created_at": "2026-10-14T18:30:00Z", "batch": null, "teaches": []}`
	problem = `{"type": "/problems/CODE", "title": "T", "status": STATUS, "detail": "D", "instance": "/api/v1/me", "code": "CODE",
		"timestamp": "2026-10-14T18:30:00Z", "request_id": "r", "errors": []}`
)

// failing is a test that notes why it would have failed.
type failing struct {
	testing.TB

	said string
}

func (f *failing) Errorf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }

// ask sends one request to a server that answers so, and returns what the Checker
// says about it.
func ask(t *testing.T, method, path string, answer http.HandlerFunc) (said string, seen []contract.Answer) {
	t.Helper()
	s := httptest.NewServer(answer)
	defer s.Close()
	f := &failing{TB: t}
	c := contract.Client(f)
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return f.said, c.Transport.(*contract.Checker).Seen()
}

func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("ETag", `"1"`)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func refuse(status int, code string) http.HandlerFunc {
	return answer(status, "application/problem+json", strings.NewReplacer("CODE", code, "STATUS", fmt.Sprint(status)).Replace(problem))
}

func TestChecker(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path string
		answer       http.HandlerFunc
		want         string // a part of what it says; empty when nothing is wrong
	}{
		"takes an answer that fits":                       {"GET", "/api/v1/me", answer(200, "application/json", me), ""},
		"takes a problem that the operation lists":        {"GET", "/api/v1/me", refuse(401, "unauthenticated"), ""},
		"takes a problem that every path may answer":      {"GET", "/api/v1/me", refuse(500, "internal"), ""},
		"takes 404 where there is no operation":           {"GET", "/api/v1/nowhere", refuse(404, "not_found"), ""},
		"takes 405 where there is another operation":      {"PUT", "/api/v1/me", refuse(405, "method_not_allowed"), ""},
		"takes anything outside the API":                  {"GET", "/docs", answer(200, "text/html", "<p>"), ""},
		"takes what a method without a body answers":      {"OPTIONS", "/api/v1/me", answer(204, "", ""), ""},
		"refuses a property too few":                      {"GET", "/api/v1/me", answer(200, "application/json", `{}`), "/id: "},
		"refuses a property too many":                     {"GET", "/api/v1/me", answer(200, "application/json", strings.Replace(me, "{", `{"password_hash": "x",`, 1)), "password_hash"},
		"refuses a value of the wrong form":               {"GET", "/api/v1/me", answer(200, "application/json", strings.Replace(me, "01a0", "01A0", 1)), "/id: "},
		"refuses an instant that is not in UTC":           {"GET", "/api/v1/me", answer(200, "application/json", strings.Replace(me, "18:30:00Z", "18:30:00+02:00", 1)), "/created_at: "},
		"refuses what is no JSON":                         {"GET", "/api/v1/me", answer(200, "application/json", "nonsense"), "decode"},
		"refuses another Content-Type":                    {"GET", "/api/v1/me", answer(200, "text/plain", me), "Content-Type"},
		"refuses a status that is not declared":           {"GET", "/api/v1/me", answer(201, "application/json", me), "Content-Type"},
		"refuses a missing header":                        {"POST", "/api/v1/me/wakatime/sync", answer(202, "application/json", `{"status_url": "/api/v1/me/wakatime"}`), "Location"},
		"refuses a problem of another operation":          {"GET", "/api/v1/me", refuse(409, "batch_full"), "do not list"},
		"refuses a problem with another status":           {"GET", "/api/v1/me", refuse(400, "unauthenticated"), "comes with 401"},
		"refuses a problem that is none, outside the API": {"GET", "/docs", answer(405, "application/problem+json", `{}`), "/code: "},
		"refuses success where there is no operation":     {"GET", "/api/v1/nowhere", answer(200, "application/json", `{}`), "Content-Type"},
		"refuses a problem that is no JSON":               {"GET", "/api/v1/me", answer(500, "application/problem+json", "nonsense"), "not JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, _ := ask(t, tt.method, tt.path, tt.answer)
			if !strings.Contains(said, tt.want) || (tt.want == "") != (said == "") {
				t.Errorf("the Checker said %q; want %q in it", said, tt.want)
			}
		})
	}
}

func TestSeen_tellsOperationsAndStatuses(t *testing.T) {
	t.Parallel()
	_, seen := ask(t, "GET", "/api/v1/students/01a07bf8-d460-7a15-8c2d-4b6e8f1a3c57/days", refuse(404, "student_not_found"))
	want := []contract.Answer{{OperationID: "ListStudentDays", Status: 404}}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("Seen of the Checker (-want +got):\n%s", diff)
	}
	inAll := false
	for _, a := range contract.Seen() {
		inAll = inAll || a == want[0]
	}
	if !inAll {
		t.Errorf("Seen of the process lacks %v", want[0])
	}
}
