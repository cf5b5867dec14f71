package wakatime_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

const (
	clientID     = "gradus-client"
	clientSecret = "waka_sec_canary-of-the-client"
	redirectURL  = "https://gradus.example/callback"
	state        = domain.Secret("state-of-this-flow")
	verifier     = domain.Secret("verifier-0123456789-0123456789-0123456789-0")
)

// noon is on a Monday.
var noon = time.Date(2026, time.November, 23, 16, 39, 25, 0, time.UTC)

func clock() time.Time { return noon }

var user = domain.UserID{1, 2, 3}

// harness is a fake WakaTime with a client.
type harness struct {
	*fakewaka.Server
	*wakatime.Client
	url string
}

// testConfig returns a configuration with limits that no test reaches by accident.
func testConfig(base string) wakatime.Config {
	return wakatime.Config{
		ClientID: clientID, ClientSecret: clientSecret, RedirectURL: redirectURL,
		APIURL: base + "/api/v1", OAuthURL: base + "/oauth",
		AllowedBaseURLs:   []string{base + "/api/compat/wakatime/v1"},
		RequestsPerSecond: 1e6, PerUserPerSecond: 1e6, Timeout: 5 * time.Second,
	}
}

func newHarness(t *testing.T, change ...func(*wakatime.Config)) *harness {
	t.Helper()
	fake := fakewaka.New(fakewaka.Config{
		Seed: 7, ClientID: clientID, ClientSecret: clientSecret, RedirectURIs: []string{redirectURL}, Now: clock,
		People: []fakewaka.Person{
			{Username: "ada", TimeZone: "America/Chicago", Plan: "premium", Activity: fakewaka.Activity{WeeklyHours: 40}},
			{Username: "idle", Activity: fakewaka.Activity{Idle: true}},
		},
	})
	web := httptest.NewServer(fake.Handler())
	t.Cleanup(web.Close)
	return &harness{fake, newClient(t, web.URL, change...), web.URL}
}

// newClient returns a client of the server at base.
func newClient(tb testing.TB, base string, change ...func(*wakatime.Config)) *wakatime.Client {
	tb.Helper()
	cfg := testConfig(base)
	for _, f := range change {
		f(&cfg)
	}
	c, err := wakatime.New(cfg, clock)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// newServerClient returns a client of a server with handler h.
func newServerClient(tb testing.TB, h http.HandlerFunc, change ...func(*wakatime.Config)) *wakatime.Client {
	tb.Helper()
	web := httptest.NewServer(h)
	tb.Cleanup(web.Close)
	return newClient(tb, web.URL, change...)
}

func withPKCE(cfg *wakatime.Config) { cfg.PKCE = true }

func shortTimeout(cfg *wakatime.Config) { cfg.Timeout = 300 * time.Millisecond }

// key returns a credential with the API key of username.
func (h *harness) key(username string) domain.Credential {
	return domain.Credential{User: user, Kind: domain.ConnectedByKey, Token: domain.Secret(h.APIKey(username))}
}

// wakapi returns the same credential for the Wakapi-compatible mount.
func (h *harness) wakapi(username string) domain.Credential {
	c := h.key(username)
	c.BaseURL = h.url + "/api/compat/wakatime/v1"
	return c
}

func bearer(token domain.Secret) domain.Credential {
	return domain.Credential{User: user, Kind: domain.ConnectedByOAuth, Token: token}
}

// code approves the authorization as ada and returns the code.
func (h *harness) code(t *testing.T, verifier domain.Secret) domain.Secret {
	t.Helper()
	to, err := h.AuthorizationURL(state, verifier)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to+"&login=ada", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	redirect, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.StatusCode != http.StatusFound {
		t.Fatalf("the authorization page returned %d", resp.StatusCode)
	}
	if got := redirect.Query().Get("state"); got != state.Reveal() {
		t.Errorf("state is %q", got)
	}
	return domain.Secret(redirect.Query().Get("code"))
}

// login connects ada.
func (h *harness) login(t *testing.T) domain.Grant {
	t.Helper()
	g, err := h.Exchange(t.Context(), h.code(t, ""), "")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// upstream returns err as a *domain.UpstreamError.
func upstream(tb testing.TB, err error) *domain.UpstreamError {
	tb.Helper()
	up, ok := errors.AsType[*domain.UpstreamError](err)
	if !ok {
		tb.Fatalf("got %v, want a *domain.UpstreamError", err)
	}
	return up
}

func reason(tb testing.TB, err error) domain.Reason {
	tb.Helper()
	return upstream(tb, err).Reason
}

// transport is an in-memory network, for tests with a fake clock.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewBufferString(body))}
}

// serve returns a transport that calls h.
func serve(h http.Handler) transport {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

func day(tb testing.TB, s string) domain.Day {
	tb.Helper()
	d, err := domain.ParseDay("day", s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func days(tb testing.TB, from, to string) domain.DayRange {
	tb.Helper()
	return domain.DayRange{From: day(tb, from), To: day(tb, to)}
}
