package gradus_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/clients/go"
)

// answer is what a stub says once.
type answer struct {
	status     int
	retryAfter string
	body       string
}

const (
	busy = `{"type":"/problems/busy","title":"Service Unavailable","status":503,"detail":"Too many at once.","instance":"/api/v1/me",` +
		`"code":"busy","timestamp":"2026-10-14T18:30:00Z","request_id":"r-1","errors":[]}`
	dead = `{"type":"/problems/session_expired","title":"Unauthorized","status":401,"detail":"Sign in.","instance":"/api/v1/me",` +
		`"code":"session_expired","timestamp":"2026-10-14T18:30:00Z","request_id":"r-2","errors":[]}`
)

// stub gives its answers in turn, the last one for ever, and keeps the requests.
type stub struct {
	*httptest.Server

	mu       sync.Mutex
	requests []*http.Request
}

func newStub(t *testing.T, answers ...answer) *stub {
	t.Helper()
	s := &stub{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		a := answers[min(len(s.requests), len(answers)-1)]
		s.requests = append(s.requests, r)
		s.mu.Unlock()
		if a.status == 0 { // the connection is cut
			panic(http.ErrAbortHandler)
		}
		if a.retryAfter != "" {
			w.Header().Set("Retry-After", a.retryAfter)
		}
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(a.body))
	}))
	t.Cleanup(s.Close)
	return s
}

// sent returns the requests so far.
func (s *stub) sent() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *stub) client(options ...gradus.Option) *gradus.Client {
	return gradus.New(s.URL+"/api/v1/", append([]gradus.Option{gradus.WithToken("t")}, options...)...)
}

func TestWhatMayBeRepeatedIsTriedAgain(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	get := func(ctx context.Context, c *gradus.Client) error { _, err := c.GetMe(ctx); return err }
	past := time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)
	hence := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for name, tt := range map[string]struct {
		answers []answer
		call    func(context.Context, *gradus.Client) error
		options []gradus.Option
		calls   int
		status  int // of the refusal; 0 for none
	}{
		"a read that is refused for a moment": {answers: []answer{{503, "0", busy}, {429, past, busy}, {200, "", "{}"}}, call: get, calls: 3},
		"a read whose connection breaks":      {answers: []answer{{}, {200, "", "{}"}}, call: get, calls: 2},
		"not before a time that is far off":   {answers: []answer{{503, hence, busy}}, call: get, calls: 1, status: 503},
		"a read that is refused for ever":     {answers: []answer{{503, "0", busy}}, call: get, calls: 3, status: 503},
		"as often as one wants": {
			answers: []answer{{503, "0", busy}}, call: get, options: []gradus.Option{gradus.WithRetries(4)}, calls: 5, status: 503,
		},
		"not at all": {
			answers: []answer{{503, "0", busy}}, call: get, options: []gradus.Option{gradus.WithRetries(0)}, calls: 1, status: 503,
		},
		"a put": {answers: []answer{{503, "0", busy}, {200, "", "{}"}}, calls: 2, call: func(ctx context.Context, c *gradus.Client) error {
			_, err := c.AssignInstructor(ctx, id, id)
			return err
		}},
		"a delete": {answers: []answer{{503, "0", busy}, {204, "", ""}}, calls: 2, call: func(ctx context.Context, c *gradus.Client) error {
			return c.ReinstateUser(ctx, id)
		}},
		"a create": {answers: []answer{{503, "0", busy}, {201, "", "{}"}}, calls: 2, call: func(ctx context.Context, c *gradus.Client) error {
			_, err := c.CreateBatch(ctx, autumn)
			return err
		}},
		"not a post without a key": {answers: []answer{{503, "0", busy}}, calls: 1, status: 503, call: func(ctx context.Context, c *gradus.Client) error {
			_, err := c.SignIn(ctx, gradus.Credentials{})
			return err
		}},
		"not a patch": {answers: []answer{{503, "0", busy}}, calls: 1, status: 503, call: func(ctx context.Context, c *gradus.Client) error {
			_, err := c.UpdateMe(ctx, gradus.ProfilePatch{})
			return err
		}},
		"not what stays wrong":        {answers: []answer{{500, "0", busy}}, call: get, calls: 1, status: 500},
		"not after more than a while": {answers: []answer{{503, "31", busy}}, call: get, calls: 1, status: 503},
		"not when the time is too short": {
			answers: []answer{{503, "9", busy}}, call: get, options: []gradus.Option{gradus.WithTimeout(8 * time.Second)}, calls: 1, status: 503,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, tt.answers...)
			err := tt.call(t.Context(), s.client(tt.options...))
			if tt.status == 0 && err != nil || tt.status != 0 && refused(t, err).Status != tt.status {
				t.Errorf("the call ended with %v", err)
			}
			if len(s.sent()) != tt.calls {
				t.Errorf("it was sent %d times, not %d", len(s.sent()), tt.calls)
			}
			first := s.sent()[0].Header.Get("Idempotency-Key")
			for _, r := range s.sent() {
				if r.Header.Get("Idempotency-Key") != first || r.URL.Path != s.sent()[0].URL.Path {
					t.Errorf("it was sent again as %v", r.Header)
				}
			}
		})
	}
}

func TestRetryAfterIsWaitedForAndTold(t *testing.T) {
	t.Parallel()
	s := newStub(t, answer{503, "1", busy}, answer{429, "1000", busy})
	began := time.Now()
	_, err := s.client().GetMe(t.Context())
	if waited := time.Since(began); waited < time.Second {
		t.Errorf("the server said a second, the client waited %v", waited)
	}
	e := refused(t, err)
	if e.Status != 429 || e.RetryAfter != 1000*time.Second || e.Code != gradus.ProblemCodeBusy || e.RequestID != "r-1" {
		t.Errorf("the refusal is %+v", e)
	}
}

func TestATokenIsAskedForOnceMoreAfter401(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answers       []answer
		calls, asked  int
		refused       bool
		authorization string // of the last request
	}{
		"and kept":                 {[]answer{{200, "", "{}"}}, 2, 1, false, "Bearer token 1"},
		"and the call is repeated": {[]answer{{401, "", dead}, {200, "", "{}"}}, 3, 2, false, "Bearer token 2"},
		"and not twice":            {[]answer{{200, "", "{}"}, {401, "", dead}}, 3, 2, true, "Bearer token 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, tt.answers...)
			asked := 0
			c := s.client(gradus.WithTokenSource(func(context.Context) (string, error) {
				asked++
				return "token " + string(rune('0'+asked)), nil
			}))
			if _, err := c.GetMe(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := c.UpdateMe(t.Context(), gradus.ProfilePatch{Name: new("Ada")})
			if tt.refused != (err != nil) || asked != tt.asked || len(s.sent()) != tt.calls {
				t.Errorf("asked for %d tokens, sent %d times, ended with %v", asked, len(s.sent()), err)
			}
			if got := s.sent()[len(s.sent())-1].Header.Get("Authorization"); got != tt.authorization {
				t.Errorf("the last request was signed %q", got)
			}
		})
	}
}

func TestASourceThatFailsEndsTheCall(t *testing.T) {
	t.Parallel()
	s := newStub(t, answer{200, "", "{}"})
	broken := errors.New("the vault is shut")
	_, err := s.client(gradus.WithTokenSource(func(context.Context) (string, error) { return "", broken })).GetMe(t.Context())
	if !errors.Is(err, broken) || len(s.sent()) != 0 {
		t.Errorf("the call ended with %v after %d requests", err, len(s.sent()))
	}
}

func TestWhoSignsInSendsNoToken(t *testing.T) {
	t.Parallel()
	s := newStub(t, answer{200, "", "{}"})
	if _, err := s.client().SignIn(t.Context(), gradus.Credentials{}); err != nil {
		t.Fatal(err)
	}
	header := s.sent()[0].Header
	if header.Get("Authorization") != "" || header.Get("Content-Type") != "application/json" {
		t.Errorf("the request is %v", header)
	}
	if got := s.sent()[0].URL.Path; got != "/api/v1/auth/login" {
		t.Errorf("it was sent to %s", got)
	}
	if got, want := header.Get("User-Agent"), "gradus-go/"+gradus.Version+" (api "+gradus.APIVersion+")"; got != want {
		t.Errorf("the client calls itself %q, not %q", got, want)
	}
}

func TestACallEndsWithItsContextAndItsTimeout(t *testing.T) {
	t.Parallel()
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hang.Close)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gradus.New(hang.URL).GetMe(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, the call ended with %v", err)
	}
	if _, err := gradus.New(hang.URL, gradus.WithTimeout(20*time.Millisecond)).GetMe(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after its time, the call ended with %v", err)
	}
}

func TestAnswersThatAreNotGradussAreErrors(t *testing.T) {
	t.Parallel()
	s := newStub(t, answer{502, "", "<html>Bad Gateway</html>"}, answer{200, "", "<html>Welcome</html>"})
	_, err := s.client().GetMe(t.Context())
	if e := refused(t, err); e.Status != 502 || e.Code != "" || e.Detail != "Bad Gateway" {
		t.Errorf("a proxy's refusal is %+v", e)
	}
	_, err = s.client().GetMe(t.Context())
	if _, ok := errors.AsType[*json.SyntaxError](err); !ok || !strings.Contains(err.Error(), "GET /me") {
		t.Errorf("a page in the place of an answer gives %v", err)
	}
}

func TestDaysAreReadAndWrittenAsTheyAre(t *testing.T) {
	t.Parallel()
	day := gradus.Date{Year: 2026, Month: time.March, Day: 8}
	written, err := json.Marshal(map[gradus.Date]gradus.Date{day: day})
	if err != nil || string(written) != `{"2026-03-08":"2026-03-08"}` {
		t.Errorf("written as %s: %v", written, err)
	}
	var read gradus.Date
	if err := json.Unmarshal([]byte(`"2026-03-08"`), &read); err != nil || read != day {
		t.Errorf("read as %v: %v", read, err)
	}
	if err := json.Unmarshal([]byte(`"8 March"`), &read); err == nil {
		t.Error("8 March was read as a day")
	}
	chicago := time.FixedZone("CST", -6*3600)
	if got := gradus.DateOf(day.In(chicago)); got != day {
		t.Errorf("the day begins on %v", got)
	}
}
