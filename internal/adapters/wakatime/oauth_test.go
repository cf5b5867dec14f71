package wakatime_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

func TestAuthorizationURL(t *testing.T) {
	t.Parallel()
	c := newClient(t, "https://wakatime.example")
	to, err := c.AuthorizationURL(state, verifier)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Scheme + "://" + u.Host + u.Path; got != "https://wakatime.example/oauth/authorize" {
		t.Errorf("got %s", got)
	}
	want := url.Values{
		"client_id": {clientID}, "redirect_uri": {redirectURL}, "response_type": {"code"},
		"scope": {"email read_summaries"}, "state": {state.Reveal()},
		"code_challenge_method": {"S256"}, "code_challenge": {"XjQcIy7sUlFDTZqctmf1990eABHmQ5MEvCDJVDJVrrI"},
	}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Error(diff)
	}
	if to, _ = c.AuthorizationURL(state, ""); strings.Contains(to, "code_challenge") {
		t.Errorf("a flow without a verifier has a challenge: %s", to)
	}
}

func TestOAuth_RequiresConfiguration(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*wakatime.Config){
		"no client ID":     func(cfg *wakatime.Config) { cfg.ClientID = "" },
		"no client secret": func(cfg *wakatime.Config) { cfg.ClientSecret = "" },
		"no redirect URL":  func(cfg *wakatime.Config) { cfg.RedirectURL = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, "http://127.0.0.1:1", change)
			if _, err := c.AuthorizationURL(state, ""); !errors.Is(err, domain.ErrWakaTimeNotConfigured) {
				t.Errorf("AuthorizationURL: %v", err)
			}
			if _, err := c.Refresh(t.Context(), "token"); reason(t, err) != domain.ReasonMisconfig || !errors.Is(err, domain.ErrWakaTimeNotConfigured) {
				t.Errorf("Refresh: %v", err)
			}
		})
	}
}

func TestExchange_ParsesFormsAndJSON(t *testing.T) {
	t.Parallel()
	for _, format := range []fakewaka.TokenFormat{fakewaka.TokenForm, fakewaka.TokenJSON, ""} {
		t.Run("format "+string(format), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, withPKCE)
			if !h.UsesPKCE() {
				t.Error("PKCE is off")
			}
			if format != "" {
				h.SetScenario("", fakewaka.Scenario{TokenFormat: format, TokenLifetime: time.Hour})
			}
			g, err := h.Exchange(t.Context(), h.code(t, verifier), verifier)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"email", "read_summaries"}, g.Scopes); diff != "" {
				t.Error(diff)
			}
			lifetime := 365 * 24 * time.Hour
			if format != "" {
				lifetime = time.Hour
			}
			if got := g.ExpiresAt.Sub(noon); got != lifetime {
				t.Errorf("expires after %s, want %s", got, lifetime)
			}
			if !strings.HasPrefix(g.RefreshToken.Reveal(), "waka_ref_") {
				t.Error("no refresh token")
			}
			if account, err := h.Account(t.Context(), bearer(g.AccessToken)); err != nil || account.Username != "ada" {
				t.Errorf("got account %v, %v with the access token", account, err)
			}
		})
	}
}

func TestExchange_RejectsInvalidCodes(t *testing.T) {
	t.Parallel()
	h := newHarness(t, withPKCE)
	code := h.code(t, verifier)
	if _, err := h.Exchange(t.Context(), code, "another-verifier"); reason(t, err) != domain.ReasonRevoked {
		t.Errorf("with another verifier: %v", err)
	}
	if _, err := h.Exchange(t.Context(), code, verifier); reason(t, err) != domain.ReasonRevoked {
		t.Errorf("with a used code: %v", err)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	t.Run("a server that does not rotate returns the same refresh token", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		old := h.login(t)
		g, err := h.Refresh(t.Context(), old.RefreshToken)
		if err != nil || g.RefreshToken != old.RefreshToken || g.AccessToken == old.AccessToken {
			t.Errorf("want the same refresh token and a new access token; error %v", err)
		}
	})
	t.Run("a server that rotates revokes the old refresh token", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		old := h.login(t)
		h.SetScenario("", fakewaka.Scenario{RotateRefresh: true})
		g, err := h.Refresh(t.Context(), old.RefreshToken)
		if err != nil || g.RefreshToken == old.RefreshToken {
			t.Fatalf("not rotated; %v", err)
		}
		if _, err := h.Refresh(t.Context(), old.RefreshToken); reason(t, err) != domain.ReasonRevoked {
			t.Errorf("the old token: %v", err)
		}
	})
	t.Run("an omitted refresh token is empty", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		old := h.login(t)
		h.SetScenario("", fakewaka.Scenario{OmitRefresh: true})
		if g, err := h.Refresh(t.Context(), old.RefreshToken); err != nil || g.RefreshToken != "" || g.AccessToken == "" {
			t.Errorf("got a refresh token, no access token, or error %v", err)
		}
	})
	t.Run("a refreshed token replaces an expired one", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		old := h.login(t)
		h.SetScenario("ada", fakewaka.Scenario{AccessTokenExpired: true})
		if _, err := h.Account(t.Context(), bearer(old.AccessToken)); reason(t, err) != domain.ReasonUnauthorized {
			t.Fatalf("the expired token: %v", err)
		}
		g, err := h.Refresh(t.Context(), old.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Account(t.Context(), bearer(g.AccessToken)); err != nil {
			t.Errorf("the new token: %v", err)
		}
	})
}

func TestRefresh_UpstreamErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		scenario fakewaka.Scenario
		want     domain.Reason
		wait     time.Duration
	}{
		"invalid_grant is revoked":                        {fakewaka.Scenario{InvalidGrant: true}, domain.ReasonRevoked, 0},
		"invalid_client is a misconfiguration":            {fakewaka.Scenario{InvalidClient: true}, domain.ReasonMisconfig, 0},
		"401 without an error code is a misconfiguration": {fakewaka.Scenario{TokenStatus: 401}, domain.ReasonMisconfig, 0},
		"500 is unavailable":                              {fakewaka.Scenario{TokenStatus: 500}, domain.ReasonUnavailable, 0},
		"503 with Retry-After":                            {fakewaka.Scenario{TokenStatus: 503, RetryAfter: "120"}, domain.ReasonUnavailable, 2 * time.Minute},
		"429 is throttled":                                {fakewaka.Scenario{TokenStatus: 429, RetryAfter: "7"}, domain.ReasonThrottled, 7 * time.Second},
		"302 is throttled":                                {fakewaka.Scenario{TokenStatus: 302}, domain.ReasonThrottled, 0},
		"400 is invalid":                                  {fakewaka.Scenario{TokenStatus: 400}, domain.ReasonInvalid, 0},
		"no response in time":                             {fakewaka.Scenario{Only: "token", Timeout: true}, domain.ReasonUnavailable, 0},
		"a dropped connection":                            {fakewaka.Scenario{Only: "token", FailConnections: true}, domain.ReasonUnavailable, 0},
		"HTML":                                            {fakewaka.Scenario{Only: "token", HTML: true}, domain.ReasonInvalid, 0},
		"an empty response":                               {fakewaka.Scenario{Only: "token", Empty: true}, domain.ReasonInvalid, 0},
		"malformed JSON":                                  {fakewaka.Scenario{Only: "token", GarbageJSON: true}, domain.ReasonInvalid, 0},
		"a truncated response":                            {fakewaka.Scenario{Only: "token", Truncated: true}, domain.ReasonInvalid, 0},
		"a response over the size limit":                  {fakewaka.Scenario{Only: "token", OversizeMB: 1}, domain.ReasonInvalid, 0},
		"a slow response":                                 {fakewaka.Scenario{Only: "token", SlowBody: true}, domain.ReasonUnavailable, 0},
		"500 with invalid_grant is unavailable":           {fakewaka.Scenario{Only: "token", Status: 500, Message: "invalid_grant"}, domain.ReasonUnavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, shortTimeout)
			g := h.login(t)
			h.SetScenario("", tc.scenario)
			_, err := h.Refresh(t.Context(), g.RefreshToken)
			if up := upstream(t, err); up.Reason != tc.want || up.RetryAfter != tc.wait {
				t.Errorf("got %s after %s, want %s after %s", up.Reason, up.RetryAfter, tc.want, tc.wait)
			}
		})
	}
}

func TestRefresh_TokenResponses(t *testing.T) {
	t.Parallel()
	const minimal = `{"access_token":"a.b-c~d","token_type":"bearer"`
	year := noon.Add(365 * 24 * time.Hour)
	for name, tc := range map[string]struct {
		contentType, body string
		want              domain.Grant
	}{
		"WakaTime's form": {
			"application/x-www-form-urlencoded",
			"access_token=waka_tok_a&refresh_token=waka_ref_b&uid=c&token_type=bearer&expires_at=2027-04-08T13%3A31%3A08Z&expires_in=3600&scope=email%2Cread_summaries",
			domain.Grant{AccessToken: "waka_tok_a", RefreshToken: "waka_ref_b", ExpiresAt: noon.Add(time.Hour), Scopes: []string{"email", "read_summaries"}},
		},
		"a form with the content type of JSON": {"application/json", "access_token=a&expires_in=60", domain.Grant{AccessToken: "a", ExpiresAt: noon.Add(time.Minute)}},
		"JSON with the content type of HTML":   {"text/html", " \n" + minimal + `,"expires_in":60}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(time.Minute)}},
		"no lifetime":                          {"application/json", minimal + `}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: year}},
		"a lifetime as a string":               {"application/json", minimal + `,"expires_in":"60"}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(time.Minute)}},
		"a lifetime with a fraction":           {"application/json", minimal + `,"expires_in":60.9}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(time.Minute)}},
		"a lifetime of zero":                   {"application/json", minimal + `,"expires_in":0,"expires_at":"2026-11-23T17:39:25Z"}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(time.Hour)}},
		"a negative lifetime":                  {"application/json", minimal + `,"expires_in":-60}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(-time.Minute)}},
		"a very long lifetime":                 {"application/json", minimal + `,"expires_in":1e300}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(3650 * 24 * time.Hour)}},
		"a lifetime of another type":           {"application/json", minimal + `,"expires_in":{"a":1},"expires_at":[]}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: year}},
		"a lifetime of NaN":                    {"text/plain", "access_token=a&expires_in=NaN", domain.Grant{AccessToken: "a", ExpiresAt: year}},
		"only an expiry":                       {"application/json", minimal + `,"expires_at":"2026-11-23T18:39:25+01:00"}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(time.Hour)}},
		"only an expiry, as a number":          {"application/json", minimal + `,"expires_at":1795451965}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon}},
		"an expiry in the year 9999":           {"application/json", minimal + `,"expires_at":"9999-01-01T00:00:00Z"}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(3650 * 24 * time.Hour)}},
		"scopes as a list":                     {"application/json", minimal + `,"expires_in":60,"scope":["email","read_stats"]}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(time.Minute), Scopes: []string{"email", "read_stats"}}},
		"scopes with odd characters":           {"application/json", minimal + `,"expires_in":60,"scope":"email \u0000 \"x\" é"}`, domain.Grant{AccessToken: "a.b-c~d", ExpiresAt: noon.Add(time.Minute), Scopes: []string{"email"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newServerClient(t, func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Accept"); got != "application/json" {
					t.Errorf("Accept is %q", got)
				}
				if r.ParseForm() != nil || r.PostForm.Get("redirect_uri") != redirectURL || r.PostForm.Get("client_secret") != clientSecret {
					t.Error("the request lacks the redirect URI or the client secret")
				}
				w.Header().Set("Content-Type", tc.contentType)
				_, _ = w.Write([]byte(tc.body))
			})
			got, err := c.Refresh(t.Context(), "old")
			if err != nil {
				t.Fatal(err)
			}
			if !got.ExpiresAt.Equal(tc.want.ExpiresAt) {
				t.Errorf("expires at %s, want %s", got.ExpiresAt, tc.want.ExpiresAt)
			}
			got.ExpiresAt = tc.want.ExpiresAt
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExchange_InvalidResponses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
		want   domain.Reason
	}{
		"no access token":                            {200, `{"refresh_token":"b"}`, domain.ReasonInvalid},
		"an access token with a line break":          {200, `{"access_token":"a\r\nX-Evil: 1"}`, domain.ReasonInvalid},
		"a refresh token with a space":               {200, "access_token=a&refresh_token=b+c", domain.ReasonInvalid},
		"an access token of another type":            {200, `{"access_token":{"a":1}}`, domain.ReasonInvalid},
		"invalid_grant with status 200":              {200, `{"error":"invalid_grant"}`, domain.ReasonRevoked},
		"invalid_grant as a form":                    {400, "error=invalid_grant&error_description=gone", domain.ReasonRevoked},
		"unauthorized_client":                        {400, `{"error":"unauthorized_client"}`, domain.ReasonMisconfig},
		"tokens with status 404":                     {404, "access_token=a", domain.ReasonInvalid},
		"invalid_grant with status 429 is throttled": {429, `{"error":"invalid_grant"}`, domain.ReasonThrottled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newServerClient(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			})
			if _, err := c.Exchange(t.Context(), "code", ""); reason(t, err) != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestExchange_Scopes(t *testing.T) {
	t.Parallel()
	t.Run("granted scopes are returned", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.SetScenario("", fakewaka.Scenario{GrantScope: "email"})
		if diff := cmp.Diff([]string{"email"}, h.login(t).Scopes); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a response without scopes grants the requested ones", func(t *testing.T) {
		t.Parallel()
		c := newServerClient(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("access_token=a&scope=")) })
		g, err := c.Exchange(t.Context(), "code", "")
		if diff := cmp.Diff(domain.RequiredScopes, g.Scopes); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	t.Run("both tokens are revoked", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		g := h.login(t)
		if err := h.Revoke(t.Context(), g.RefreshToken); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Account(t.Context(), bearer(g.AccessToken)); reason(t, err) != domain.ReasonUnauthorized {
			t.Errorf("the access token: %v", err)
		}
		if err := h.Revoke(t.Context(), g.RefreshToken); err != nil {
			t.Errorf("second revocation: %v", err)
		}
	})
	for status, want := range map[int]domain.Reason{
		500: domain.ReasonUnavailable, 429: domain.ReasonThrottled, 302: domain.ReasonThrottled,
		401: domain.ReasonMisconfig, 400: domain.ReasonInvalid,
	} {
		t.Run(http.StatusText(status)+" is an error", func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			g := h.login(t)
			h.SetScenario("", fakewaka.Scenario{RevokeStatus: status})
			if err := h.Revoke(t.Context(), g.AccessToken); reason(t, err) != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}
