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

// noon is a Monday.
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

// house is a server and a client of it.
type house struct {
	*fakewaka.Server
	url    string
	client *http.Client
}

func open(t *testing.T, cfg fakewaka.Config) *house {
	t.Helper()
	server := fakewaka.New(cfg)
	web := httptest.NewServer(server.Handler())
	t.Cleanup(web.Close)
	client := web.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &house{server, web.URL, client}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatalf("answer %d %q is not JSON: %v", a.status, a.body, err)
	}
	return out
}

func (h *house) do(t *testing.T, method, path, auth, body string, header ...string) answer {
	t.Helper()
	a, err := h.try(t, method, path, auth, body, header...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (h *house) try(t *testing.T, method, path, auth, body string, header ...string) (answer, error) {
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
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(text)}, err
}

// key authorizes as username by API key.
func (h *house) key(username string) string { return basic(h.APIKey(username) + ":") }

func (h *house) get(t *testing.T, username, path string) answer {
	t.Helper()
	return h.do(t, http.MethodGet, "/api/v1/users/current"+path, h.key(username), "")
}

// authorize asks for a code and returns where the browser is sent.
func (h *house) authorize(t *testing.T, query url.Values, header ...string) answer {
	t.Helper()
	full := url.Values{
		"client_id": {clientID}, "redirect_uri": {redirectURI}, "response_type": {"code"},
		"scope": {"email,read_summaries read_stats"}, "state": {"s1"}, "login": {"ada"},
	}
	maps.Copy(full, query)
	return h.do(t, http.MethodGet, "/oauth/authorize?"+full.Encode(), "", "", header...)
}

// sentBack returns the parameters of a redirect.
func sentBack(t *testing.T, a answer) url.Values {
	t.Helper()
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != http.StatusFound {
		t.Fatalf("want a redirect, got %d %q", a.status, a.body)
	}
	return to.Query()
}

func (h *house) token(t *testing.T, form url.Values, header ...string) answer {
	t.Helper()
	full := url.Values{"client_id": {clientID}, "client_secret": {clientSecret}, "redirect_uri": {redirectURI}}
	maps.Copy(full, form)
	header = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)
	return h.do(t, http.MethodPost, "/oauth/token", "", full.Encode(), header...)
}

// pair is what a client keeps.
type pair struct{ access, refresh string }

func (h *house) login(t *testing.T, username string) pair {
	t.Helper()
	code := sentBack(t, h.authorize(t, url.Values{"login": {username}})).Get("code")
	return pairOf(t, h.token(t, url.Values{"grant_type": {"authorization_code"}, "code": {code}}))
}

func (h *house) refresh(t *testing.T, refresh string) answer {
	t.Helper()
	return h.token(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
}

func pairOf(t *testing.T, a answer) pair {
	t.Helper()
	form, err := url.ParseQuery(a.body)
	if err != nil || a.status != http.StatusOK || form.Get("access_token") == "" {
		t.Fatalf("want tokens, got %d %q", a.status, a.body)
	}
	return pair{form.Get("access_token"), form.Get("refresh_token")}
}

func (h *house) statusOf(t *testing.T, access string) int {
	t.Helper()
	return h.do(t, http.MethodGet, "/api/v1/users/current", "Bearer "+access, "").status
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
