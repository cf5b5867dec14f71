package wakatime_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want domain.WakaTimeAccount
	}{
		"a response of WakaTime":         {`{"data":{"id":"5f-1","username":"ada","timezone":"America/Chicago","plan":"free","new":{}}}`, domain.WakaTimeAccount{ID: "5f-1", Username: "ada", TimeZone: "America/Chicago", Plan: "free"}},
		"a response of Wakapi":           {recorded(t, "users-current.json"), domain.WakaTimeAccount{ID: "ada", Username: "ada", TimeZone: "America/Chicago"}},
		"a number as ID":                 {`{"data":{"id":17,"username":null,"timezone":["x"],"plan":{}}}`, domain.WakaTimeAccount{ID: "17"}},
		"control characters are removed": {`{"data":{"id":"5f","username":" a\u0000d\na "}}`, domain.WakaTimeAccount{ID: "5f", Username: "ada"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newServerClient(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(tc.body)) }, func(cfg *wakatime.Config) { cfg.Source = "fake" })
			tc.want.Server = "fake"
			got, err := c.Account(t.Context(), bearer("token"))
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
	for _, body := range []string{``, `{}`, `[]`, `{"data":null}`, `{"data":[]}`, `{"data":{"id":""}}`, `{"data":{"id":null}}`, `{"data":{"username":"ada"}}`} {
		t.Run("a response without an ID is rejected: "+body, func(t *testing.T) {
			t.Parallel()
			c := newServerClient(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
			if _, err := c.Account(t.Context(), bearer("token")); reason(t, err) != domain.ReasonInvalid {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAccount_Server(t *testing.T) {
	t.Parallel()
	c := newClient(t, "https://wakatime.example:8443", func(cfg *wakatime.Config) { cfg.Source = "mine" })
	c.SetTransport(transport(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, me), nil }))
	for base, want := range map[string]string{
		"": "mine", "https://wakatime.example:8443/api/v1": "mine",
		"https://wakatime.example:8443/api/compat/wakatime/v1": "wakatime.example:8443",
	} {
		got, err := c.Account(t.Context(), domain.Credential{Kind: domain.ConnectedByKey, BaseURL: base, Token: "key"})
		if err != nil || got.Server != want {
			t.Errorf("%q: got %q, %v, want %q", base, got.Server, err, want)
		}
	}
}

// page is a response to any request.
type page struct {
	status int
	body   string
}

var (
	noPage    = page{http.StatusNotFound, "404 page not found\n"}
	htmlPage  = page{http.StatusOK, "<!DOCTYPE html><title>Sign in</title>"}
	emptyData = page{http.StatusOK, `{"data": []}`}
	unpaid    = page{http.StatusPaymentRequired, `{"error":"Upgrade"}`}
	noKey     = page{http.StatusUnauthorized, `{"error":"Unauthorized"}`}
	keyDenied = page{http.StatusForbidden, `{"error":"Forbidden"}`}
	// today is the day of clock.
	today     = page{http.StatusOK, one("2026-11-23T00:00:00Z", "UTC", "0")}
	yesterday = page{http.StatusOK, one("2026-11-22T00:00:00-06:00", "UTC", "60")}
	lastYear  = page{http.StatusOK, one("2025-11-22T00:00:00Z", "UTC", "60")}
	unready   = page{http.StatusAccepted, ""}
	broken    = page{http.StatusBadGateway, ""}
	oversized = page{http.StatusOK, strings.Repeat(" ", 2<<10)}
)

// newPageClient returns a client of a server that returns a page for each endpoint, and
// whose requests it counts.
func newPageClient(tb testing.TB, pages map[string]page, requests *int) *wakatime.Client {
	tb.Helper()
	c := newClient(tb, "https://wakatime.example", func(cfg *wakatime.Config) { cfg.MaxBody = 1 << 10 })
	c.SetTransport(transport(func(r *http.Request) (*http.Response, error) {
		*requests++
		p, ok := pages[strings.TrimPrefix(r.URL.Path, "/api/v1/users/")]
		if !ok {
			p = noPage
		}
		return respond(p.status, p.body), nil
	}))
	return c
}

func TestAccount_ServerThatDoesNotIdentifyAccounts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name            string
		user, summaries page
		want            domain.Reason
	}{
		{"no endpoint for users", noPage, today, ""},
		{"no endpoint for users, days in another zone", noPage, yesterday, ""},
		{"402 for users", unpaid, today, ""},
		{"an empty list instead of a user", emptyData, today, ""},
		{"a user without an ID", page{http.StatusOK, `{"data":{"username":"ada"}}`}, today, ""},
		{"HTML instead of a user", htmlPage, today, ""},
		{"405 for users", page{http.StatusMethodNotAllowed, ""}, today, ""},
		{"no endpoints", noPage, noPage, domain.ReasonUnsupported},
		{"HTML for everything", htmlPage, htmlPage, domain.ReasonUnsupported},
		{"402 for everything", unpaid, unpaid, domain.ReasonUnsupported},
		{"an empty list for everything", emptyData, emptyData, domain.ReasonUnsupported},
		{"no summaries of the requested days", noPage, lastYear, domain.ReasonUnsupported},
		{"a rejected key", noPage, noKey, domain.ReasonUnauthorized},
		{"a key without permission", noPage, keyDenied, domain.ReasonForbidden},
		{"summaries that are not ready", noPage, unready, domain.ReasonNotReady},
		{"summaries that fail", noPage, broken, domain.ReasonUnavailable},
		{"summaries over the size limit", noPage, oversized, domain.ReasonInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var requests int
			c := newPageClient(t, map[string]page{"current": tc.user, "current/summaries": tc.summaries}, &requests)
			got, err := c.Account(t.Context(), domain.Credential{Kind: domain.ConnectedByKey, Token: "waka_key_canary"})
			if requests != 2 {
				t.Errorf("the server received %d requests", requests)
			}
			if tc.want != "" {
				if reason(t, err) != tc.want || got != (domain.WakaTimeAccount{}) {
					t.Errorf("got %v, %v, want %s", got, err, tc.want)
				}
				return
			}
			// The first 16 digits of: printf waka_key_canary | sha256sum
			want := domain.WakaTimeAccount{Server: "wakatime.example", ID: "key:0caa0b69e01a811c"}
			if err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestAccount_OtherFailuresAreFinal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		cred domain.Credential
		user page
		want domain.Reason
	}{
		{"a rejected key", domain.Credential{Kind: domain.ConnectedByKey, Token: "key"}, noKey, domain.ReasonUnauthorized},
		{"a key without permission", domain.Credential{Kind: domain.ConnectedByKey, Token: "key"}, keyDenied, domain.ReasonForbidden},
		{"a failing server", domain.Credential{Kind: domain.ConnectedByKey, Token: "key"}, broken, domain.ReasonUnavailable},
		{"a response over the size limit", domain.Credential{Kind: domain.ConnectedByKey, Token: "key"}, oversized, domain.ReasonInvalid},
		{"an access token without a user", bearer("token"), noPage, domain.ReasonUnsupported},
		{"an access token without a permission", bearer("token"), keyDenied, domain.ReasonMissingScope},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var requests int
			c := newPageClient(t, map[string]page{"current": tc.user, "current/summaries": today}, &requests)
			if _, err := c.Account(t.Context(), tc.cred); reason(t, err) != tc.want || requests != 1 {
				t.Errorf("got %v after %d requests, want %s", err, requests, tc.want)
			}
		})
	}
}
