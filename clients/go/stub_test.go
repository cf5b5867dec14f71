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

// response is one response of a stub.
type response struct {
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

// stub is a server that returns its responses in order, repeats the last one, and records
// the requests.
type stub struct {
	*httptest.Server

	mu       sync.Mutex
	requests []*http.Request
}

func newStub(t *testing.T, responses ...response) *stub {
	t.Helper()
	s := &stub{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		a := responses[min(len(s.requests), len(responses)-1)]
		s.requests = append(s.requests, r)
		s.mu.Unlock()
		if a.status == 0 { // close the connection
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

// sent returns the requests received so far.
func (s *stub) sent() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *stub) client(options ...gradus.Option) *gradus.Client {
	return gradus.New(s.URL+"/api/v1/", append([]gradus.Option{gradus.WithToken("t")}, options...)...)
}

func TestClient_RetriesIdempotentCalls(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	get := func(ctx context.Context, c *gradus.Client) error { _, err := c.GetMe(ctx); return err }
	past := time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)
	hence := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for name, tt := range map[string]struct {
		responses []response
		call      func(context.Context, *gradus.Client) error
		options   []gradus.Option
		calls     int
		status    int  // of the error; 0 for none
		broken    bool // whether it fails without a response
	}{
		"a read succeeds after two errors":           {responses: []response{{503, "0", busy}, {429, past, busy}, {200, "", "{}"}}, call: get, calls: 3},
		"a read is retried after a connection error": {responses: []response{{}, {200, "", "{}"}}, call: get, calls: 2},
		"a call with If-Match is not retried after a connection error": {responses: []response{{}}, calls: 1, broken: true, call: func(ctx context.Context, c *gradus.Client) error {
			return c.ReinstateUser(ctx, id, gradus.IfMatch(`"3"`))
		}},
		"a Retry-After far in the future is not waited for": {responses: []response{{503, hence, busy}}, call: get, calls: 1, status: 503},
		"a read fails after the last retry":                 {responses: []response{{503, "0", busy}}, call: get, calls: 3, status: 503},
		"the number of retries can be set": {
			responses: []response{{503, "0", busy}}, call: get, options: []gradus.Option{gradus.WithRetries(4)}, calls: 5, status: 503,
		},
		"retries can be disabled": {
			responses: []response{{503, "0", busy}}, call: get, options: []gradus.Option{gradus.WithRetries(0)}, calls: 1, status: 503,
		},
		"a PUT is retried": {responses: []response{{503, "0", busy}, {200, "", "{}"}}, calls: 2, call: func(ctx context.Context, c *gradus.Client) error {
			_, err := c.AssignInstructor(ctx, id, id)
			return err
		}},
		"a DELETE is retried": {responses: []response{{503, "0", busy}, {204, "", ""}}, calls: 2, call: func(ctx context.Context, c *gradus.Client) error {
			return c.ReinstateUser(ctx, id)
		}},
		"a create is retried": {responses: []response{{503, "0", busy}, {201, "", "{}"}}, calls: 2, call: func(ctx context.Context, c *gradus.Client) error {
			_, err := c.CreateBatch(ctx, autumn)
			return err
		}},
		"a POST without a key is not retried": {responses: []response{{503, "0", busy}}, calls: 1, status: 503, call: func(ctx context.Context, c *gradus.Client) error {
			_, err := c.SignIn(ctx, gradus.Credentials{})
			return err
		}},
		"a PATCH is not retried": {responses: []response{{503, "0", busy}}, calls: 1, status: 503, call: func(ctx context.Context, c *gradus.Client) error {
			_, err := c.UpdateMe(ctx, gradus.ProfilePatch{})
			return err
		}},
		"a 500 is not retried":                             {responses: []response{{500, "0", busy}}, call: get, calls: 1, status: 500},
		"a Retry-After above 30 seconds is not waited for": {responses: []response{{503, "31", busy}}, call: get, calls: 1, status: 503},
		"a Retry-After beyond the timeout is not waited for": {
			responses: []response{{503, "9", busy}}, call: get, options: []gradus.Option{gradus.WithTimeout(8 * time.Second)}, calls: 1, status: 503,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, tt.responses...)
			err := tt.call(t.Context(), s.client(tt.options...))
			if tt.status == 0 && (err != nil) != tt.broken || tt.status != 0 && errorOf(t, err).Status != tt.status {
				t.Errorf("the call returned %v", err)
			}
			if len(s.sent()) != tt.calls {
				t.Errorf("sent %d times, want %d", len(s.sent()), tt.calls)
			}
			first := s.sent()[0].Header.Get("Idempotency-Key")
			for _, r := range s.sent() {
				if r.Header.Get("Idempotency-Key") != first || r.URL.Path != s.sent()[0].URL.Path {
					t.Errorf("the retry sent %v", r.Header)
				}
			}
		})
	}
}

func TestClient_WaitsForRetryAfter(t *testing.T) {
	t.Parallel()
	s := newStub(t, response{503, "1", busy}, response{429, "1000", busy})
	began := time.Now()
	_, err := s.client().GetMe(t.Context())
	if waited := time.Since(began); waited < time.Second {
		t.Errorf("the client waited %v, want at least 1s", waited)
	}
	e := errorOf(t, err)
	if e.Status != 429 || e.RetryAfter != 1000*time.Second || e.Code != gradus.ProblemCodeBusy || e.RequestID != "r-1" {
		t.Errorf("the error is %+v", e)
	}
}

func TestTokenSource_IsCalledAgainAfter401(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		responses     []response
		calls, tokens int
		fails         bool
		authorization string // of the last request
	}{
		"the token is kept":                         {[]response{{200, "", "{}"}}, 2, 1, false, "Bearer token 1"},
		"the call is sent again with the new token": {[]response{{401, "", dead}, {200, "", "{}"}}, 3, 2, false, "Bearer token 2"},
		"a second 401 is returned":                  {[]response{{200, "", "{}"}, {401, "", dead}}, 3, 2, true, "Bearer token 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, tt.responses...)
			tokens := 0
			c := s.client(gradus.WithTokenSource(func(context.Context) (string, error) {
				tokens++
				return "token " + string(rune('0'+tokens)), nil
			}))
			if _, err := c.GetMe(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := c.UpdateMe(t.Context(), gradus.ProfilePatch{Name: new("Ada")})
			if tt.fails != (err != nil) || tokens != tt.tokens || len(s.sent()) != tt.calls {
				t.Errorf("%d tokens, sent %d times, returned %v", tokens, len(s.sent()), err)
			}
			if got := s.sent()[len(s.sent())-1].Header.Get("Authorization"); got != tt.authorization {
				t.Errorf("the last request was authorized with %q", got)
			}
		})
	}
}

func TestTokenSource_ErrorFailsTheCall(t *testing.T) {
	t.Parallel()
	s := newStub(t, response{200, "", "{}"})
	broken := errors.New("the vault is closed")
	_, err := s.client(gradus.WithTokenSource(func(context.Context) (string, error) { return "", broken })).GetMe(t.Context())
	if !errors.Is(err, broken) || codeOf(err) != gradus.NetworkCodeTokenUnavailable || len(s.sent()) != 0 {
		t.Errorf("the call returned %v after %d requests", err, len(s.sent()))
	}
}

func TestSignIn_SendsNoToken(t *testing.T) {
	t.Parallel()
	s := newStub(t, response{200, "", "{}"})
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
		t.Errorf("the User-Agent is %q, want %q", got, want)
	}
}

func TestSignIn_ReturnsTheChallengeOfASecondFactor(t *testing.T) {
	t.Parallel()
	s := newStub(t, response{202, "", `{"challenge": "c", "expires_at": "2026-10-14T18:35:00Z", "methods": ["totp"]}`}, response{202, "", "[]"})
	session, err := s.client().SignIn(t.Context(), gradus.Credentials{})
	pending, ok := errors.AsType[*gradus.SignInChallengeError](err)
	if !ok || session != nil || pending.Challenge != "c" || pending.Methods[0] != gradus.SecondFactorTotp {
		t.Errorf("SignIn = %+v, %v", session, err)
	}
	if _, err := s.client().SignIn(t.Context(), gradus.Credentials{}); codeOf(err) != gradus.NetworkCodeInvalidResponse {
		t.Errorf("a body of another type returned %v", err)
	}
}

func TestClient_StopsOnCancellationAndTimeout(t *testing.T) {
	t.Parallel()
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hang.Close)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gradus.New(hang.URL).GetMe(ctx); !errors.Is(err, context.Canceled) || codeOf(err) != gradus.NetworkCodeAborted {
		t.Errorf("after the cancellation the call returned %v", err)
	}
	_, err := gradus.New(hang.URL, gradus.WithTimeout(20*time.Millisecond)).GetMe(t.Context())
	if !errors.Is(err, context.DeadlineExceeded) || codeOf(err) != gradus.NetworkCodeTimeout {
		t.Errorf("after the timeout the call returned %v", err)
	}
}

// codeOf returns the code of a call without a usable response.
func codeOf(err error) gradus.NetworkCode {
	if e, ok := errors.AsType[*gradus.NetworkError](err); ok {
		return e.Code
	}
	return ""
}

func TestClient_ConnectionErrorsHaveACode(t *testing.T) {
	t.Parallel()
	broken := newStub(t, response{})
	short := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"id": "`))
	}))
	t.Cleanup(short.Close)
	for name, c := range map[string]*gradus.Client{
		"a closed connection":       broken.client(gradus.WithRetries(0)),
		"no response after retries": broken.client(),
		"half a response":           gradus.New(short.URL),
	} {
		if _, err := c.GetMe(t.Context()); codeOf(err) != gradus.NetworkCodeFailed {
			t.Errorf("%s returned %v", name, err)
		}
	}
}

func TestClient_ResponsesFromProxiesAreErrors(t *testing.T) {
	t.Parallel()
	s := newStub(t, response{502, "", "<html>Bad Gateway</html>"}, response{200, "", "<html>Welcome</html>"})
	_, err := s.client().GetMe(t.Context())
	if e := errorOf(t, err); e.Status != 502 || e.Code != "" || e.Detail != "Bad Gateway" {
		t.Errorf("the error of a proxy is %+v", e)
	}
	_, err = s.client().GetMe(t.Context())
	if _, ok := errors.AsType[*json.SyntaxError](err); !ok || codeOf(err) != gradus.NetworkCodeInvalidResponse || !strings.Contains(err.Error(), "GET /me") {
		t.Errorf("an HTML page returned %v", err)
	}
}

func TestDate_JSON(t *testing.T) {
	t.Parallel()
	day := gradus.Date{Year: 2026, Month: time.March, Day: 8}
	written, err := json.Marshal(map[gradus.Date]gradus.Date{day: day})
	if err != nil || string(written) != `{"2026-03-08":"2026-03-08"}` {
		t.Errorf("encoded as %s: %v", written, err)
	}
	var read gradus.Date
	if err := json.Unmarshal([]byte(`"2026-03-08"`), &read); err != nil || read != day {
		t.Errorf("decoded as %v: %v", read, err)
	}
	if err := json.Unmarshal([]byte(`"8 March"`), &read); err == nil {
		t.Error("8 March was decoded as a day")
	}
	chicago := time.FixedZone("CST", -6*3600)
	if got := gradus.DateOf(day.In(chicago)); got != day {
		t.Errorf("the day starts on %v", got)
	}
}
