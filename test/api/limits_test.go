package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/redistest"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// behindProxy makes the server believe the addresses that a test sends.
func behindProxy(c *config.Config) { c.TrustedProxies = []string{"127.0.0.1"} }

// signIn signs in from an address.
func signIn(c apiclient.Client, address, email, password string) apiclient.Response {
	return c.With("X-Forwarded-For", address).Post("/auth/login", apiclient.Object{"email": email, "password": password})
}

// 60 students behind one address sign in within five minutes. One in ten mistypes the password
// first, some twice. Nobody is blocked.
func TestLimits_LetAClassSignIn(t *testing.T) {
	t.Parallel()
	s := testserver.Start(t, testserver.DefaultLimits, behindProxy)
	c := s.Client(t)
	for i := range 60 {
		email := fmt.Sprintf("student%d@school.example", i)
		s.AddUser(t, email, "Student", "member")
		typos := 0
		switch i % 20 {
		case 3:
			typos = 1
		case 13:
			typos = 2
		}
		for range typos {
			signIn(c, "192.0.2.1", email, "mistyped on a small keyboard").ExpectProblem(http.StatusUnauthorized, "invalid_credentials")
		}
		signIn(c, "192.0.2.1", email, testserver.Password).Expect(http.StatusOK)
		s.Clock.Advance(5 * time.Second)
	}
}

// A day of guesses from a new address each: at most 100 are verified, and the owner still gets in
// with the device that they have used before.
func TestLimits_StopGuessesFromManyAddresses(t *testing.T) {
	t.Parallel()
	s := testserver.Start(t, testserver.DefaultLimits, behindProxy)
	s.AddUser(t, "ada@school.example", "Ada", "member")
	c := s.Client(t)
	first := signIn(c, "192.0.2.1", "ada@school.example", testserver.Password)
	first.Expect(http.StatusOK)
	verified := 0
	for i := range 24 * 60 / 2 {
		res := signIn(c, fmt.Sprintf("2001:db8:1:%x::1", i), "ada@school.example", "123456789012345")
		switch res.Code() {
		case "invalid_credentials":
			verified++
		case "rate_limited":
			if res.Status != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
				t.Fatalf("the response is %d with %v", res.Status, res.Header)
			}
		default:
			t.Fatalf("guess %d returned %d: %s", i, res.Status, res.Body)
		}
		s.Clock.Advance(2 * time.Minute)
	}
	t.Logf("%d guesses were verified", verified)
	if verified > 100 {
		t.Errorf("%d guesses were verified in a day, want at most 100", verified)
	}
	signIn(c, "192.0.2.3", "ada@school.example", "123456789012345") // uses up the next guess
	signIn(c, "192.0.2.1", "ada@school.example", testserver.Password).ExpectProblem(http.StatusTooManyRequests, "rate_limited")
	known := c.With("Gradus-Device", first.Header.Get("Gradus-Device"))
	signIn(known, "192.0.2.1", "ada@school.example", testserver.Password).Expect(http.StatusOK)
}

// Two replicas with one Redis share the counts of requests and of guesses.
func TestLimits_AreSharedByReplicas(t *testing.T) {
	t.Parallel()
	redis := func(c *config.Config) { c.RedisURL = domain.Secret(redistest.New(t)) }
	first := testserver.Start(t, testserver.DefaultLimits, behindProxy, redis)
	first.AddUser(t, "ada@school.example", "Ada", "member")
	second := first.Replica(t)
	replicas := []apiclient.Client{first.Client(t), second.Client(t)}
	for i := range 10 {
		signIn(replicas[i%2], fmt.Sprintf("192.0.2.%d", i), "ada@school.example", "123456789012345").
			ExpectProblem(http.StatusUnauthorized, "invalid_credentials")
	}
	for i, c := range replicas {
		signIn(c, fmt.Sprintf("192.0.3.%d", i), "ada@school.example", "123456789012345").ExpectProblem(http.StatusTooManyRequests, "rate_limited")
	}
	left := make([]string, 2)
	for i, c := range replicas {
		left[i] = c.With("X-Forwarded-For", "192.0.4.1").Post("/auth/login", apiclient.Object{}).Header.Get("RateLimit")
	}
	if !strings.Contains(left[0], `r=239;`) || !strings.Contains(left[1], `r=238;`) {
		t.Errorf("after one request each, the replicas say %q", left)
	}
}
