package httpapi_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
)

// oneRow returns one row of each operation that keep keeps, in a fixed order.
func oneRow(keep func(row) bool) []row {
	all, seen, kept := rows(), map[string]bool{}, []row(nil)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if r := all[name]; !seen[r.operation] && keep(r) {
			seen[r.operation] = true
			kept = append(kept, r)
		}
	}
	return kept
}

func takesBody(r row) bool { return r.body != "" }

func mutates(r row) bool { return r.method != http.MethodGet }

func TestBodies_areJSONOnly(t *testing.T) {
	t.Parallel()
	refused := map[string]string{
		"none":                      "",
		"text":                      "text/plain",
		"a form":                    "application/x-www-form-urlencoded",
		"a form of parts":           "multipart/form-data; boundary=x",
		"JSON by its old name":      "text/json",
		"JSON in another charset":   "application/json; charset=utf-16",
		"JSON in no charset":        "application/json; charset=",
		"a patch of another kind":   "application/json-patch+json",
		"a list of types":           "application/json, text/plain",
		"a type without a subtype":  "application",
		"nonsense":                  "application/json;;;=",
		"a type that begins as one": "application/jsonx",
	}
	for _, r := range oneRow(takesBody) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn()
			right := "application/json"
			if r.method == http.MethodPatch {
				right = "application/merge-patch+json"
				s.do(t, r.with("Content-Type", "application/json")).refused(t, 415, "unsupported_media_type")
			}
			for name, contentType := range refused {
				if p := s.do(t, r.with("Content-Type", contentType)).refused(t, 415, "unsupported_media_type"); !strings.Contains(p.Detail, right) {
					t.Errorf("%s: the detail does not say what is taken: %s", name, p.Detail)
				}
			}
			for _, taken := range []string{right, right + "; charset=utf-8", strings.ToUpper(right) + `;charset="UTF-8"`} {
				r.port(s)
				if got := s.do(t, r.with("Content-Type", taken)); got.StatusCode != r.status {
					t.Errorf("%s is answered with %d %s", taken, got.StatusCode, got.body)
				}
			}
		})
	}
}

// A browser's fetch without a body sends neither a length nor a type, or a length of
// nothing, and some clients always send an object.
func TestOperationsWithoutBody_takeWhatClientsSend(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(func(r row) bool { return mutates(r) && !takesBody(r) }) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn()
			tests := map[string]call{
				"nothing at all":              r.call,
				"no body with a type":         r.with("Content-Type", "application/json"),
				"an empty object":             {method: r.method, path: r.path, body: "{}"},
				"an empty text":               r.with("Content-Type", "text/plain;charset=UTF-8"),
				"a stream that holds nothing": {method: r.method, path: r.path, stream: io.MultiReader()},
			}
			for name, c := range tests {
				r.port(s)
				if got := s.do(t, c); got.StatusCode != r.status {
					t.Errorf("%s is answered with %d %s", name, got.StatusCode, got.body)
				}
			}
		})
	}
}

func TestMethods_thatAPathDoesNotTake(t *testing.T) {
	t.Parallel()
	for path, item := range loadSpec(t).Paths.Map() {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := serve(t) // nobody is asked who they are
			filled := "/api/v1" + strings.NewReplacer("{batch_id}", batchID, "{user_id}", adaID, "{student_id}", adaID).Replace(path)
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"} {
				if item.Operations()[method] != nil {
					continue
				}
				got := s.do(t, call{method: method, path: filled})
				got.refused(t, 405, "method_not_allowed")
				for taken := range item.Operations() {
					if !strings.Contains(got.Header.Get("Allow"), taken) {
						t.Errorf("%s: Allow is %q, without %s", method, got.Header.Get("Allow"), taken)
					}
				}
			}
			// A preflight gets no leave, and a browser goes no further.
			got := s.do(t, call{method: "OPTIONS", path: filled, header: map[string]string{"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}})
			if got.StatusCode != http.StatusNoContent || got.Header.Get("Allow") == "" || got.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("OPTIONS is answered with %d %v", got.StatusCode, got.Header)
			}
		})
	}
}

// HEAD is GET without the body, with the same rights.
func TestHead(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	s.Accounts.EXPECT().Me(anything, s.Actor).Return(me(), nil)
	if got := s.do(t, call{method: "HEAD", path: "/api/v1/me"}); got.StatusCode != http.StatusOK || got.body != "" || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD of oneself is answered with %d %v %q", got.StatusCode, got.Header, got.body)
	}
	if got := s.do(t, call{method: "HEAD", path: "/api/v1/me"}.signedOut()); got.StatusCode != http.StatusUnauthorized || got.body != "" {
		t.Errorf("HEAD signed out is answered with %d %q", got.StatusCode, got.body)
	}
	if got := s.do(t, call{method: "HEAD", path: "/api/v1/auth/logout"}); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("HEAD where there is no GET is answered with %d", got.StatusCode)
	}
	if lines := s.logLines(t); lines[0]["method"] != "HEAD" {
		t.Errorf("the log says %v", lines[0])
	}
}

// counted is a body that tells how much of it was read.
type counted struct {
	io.Reader

	read int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

func TestBodies_haveALimit(t *testing.T) {
	t.Parallel()
	const limit = 1000
	s := serve(t, func(c *httpapi.Config) { c.MaxBody = limit }).SignedIn()
	body := func(size int) string { return `{"registration_key": "x"}` + strings.Repeat(" ", size-25) }

	s.Students.EXPECT().Join(anything, s.Actor, "x").Return(student(), nil).Times(2)
	s.do(t, post("/me/enrolment", body(limit))).is(t, 201, studentJSON)
	s.do(t, call{method: "POST", path: "/api/v1/me/enrolment", stream: io.MultiReader(strings.NewReader(body(limit)))}).is(t, 201, studentJSON)

	tests := map[string]struct {
		length int64 // as announced
		most   int   // that may be read
	}{
		"a length beyond is refused unread":            {limit + 1, 0},
		"a stream beyond is read to the limit at most": {-1, limit + 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &counted{Reader: strings.NewReader(body(limit + 1))}
			req := httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/me/enrolment", c)
			req.ContentLength = tt.length
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+token)
			rec := httptest.NewRecorder()
			s.Handler.ServeHTTP(rec, req)
			got := reply{rec.Result(), rec.Body.String()}
			got.refused(t, 413, "payload_too_large")
			if c.read > tt.most || got.Header.Get("Connection") != "close" {
				t.Errorf("%d bytes were read, at most %d may be; Connection is %q", c.read, tt.most, got.Header.Get("Connection"))
			}
		})
	}
	t.Run("a client that sends 50 MB gets its answer", func(t *testing.T) {
		t.Parallel()
		huge := io.LimitReader(endless{}, 50<<20)
		s.do(t, call{method: "POST", path: "/api/v1/me/enrolment", stream: huge}).refused(t, 413, "payload_too_large")
	})
	t.Run("nobody's body is read before they sign in", func(t *testing.T) {
		t.Parallel()
		c := &counted{Reader: strings.NewReader(body(limit))}
		rec := httptest.NewRecorder()
		s.Handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/me/enrolment", c))
		if rec.Code != 401 || c.read > 0 {
			t.Errorf("the answer is %d, %d bytes were read", rec.Code, c.read)
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A body that breaks off is the client's fault, not ours.
func TestBodies_thatBreakOff(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	req := httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/me/enrolment", io.MultiReader(strings.NewReader(`{"regis`), broken{}))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, req)
	reply{rec.Result(), rec.Body.String()}.refused(t, 400, "malformed_request")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAddresses_haveALimit(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	tests := map[string]struct {
		path   string
		status int
		code   string
	}{
		"8 KiB are taken":        {"/api/v1/users/" + strings.Repeat("a", 8<<10-len("/api/v1/users/")), 422, "invalid_request"},
		"a byte more is not":     {"/api/v1/users/" + strings.Repeat("a", 8<<10-len("/api/v1/users/")+1), 414, "uri_too_long"},
		"the query counts":       {"/api/v1/users?search=" + strings.Repeat("a", 8<<10), 414, "uri_too_long"},
		"the way it was sent":    {"/api/v1/users?search=" + strings.Repeat("%61", 3000), 414, "uri_too_long"},
		"outside of the API too": {"/" + strings.Repeat("a", 8<<10), 414, "uri_too_long"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.do(t, call{method: "GET", path: tt.path}).refused(t, tt.status, tt.code)
		})
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	s.Accounts.EXPECT().Me(anything, s.Actor).Return(me(), nil).AnyTimes()
	taken := []string{"", "*/*", "application/*", "application/json", "Application/JSON; charset=utf-8", "application/problem+json", "text/html, */*;q=0.1", "text/html, image/gif, *; q=.2, */*; q=.2"}
	for _, accept := range taken {
		s.do(t, get("/me").with("Accept", accept)).is(t, 200, meJSON)
	}
	for _, accept := range []string{"text/html", "application/xml", "text/*", "application/json;q=0", "*/*;q=0.000", "nonsense"} {
		s.do(t, get("/me").with("Accept", accept)).refused(t, 406, "not_acceptable")
	}
}

// What net/http itself refuses never reaches us, and is refused.
func TestPathsThatAreNoURL(t *testing.T) {
	t.Parallel()
	s := serve(t)
	conn := dial(t, s.URL)
	if _, err := io.WriteString(conn, "GET /api/v1/users/%zz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 12)
	if _, err := io.ReadFull(conn, answer); err != nil || !bytes.Equal(answer, []byte("HTTP/1.1 400")) {
		t.Errorf("the answer is %q: %v", answer, err)
	}
}

// A coding that is not undone would be read as the body itself.
func TestCompressedBodies_areRefused(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	for name, body := range map[string]string{"compressed": "\x1f\x8b\x08\x00\x00\x00\x00\x00", "plain": `{"registration_key":"ABC"}`} {
		c := post("/me/enrolment", body).with("Content-Encoding", "gzip")
		if p := s.do(t, c).refused(t, 415, "unsupported_media_type"); !strings.Contains(p.Detail, "Content-Encoding") {
			t.Errorf("a %s body: %s", name, p.Detail)
		}
	}
}

// The router lets the last parameter of a path run across slashes.
func TestPaths_endWhereTheContractEndsThem(t *testing.T) {
	t.Parallel()
	endsWithID := regexp.MustCompile(`/[0-9a-f]{8}-[0-9a-f-]{27}$`)
	for _, r := range oneRow(func(r row) bool { return endsWithID.MatchString(r.path) }) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn()
			path, _, _ := strings.Cut(r.path, "?")
			for _, more := range []string{"/nonsense", "/non/sense", "/"} {
				c := r.call
				c.path = path + more
				s.do(t, c).refused(t, 404, "not_found")
			}
		})
	}
}
