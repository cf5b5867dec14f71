package wakatime_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	c := newClient(t, "", func(cfg *wakatime.Config) {
		cfg.APIURL, cfg.OAuthURL = "", ""
		cfg.AllowedBaseURLs = []string{"https://waka.school.example/api/compat/wakatime/v1/", "http://10.0.0.5:3000/api"}
	})
	for typed, want := range map[string]string{
		"":                                       "",
		"  ":                                     "",
		"https://api.wakatime.com/api/v1":        "",
		" HTTPS://API.wakatime.com:443/api/v1/ ": "",
		"https://waka.school.example/api/compat/wakatime/v1":        "https://waka.school.example/api/compat/wakatime/v1",
		"https://WAKA.school.example:443/api/compat/wakatime/v1///": "https://waka.school.example/api/compat/wakatime/v1",
		"http://10.0.0.5:3000/api":                                  "http://10.0.0.5:3000/api",
	} {
		t.Run("accepts "+strconv.Quote(typed), func(t *testing.T) {
			t.Parallel()
			if got, err := c.BaseURL(typed); err != nil || got != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
	for _, typed := range []string{
		"https://evil.example/api/v1",
		"https://waka.school.example/api/other",
		"https://waka.school.example",
		"https://waka.school.example/api/compat/wakatime/v1/users",
		"https://waka.school.example/api/compat/wakatime/v1?x=1",
		"https://waka.school.example/api/compat/wakatime/v1?",
		"https://waka.school.example/api/compat/wakatime/v1#x",
		"https://waka.school.example/x/../api/compat/wakatime/v1",
		"https://waka.school.example/api//compat/wakatime/v1",
		"https://waka.school.example/%61pi/compat/wakatime/v1",
		"https://waka.school.example/api%2fcompat/wakatime/v1",
		"https://waka.school.example./api/compat/wakatime/v1",
		"https://waka.school.example:8443/api/compat/wakatime/v1",
		"http://waka.school.example/api/compat/wakatime/v1",
		"https://waka.school.example@evil.example/api/compat/wakatime/v1",
		"https://user:password@waka.school.example/api/compat/wakatime/v1",
		"https://waka.school.example\\@evil.example/",
		"//waka.school.example/api/compat/wakatime/v1",
		"waka.school.example/api/compat/wakatime/v1",
		"ftp://waka.school.example/api", "file:///etc/passwd", "gopher://127.0.0.1:25/", "javascript:alert(1)",
		"https://", "https://:443/api", "https://waka.school.example:/api/compat/wakatime/v1",
		"http://127.0.0.1/", "http://[::1]/", "http://0.0.0.0/", "http://169.254.169.254/latest/meta-data",
		"http://2130706433/", "http://0x7f.1/", "http://[::ffff:10.0.0.5]:3000/api", "http://localhost./api",
		"https://waka.school.example\r\nHost: evil", "\x00", "%",
	} {
		t.Run("rejects "+strconv.Quote(typed), func(t *testing.T) {
			t.Parallel()
			if got, err := c.BaseURL(typed); !errors.Is(err, domain.ErrWakaTimeBaseURLNotAllowed) || got != "" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestNew_RejectsInvalidBaseURLs(t *testing.T) {
	t.Parallel()
	_, err := wakatime.New(wakatime.Config{
		APIURL: "wakatime.com/api", OAuthURL: "https://user:canary@wakatime.com/oauth", AllowedBaseURLs: []string{"https://ok.example", "://"},
	}, clock)
	want := "wakatime: OAuth URL: it must not have a user name, query or fragment\n" +
		"API URL: it must start with https:// or http://\n" +
		"allowed base URL 2: it must be a URL"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestAccount_SendsKeysOnlyToAllowedServers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	cred := h.key("ada")
	cred.BaseURL = h.url + "/elsewhere"
	_, err := h.Account(t.Context(), cred)
	if reason(t, err) != domain.ReasonMisconfig || !errors.Is(err, domain.ErrWakaTimeBaseURLNotAllowed) {
		t.Errorf("got %v", err)
	}
	if n := h.Calls("", ""); n != 0 {
		t.Errorf("the server received %d requests", n)
	}
}

func TestAccount_SendsAccessTokensOnlyToTheConfiguredServer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	cred := bearer(h.login(t).AccessToken)
	cred.BaseURL = h.url + "/api/compat/wakatime/v1"
	if a, err := h.Account(t.Context(), cred); err != nil || a.Plan == "" {
		t.Errorf("got %v, %v; want the response of the configured server", a, err)
	}
}

func TestTransport_IgnoresProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	if newClient(t, "https://wakatime.example").Transport().(*http.Transport).Proxy != nil {
		t.Error("a proxy from the environment would see every token")
	}
}
