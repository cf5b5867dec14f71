package validate_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// counted is a body that counts the bytes that were read.
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

	s.Students.EXPECT().Join(servertest.Anything, s.Actor, "x").Return(operations.Student(), nil).Times(2)
	s.Do(t, servertest.Post("/me/enrolment", body(limit))).Want(t, 201, operations.StudentJSON)
	s.Do(t, servertest.Call{Method: "POST", Path: "/api/v1/me/enrolment", Stream: io.MultiReader(strings.NewReader(body(limit)))}).Want(t, 201, operations.StudentJSON)

	tests := map[string]struct {
		length int64 // Content-Length
		most   int   // bytes that may be read
	}{
		"a Content-Length above the limit is rejected unread": {limit + 1, 0},
		"a stream is read up to the limit":                    {-1, limit + 1},
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
	t.Run("a client that sends 50 MB gets a response", func(t *testing.T) {
		t.Parallel()
		huge := io.LimitReader(endless{}, 50<<20)
		s.Do(t, servertest.Call{Method: "POST", Path: "/api/v1/me/enrolment", Stream: huge}).WantProblem(t, 413, "payload_too_large")
	})
	t.Run("the body is not read without a session", func(t *testing.T) {
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

// A body that ends early is an error of the client.
func TestTruncatedBodies_AreRejected(t *testing.T) {
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

// An operation whose body is optional accepts a request without one, in any form in which
// clients send nothing.
func TestBodies_CanBeOptional(t *testing.T) {
	t.Parallel()
	sync := servertest.Post("/me/wakatime/sync", "")
	tests := map[string]servertest.Call{
		"no body and no Content-Type":   sync,
		"no body but a Content-Type":    sync.With("Content-Type", "application/json"),
		"no body and a foreign type":    sync.With("Content-Type", "text/plain"),
		"whitespace":                    servertest.Post("/me/wakatime/sync", " \n"),
		"a stream that turns out empty": {Method: "POST", Path: sync.Path, Stream: io.MultiReader()},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			s.Tracking.EXPECT().RequestSync(servertest.Anything, s.Actor, s.Actor.UserID, domain.DayQuery{}).Return(nil)
			s.Do(t, c).Want(t, 202, `{"status_url": "/api/v1/me/wakatime"}`)
		})
	}
	t.Run("a body of another type is rejected", func(t *testing.T) {
		t.Parallel()
		s := servertest.Start(t).SignedIn()
		s.Do(t, servertest.Post("/me/wakatime/sync", `{}`).With("Content-Type", "text/plain")).WantProblem(t, 415, "unsupported_media_type")
	})
}

func TestURLs_HaveALimit(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	tests := map[string]struct {
		path   string
		status int
		code   string
	}{
		"8 KiB are accepted":           {"/api/v1/users/" + strings.Repeat("a", 8<<10-len("/api/v1/users/")), 422, "invalid_request"},
		"one byte more is rejected":    {"/api/v1/users/" + strings.Repeat("a", 8<<10-len("/api/v1/users/")+1), 414, "uri_too_long"},
		"the query counts":             {"/api/v1/users?search=" + strings.Repeat("a", 8<<10), 414, "uri_too_long"},
		"the encoded length counts":    {"/api/v1/users?search=" + strings.Repeat("%61", 3000), 414, "uri_too_long"},
		"paths outside of the API too": {"/" + strings.Repeat("a", 8<<10), 414, "uri_too_long"},
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
	s.Accounts.EXPECT().Me(servertest.Anything, s.Actor).Return(operations.Me(), nil).AnyTimes()
	taken := []string{"", "*/*", "application/*", "application/json", "Application/JSON; charset=utf-8", "application/problem+json", "text/html, */*;q=0.1", "text/html, image/gif, *; q=.2, */*; q=.2"}
	for _, accept := range taken {
		s.Do(t, servertest.Get("/me").With("Accept", accept)).Want(t, 200, operations.MeJSON)
	}
	for _, accept := range []string{"text/html", "application/xml", "text/*", "application/json;q=0", "*/*;q=0.000", "nonsense"} {
		s.Do(t, servertest.Get("/me").With("Accept", accept)).WantProblem(t, 406, "not_acceptable")
	}
}

// Otherwise the compressed bytes would be parsed as the body.
func TestCompressedBodies_AreRejected(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	for name, body := range map[string]string{"compressed": "\x1f\x8b\x08\x00\x00\x00\x00\x00", "plain": `{"registration_key":"ABC"}`} {
		c := servertest.Post("/me/enrolment", body).With("Content-Encoding", "gzip")
		if p := s.Do(t, c).WantProblem(t, 415, "unsupported_media_type"); !strings.Contains(p.Detail, "Content-Encoding") {
			t.Errorf("a %s body: %s", name, p.Detail)
		}
	}
}
