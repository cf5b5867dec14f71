package wakatime_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
)

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
	if reason(t, err) != domain.ReasonNotAllowed || !errors.Is(err, domain.ErrWakaTimeBaseURLNotAllowed) {
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
