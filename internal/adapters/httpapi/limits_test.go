package httpapi_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/adapters/memory"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// limited starts a server with real rate limits that allow one request of each class, on a
// clock that only the test moves.
func limited(t *testing.T) (s *server, advance func(time.Duration)) {
	t.Helper()
	now := operations.Now
	limiter, err := memory.NewRateLimiter(func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	one := func(c *httpapi.Config) {
		classes, err := httpapi.RateLimitClasses()
		if err != nil {
			t.Fatal(err)
		}
		c.RateLimits.Factors = map[string]float64{}
		for _, class := range classes {
			c.RateLimits.Factors[class] = 0.001
		}
	}
	return servertest.StartLimited(t, limiter, one).SignedIn(), func(d time.Duration) { now = now.Add(d) }
}

var (
	rateLimit       = regexp.MustCompile(`^"([a-z_]+)";r=(\d+);t=(\d+)$`)
	rateLimitPolicy = regexp.MustCompile(`^"([a-z_]+)";q=(\d+);w=(\d+)$`)
)

// wantLimited checks a response to a request that is over the limit of a class.
func wantLimited(t *testing.T, got servertest.Response, class string) (retryAfter time.Duration) {
	t.Helper()
	got.WantProblem(t, http.StatusTooManyRequests, "rate_limited")
	seconds, err := strconv.Atoi(got.Header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		t.Errorf("Retry-After is %q", got.Header.Get("Retry-After"))
	}
	if m := rateLimit.FindStringSubmatch(got.Header.Get("RateLimit")); m == nil || m[1] != class || m[2] != "0" {
		t.Errorf("RateLimit is %q, want none left of %s", got.Header.Get("RateLimit"), class)
	}
	if m := rateLimitPolicy.FindStringSubmatch(got.Header.Get("RateLimit-Policy")); m == nil || m[1] != class || m[2] != "1" {
		t.Errorf("RateLimit-Policy is %q, want that of %s", got.Header.Get("RateLimit-Policy"), class)
	}
	return time.Duration(seconds) * time.Second
}

// Every operation of the contract has a limit: one request over it is rejected before it
// reaches the port, which allows a single call, and is allowed when Retry-After has passed.
func TestLimits_ApplyToEveryOperation(t *testing.T) {
	t.Parallel()
	classes := map[string]string{} // by operation
	for _, item := range servertest.Spec(t).Paths.Map() {
		for _, op := range item.Operations() {
			classes[op.OperationID], _ = op.Extensions["x-limit"].(string)
		}
	}
	for _, r := range oneRow(func(row) bool { return true }) {
		class := classes[r.operation]
		delete(classes, r.operation)
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s, advance := limited(t)
			r.port(s)
			first := s.Do(t, r.call)
			if first.StatusCode != r.status || rateLimit.FindString(first.Header.Get("RateLimit")) == "" || rateLimitPolicy.FindString(first.Header.Get("RateLimit-Policy")) == "" {
				t.Fatalf("the first response is %d with %v", first.StatusCode, first.Header)
			}
			wait := wantLimited(t, s.Do(t, r.call), class)
			advance(wait)
			r.port(s)
			if again := s.Do(t, r.call); again.StatusCode != r.status {
				t.Errorf("after Retry-After the response is %d: %s", again.StatusCode, again.Text)
			}
		})
	}
	for operation := range classes {
		t.Errorf("%s has no call; add one to %s", operation, operations.RegistrationFile)
	}
}

// A limited request must not cost what a valid one does: its body is not read.
func TestLimits_ComeBeforeValidation(t *testing.T) {
	t.Parallel()
	s, _ := limited(t)
	for _, c := range []call{servertest.Post("/auth/login", `{}`).SignedOut(), servertest.Post("/batches", `{}`)} {
		s.Do(t, c).WantProblem(t, http.StatusUnprocessableEntity, "invalid_request")
		c.Body, c.Stream = "", strings.NewReader(strings.Repeat("x", 300<<10))
		s.Do(t, c).WantProblem(t, http.StatusTooManyRequests, "rate_limited")
	}
}

func TestLimits_CountByNetwork(t *testing.T) {
	t.Parallel()
	type request struct {
		peer    string // "" is the address of the first request
		header  http.Header
		path    string
		allowed bool
	}
	const v4, v6 = "192.0.2.1:4000", "[2001:db8:0:7::1]:4000"
	forged := func(name string) request {
		return request{header: http.Header{name: {"198.51.100.9", "for=198.51.100.9"}}}
	}
	for name, tt := range map[string]struct {
		first string
		then  request
	}{
		"another IPv4 address":                 {v4, request{peer: "192.0.2.2:4000", allowed: true}},
		"another port":                         {v4, request{peer: "192.0.2.1:4001"}},
		"the same address as mapped IPv6":      {v4, request{peer: "[::ffff:192.0.2.1]:4000"}},
		"an address of the same /64":           {v6, request{peer: "[2001:db8:0:7:ffff::2]:4000"}},
		"an address of the next /64":           {v6, request{peer: "[2001:db8:0:8::1]:4000", allowed: true}},
		"a zone":                               {"[fe80::1%eth0]:1", request{peer: "[fe80::2%eth1]:1"}},
		"X-Forwarded-For of an untrusted peer": {v4, forged("X-Forwarded-For")},
		"Forwarded of an untrusted peer":       {v4, forged("Forwarded")},
		"X-Real-IP":                            {v4, forged("X-Real-Ip")},
		"CF-Connecting-IP":                     {v4, forged("Cf-Connecting-Ip")},
		"True-Client-IP":                       {v4, forged("True-Client-Ip")},
		"a doubled slash":                      {v4, request{path: "/api/v1//auth/login"}},
		"a trailing slash":                     {v4, request{path: "/api/v1/auth/login/"}},
		"a query":                              {v4, request{path: "/api/v1/auth/login?x=1"}},
		"an escaped letter":                    {v4, request{path: "/api/v1/auth/%6cogin"}},
		"a dot segment":                        {v4, request{path: "/api/v1/auth/./login"}},
		"a path that goes up":                  {v4, request{path: "/api/v1/me/../auth/login"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := limited(t)
			send := func(peer, path string, header http.Header) int {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(`{}`))
				if err != nil {
					t.Fatal(err)
				}
				r.RequestURI, r.RemoteAddr = path, peer
				maps.Copy(r.Header, header)
				r.Header.Set("Content-Type", "application/json")
				rec := httptest.NewRecorder()
				s.Handler.ServeHTTP(rec, r)
				return rec.Code
			}
			if got := send(tt.first, "/api/v1/auth/login", nil); got != http.StatusUnprocessableEntity {
				t.Fatalf("the first response is %d", got)
			}
			peer, path := tt.then.peer, tt.then.path
			if peer == "" {
				peer = tt.first
			}
			if path == "" {
				path = "/api/v1/auth/login"
			}
			// A spelling that the server does not accept must not reach the operation, either.
			if got := send(peer, path, tt.then.header); (got == http.StatusUnprocessableEntity) != tt.then.allowed {
				t.Errorf("the second response is %d, want it allowed: %t", got, tt.then.allowed)
			}
		})
	}
}

// Users behind one address do not share the limits of signed-in operations.
func TestLimits_CountByUser(t *testing.T) {
	t.Parallel()
	s, _ := limited(t)
	other := s.Actor
	other.UserID, other.Origin = domain.UserID{9}, domain.Origin{}
	otherToken := strings.Repeat("o", 43)
	s.Sessions.EXPECT().Authenticate(servertest.Anything, domain.Secret(otherToken)).Return(other, nil).AnyTimes()
	s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil).Times(2)
	me := servertest.Get("/me")
	if got := s.Do(t, me); got.StatusCode != http.StatusOK {
		t.Fatalf("the first response is %d", got.StatusCode)
	}
	wantLimited(t, s.Do(t, me), "read")
	if got := s.Do(t, me.With("Authorization", "Bearer "+otherToken)); got.StatusCode != http.StatusOK {
		t.Errorf("another user behind the same address receives %d", got.StatusCode)
	}
}

// Guesses of tokens are limited by address, but valid tokens behind the address still work.
func TestLimits_OfUnauthenticatedRequests(t *testing.T) {
	t.Parallel()
	s, _ := limited(t)
	guess := strings.Repeat("g", 43)
	s.Sessions.EXPECT().Authenticate(servertest.Anything, domain.Secret(guess)).Return(domain.Actor{}, domain.ErrUnauthenticated).AnyTimes()
	var got servertest.Response
	for range 601 {
		got = s.Do(t, servertest.Get("/me").With("Authorization", "Bearer "+guess))
		if got.StatusCode == http.StatusTooManyRequests {
			break
		}
		got.WantProblem(t, http.StatusUnauthorized, "unauthenticated")
	}
	got.WantProblem(t, http.StatusTooManyRequests, "rate_limited")
	s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil)
	if got := s.Do(t, servertest.Get("/me")); got.StatusCode != http.StatusOK {
		t.Errorf("a valid token behind the same address receives %d", got.StatusCode)
	}
}

// The headers name the limit that a use case reports.
func TestLimits_OfUseCases(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	limit := domain.RateLimit{Name: "guesses", Burst: 1, Every: time.Minute}
	s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).
		Return(domain.SignIn{}, domain.Quota{RetryAfter: 90 * time.Second, ResetAfter: time.Minute}.Err(limit))
	got := s.Do(t, servertest.Post("/auth/login", operations.Credentials+"}").SignedOut())
	if wait := wantLimited(t, got, "guesses"); wait != 90*time.Second {
		t.Errorf("Retry-After is %v", wait)
	}
}
