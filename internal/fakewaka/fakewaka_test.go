package fakewaka_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

const (
	clientID     = "client"
	clientSecret = "waka_sec_test"
	redirectURI  = "https://gradus.example/callback"
)

// noon is on a Monday.
var noon = time.Date(2026, 11, 23, 16, 39, 25, 0, time.UTC)

func clock() time.Time { return noon }

func config() fakewaka.Config {
	return fakewaka.Config{
		Seed:         7,
		ClientID:     clientID,
		ClientSecret: clientSecret,
		RedirectURIs: []string{redirectURI},
		Now:          clock,
		People: []fakewaka.Person{
			{Username: "ada", DisplayName: "Ada <L>", TimeZone: "America/Chicago", Activity: fakewaka.Activity{WeeklyHours: 30}},
			{Username: "grace", TimeZone: "Asia/Kathmandu"},
			{Username: "idle", Activity: fakewaka.Activity{Idle: true}},
		},
	}
}

// harness is a server with a client.
type harness struct {
	*fakewaka.Server
	url    string
	client *http.Client
}

func newHarness(t *testing.T, cfg fakewaka.Config) *harness {
	t.Helper()
	server := fakewaka.New(cfg)
	web := httptest.NewServer(server.Handler())
	t.Cleanup(web.Close)
	client := web.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &harness{server, web.URL, client}
}

// response is the response to a request.
type response struct {
	status int
	header http.Header
	body   string
}

func (a response) json(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatalf("response %d %q is not JSON: %v", a.status, a.body, err)
	}
	return out
}

func (h *harness) do(t *testing.T, method, path, auth, body string, header ...string) response {
	t.Helper()
	a, err := h.try(t, method, path, auth, body, header...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (h *harness) try(t *testing.T, method, path, auth, body string, header ...string) (response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, string(text)}, err
}

// key returns an Authorization header with the API key of username.
func (h *harness) key(username string) string { return basic(h.APIKey(username) + ":") }

func (h *harness) get(t *testing.T, username, path string) response {
	t.Helper()
	return h.do(t, http.MethodGet, "/api/v1/users/current"+path, h.key(username), "")
}

// authorize requests a code.
func (h *harness) authorize(t *testing.T, query url.Values, header ...string) response {
	t.Helper()
	full := url.Values{
		"client_id": {clientID}, "redirect_uri": {redirectURI}, "response_type": {"code"},
		"scope": {"email,read_summaries read_stats"}, "state": {"s1"}, "login": {"ada"},
	}
	maps.Copy(full, query)
	return h.do(t, http.MethodGet, "/oauth/authorize?"+full.Encode(), "", "", header...)
}

// redirectParams returns the parameters of a redirect.
func redirectParams(t *testing.T, a response) url.Values {
	t.Helper()
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != http.StatusFound {
		t.Fatalf("want a redirect, got %d %q", a.status, a.body)
	}
	return to.Query()
}

func (h *harness) token(t *testing.T, form url.Values, header ...string) response {
	t.Helper()
	full := url.Values{"client_id": {clientID}, "client_secret": {clientSecret}, "redirect_uri": {redirectURI}}
	maps.Copy(full, form)
	header = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)
	return h.do(t, http.MethodPost, "/oauth/token", "", full.Encode(), header...)
}

// pair is an access token with its refresh token.
type pair struct{ access, refresh string }

func (h *harness) login(t *testing.T, username string) pair {
	t.Helper()
	code := redirectParams(t, h.authorize(t, url.Values{"login": {username}})).Get("code")
	return pairOf(t, h.token(t, url.Values{"grant_type": {"authorization_code"}, "code": {code}}))
}

func (h *harness) refresh(t *testing.T, refresh string) response {
	t.Helper()
	return h.token(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
}

func pairOf(t *testing.T, a response) pair {
	t.Helper()
	form, err := url.ParseQuery(a.body)
	if err != nil || a.status != http.StatusOK || form.Get("access_token") == "" {
		t.Fatalf("want tokens, got %d %q", a.status, a.body)
	}
	return pair{form.Get("access_token"), form.Get("refresh_token")}
}

func (h *harness) statusOf(t *testing.T, access string) int {
	t.Helper()
	return h.do(t, http.MethodGet, "/api/v1/users/current", "Bearer "+access, "").status
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
