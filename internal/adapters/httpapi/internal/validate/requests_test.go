package validate_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

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

func TestBodies_HaveALimit(t *testing.T) {
	t.Parallel()
	const limit = 1000
	s := servertest.Start(t, func(c *httpapi.Config) { c.MaxBody = limit }).SignedIn()
	body := func(size int) string { return `{"registration_key": "x"}` + strings.Repeat(" ", size-25) }

	s.Students.EXPECT().Join(servertest.Anything, s.Actor, "x").Return(servertest.Student(), nil).Times(2)
	s.Do(t, servertest.Post("/me/enrolment", body(limit))).Want(t, 201, servertest.StudentJSON)
	s.Do(t, servertest.Call{Method: "POST", Path: "/api/v1/me/enrolment", Stream: io.MultiReader(strings.NewReader(body(limit)))}).Want(t, 201, servertest.StudentJSON)

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
			req.Header.Set("Authorization", "Bearer "+servertest.Token)
			rec := httptest.NewRecorder()
			s.Handler.ServeHTTP(rec, req)
			got := servertest.Recorded(rec)
			got.WantProblem(t, 413, "payload_too_large")
			if c.read > tt.most || got.Header.Get("Connection") != "close" {
				t.Errorf("%d bytes were read, at most %d may be; Connection is %q", c.read, tt.most, got.Header.Get("Connection"))
			}
		})
	}
	t.Run("a client that sends 50 MB gets its answer", func(t *testing.T) {
		t.Parallel()
		huge := io.LimitReader(endless{}, 50<<20)
		s.Do(t, servertest.Call{Method: "POST", Path: "/api/v1/me/enrolment", Stream: huge}).WantProblem(t, 413, "payload_too_large")
	})
	t.Run("nobody's body is read before they sign in", func(t *testing.T) {
		t.Parallel()
		c := &counted{Reader: strings.NewReader(body(limit))}
		rec := httptest.NewRecorder()
		s.Handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/me/enrolment", c))
		if rec.Code != 401 || c.read > 0 {
			t.Errorf("the response is %d, %d bytes were read", rec.Code, c.read)
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A body that breaks off is the client's fault, not ours.
func TestBodies_ThatBreakOff(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	req := httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/me/enrolment", io.MultiReader(strings.NewReader(`{"regis`), broken{}))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+servertest.Token)
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, req)
	servertest.Recorded(rec).WantProblem(t, 400, "malformed_request")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAddresses_HaveALimit(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
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
			s.Do(t, servertest.Call{Method: "GET", Path: tt.path}).WantProblem(t, tt.status, tt.code)
		})
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Accounts.EXPECT().Me(servertest.Anything, s.Actor).Return(servertest.Me(), nil).AnyTimes()
	taken := []string{"", "*/*", "application/*", "application/json", "Application/JSON; charset=utf-8", "application/problem+json", "text/html, */*;q=0.1", "text/html, image/gif, *; q=.2, */*; q=.2"}
	for _, accept := range taken {
		s.Do(t, servertest.Get("/me").With("Accept", accept)).Want(t, 200, servertest.MeJSON)
	}
	for _, accept := range []string{"text/html", "application/xml", "text/*", "application/json;q=0", "*/*;q=0.000", "nonsense"} {
		s.Do(t, servertest.Get("/me").With("Accept", accept)).WantProblem(t, 406, "not_acceptable")
	}
}

// A coding that is not undone would be read as the body itself.
func TestCompressedBodies_AreRefused(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	for name, body := range map[string]string{"compressed": "\x1f\x8b\x08\x00\x00\x00\x00\x00", "plain": `{"registration_key":"ABC"}`} {
		c := servertest.Post("/me/enrolment", body).With("Content-Encoding", "gzip")
		if p := s.Do(t, c).WantProblem(t, 415, "unsupported_media_type"); !strings.Contains(p.Detail, "Content-Encoding") {
			t.Errorf("a %s Body: %s", name, p.Detail)
		}
	}
}
