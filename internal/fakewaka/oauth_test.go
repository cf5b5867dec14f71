package fakewaka_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

func basic(credential string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(credential))
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query    url.Values
		header   []string
		scenario fakewaka.Scenario
		status   int
		redirect string // the error in the redirect, or "code"
		body     string
	}{
		"a person named in the query approves immediately":  {status: 302, redirect: "code"},
		"a person named by the cookie approves immediately": {query: url.Values{"login": nil}, header: []string{"Cookie", "fakewaka_user=grace"}, status: 302, redirect: "code"},
		"without a person, the page lists all people":       {query: url.Values{"login": nil}, status: 200, body: "login=grace"},
		"names on the page are escaped":                     {query: url.Values{"login": nil}, status: 200, body: "Ada &lt;L&gt;"},
		"an unknown person is rejected":                     {query: url.Values{"login": {"nobody"}}, status: 400, body: "nobody"},
		"an unknown client is not redirected":               {query: url.Values{"client_id": {"other"}}, status: 400, body: "client_id"},
		"an unregistered redirect URI is rejected":          {query: url.Values{"redirect_uri": {"https://evil.example/"}}, status: 400, body: "registered"},
		"a missing redirect URI is rejected":                {query: url.Values{"redirect_uri": nil}, status: 400, body: "redirect_uri"},
		"the implicit flow is not supported":                {query: url.Values{"response_type": {"token"}}, status: 302, redirect: "unsupported_response_type"},
		"an unknown scope is rejected":                      {query: url.Values{"scope": {"read_logged_time"}}, status: 302, redirect: "invalid_scope"},
		"a plain PKCE challenge is rejected":                {query: url.Values{"code_challenge": {"x"}, "code_challenge_method": {"plain"}}, status: 302, redirect: "invalid_request"},
		"a person can deny the request":                     {scenario: fakewaka.Scenario{AccessDenied: true}, status: 302, redirect: "access_denied"},
		"the authorize page can be unavailable":             {scenario: fakewaka.Scenario{Only: "authorize", Status: 503}, status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, config())
			h.SetScenario("", tc.scenario)
			a := h.authorize(t, tc.query, tc.header...)
			want(t, "status", a.status, tc.status)
			if !strings.Contains(a.body, tc.body) {
				t.Errorf("body %q does not contain %q", a.body, tc.body)
			}
			if tc.redirect == "" {
				return
			}
			query := redirectParams(t, a)
			want(t, "state", query.Get("state"), "s1")
			if tc.redirect == "code" {
				want(t, "has a code", query.Get("code") != "", true)
			} else {
				want(t, "error", query.Get("error"), tc.redirect)
			}
		})
	}
}

func TestCodeExchange(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("verifier"))
	challenge := url.Values{
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
	}
	for name, tc := range map[string]struct {
		authorize url.Values
		form      url.Values
		later     time.Duration
		status    int
		error     string
	}{
		"a code is exchanged for tokens":            {status: 200},
		"a matching verifier is accepted":           {authorize: challenge, form: url.Values{"code_verifier": {"verifier"}}, status: 200},
		"a missing verifier is rejected":            {authorize: challenge, status: 400, error: "invalid_grant"},
		"a wrong verifier is rejected":              {authorize: challenge, form: url.Values{"code_verifier": {"other"}}, status: 400, error: "invalid_grant"},
		"a wrong secret is rejected":                {form: url.Values{"client_secret": {"x"}}, status: 401, error: "invalid_client"},
		"a different redirect URI is rejected":      {form: url.Values{"redirect_uri": {"https://other.example/"}}, status: 400, error: "invalid_grant"},
		"an unknown code is rejected":               {form: url.Values{"code": {"x"}}, status: 400, error: "invalid_grant"},
		"a code older than ten minutes is rejected": {later: 10 * time.Minute, status: 400, error: "invalid_grant"},
		"an unknown grant type is rejected":         {form: url.Values{"grant_type": {"password"}}, status: 400, error: "unsupported_grant_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, now := config(), noon
			cfg.Now = func() time.Time { return now }
			h := newHarness(t, cfg)
			code := redirectParams(t, h.authorize(t, tc.authorize)).Get("code")
			now = now.Add(tc.later)
			form := url.Values{"grant_type": {"authorization_code"}, "code": {code}}
			maps.Copy(form, tc.form)
			a := h.token(t, form, "Accept", "application/json")
			want(t, "status", a.status, tc.status)
			if tc.error != "" {
				want(t, "error", a.json(t)["error"], tc.error)
				return
			}
			want(t, "second exchange", h.token(t, form).status, 400)
		})
	}
}

func TestTokenResponseFormats(t *testing.T) {
	t.Parallel()
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for name, tc := range map[string]struct {
		fallback fakewaka.TokenFormat
		scenario fakewaka.Scenario
		accept   string
		want     string
	}{
		"a client that accepts anything gets a form":           {accept: "*/*", want: form},
		"a client that accepts JSON gets JSON":                 {accept: "application/json", want: object},
		"a server can return JSON by default":                  {fallback: fakewaka.TokenJSON, accept: "*/*", want: object},
		"a form can be forced on a client that accepts JSON":   {scenario: fakewaka.Scenario{TokenFormat: fakewaka.TokenForm}, accept: "application/json", want: form},
		"JSON can be forced on a client that accepts anything": {scenario: fakewaka.Scenario{TokenFormat: fakewaka.TokenJSON}, accept: "*/*", want: object},
		"the refresh token can be omitted from forms":          {scenario: fakewaka.Scenario{OmitRefresh: true}, accept: "*/*", want: form},
		"the refresh token can be omitted from JSON":           {scenario: fakewaka.Scenario{OmitRefresh: true}, accept: "application/json", want: object},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config()
			cfg.TokenFormat = tc.fallback
			h := newHarness(t, cfg)
			h.SetScenario("ada", tc.scenario)
			code := redirectParams(t, h.authorize(t, nil)).Get("code")
			a := h.token(t, url.Values{"grant_type": {"authorization_code"}, "code": {code}}, "Accept", tc.accept)
			want(t, "content type", a.header.Get("Content-Type"), tc.want)
			var got url.Values
			if tc.want == form {
				got, _ = url.ParseQuery(a.body)
			} else {
				got = url.Values{}
				for key, value := range a.json(t) {
					got.Set(key, fmt.Sprint(value))
				}
			}
			want(t, "scope", got.Get("scope"), "email read_summaries read_stats")
			want(t, "expires_at", got.Get("expires_at"), "2027-11-23T16:39:25Z")
			want(t, "token type", got.Get("token_type"), "bearer")
			want(t, "prefix", strings.HasPrefix(got.Get("access_token"), "waka_tok_"), true)
			want(t, "has refresh", strings.HasPrefix(got.Get("refresh_token"), "waka_ref_"), !tc.scenario.OmitRefresh)
		})
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	t.Run("a normal refresh keeps the refresh token and both access tokens", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		first := h.login(t, "ada")
		second := pairOf(t, h.refresh(t, first.refresh))
		want(t, "refresh token", second.refresh, first.refresh)
		want(t, "access differs", second.access != first.access, true)
		want(t, "old access", h.statusOf(t, first.access), 200)
		want(t, "new access", h.statusOf(t, second.access), 200)
	})
	t.Run("a rotated refresh token works once", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		first := h.login(t, "ada")
		h.SetScenario("ada", fakewaka.Scenario{RotateRefresh: true})
		second := pairOf(t, h.refresh(t, first.refresh))
		want(t, "rotated", second.refresh != first.refresh, true)
		want(t, "old refresh", h.refresh(t, first.refresh).json(t)["error"], "invalid_grant")
		third := pairOf(t, h.refresh(t, second.refresh))
		want(t, "new access", h.statusOf(t, third.access), 200)
	})
	t.Run("access and refresh tokens are not interchangeable", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		tokens := h.login(t, "ada")
		want(t, "access as refresh", h.refresh(t, tokens.access).status, 400)
		want(t, "refresh as access", h.statusOf(t, tokens.refresh), 401)
		want(t, "forged", h.statusOf(t, tokens.access+"0"), 401)
		want(t, "garbage", h.refresh(t, "waka_ref_!").status, 400)
	})
	t.Run("errors can be forced", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		tokens := h.login(t, "ada")
		h.SetScenario("ada", fakewaka.Scenario{InvalidGrant: true, Calls: 1})
		want(t, "grant", h.refresh(t, tokens.refresh).json(t)["error"], "invalid_grant")
		h.SetScenario("", fakewaka.Scenario{InvalidClient: true, Calls: 1})
		want(t, "client", h.refresh(t, tokens.refresh).json(t)["error"], "invalid_client")
		h.SetScenario("", fakewaka.Scenario{TokenStatus: 500, RetryAfter: "soon", Calls: 1})
		broken := h.refresh(t, tokens.refresh)
		want(t, "status", broken.status, 500)
		want(t, "retry after", broken.header.Get("Retry-After"), "soon")
		h.SetScenario("", fakewaka.Scenario{Only: "token", HTML: true, Status: 502, Calls: 1})
		want(t, "page", h.refresh(t, tokens.refresh).header.Get("Content-Type"), "text/html; charset=utf-8")
		h.SetScenario("", fakewaka.Scenario{OmitRefresh: true, Truncated: true, Calls: 1})
		want(t, "API faults do not affect OAuth", h.refresh(t, tokens.refresh).status, 200)
		want(t, "normal again", h.refresh(t, tokens.refresh).status, 200)
	})
	t.Run("upstream's limits can be enforced", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.SetScenario("ada", fakewaka.Scenario{TokenLimits: true})
		tokens := h.login(t, "ada")
		for range 8 {
			want(t, "refresh", h.refresh(t, tokens.refresh).status, 200)
		}
		want(t, "oldest of nine", h.statusOf(t, tokens.access), 401)
		want(t, "tenth", h.refresh(t, tokens.refresh).status, 200)
		want(t, "eleventh in an hour", h.refresh(t, tokens.refresh).status, 429)
	})
}

func TestTokens_ExpireAndSurviveRestarts(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	tokens := h.login(t, "ada")
	second := newHarness(t, config())
	want(t, "same tokens", second.login(t, "ada"), tokens)

	later := config()
	later.Now = func() time.Time { return noon.AddDate(0, 0, 364) }
	restarted := newHarness(t, later)
	want(t, "a day before it expires", restarted.statusOf(t, tokens.access), 200)
	want(t, "refresh", restarted.refresh(t, tokens.refresh).status, 200)

	later.Now = func() time.Time { return noon.AddDate(0, 0, 365) }
	want(t, "after it expired", newHarness(t, later).statusOf(t, tokens.access), 401)
	later.Seed++
	want(t, "another seed", newHarness(t, later).refresh(t, tokens.refresh).status, 400)

	h.SetScenario("ada", fakewaka.Scenario{TokenLifetime: -time.Second})
	want(t, "issued expired", h.statusOf(t, h.login(t, "ada").access), 401)
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body         string // %[1]s access, %[2]s refresh, %[3]s the person's ID
		asJSON       bool
		scenario     fakewaka.Scenario
		status       int
		revoked      bool // the pair whose token was sent
		otherRevoked bool // the same person's other pair
		graceValid   bool // another person's pair
	}{
		"an access token revokes its pair":                  {body: "token=%[1]s", status: 200, revoked: true, graceValid: true},
		"a refresh token revokes its pair":                  {body: "token=%[2]s", status: 200, revoked: true, graceValid: true},
		"JSON is accepted":                                  {body: `{"token":%[1]q}`, asJSON: true, status: 200, revoked: true, graceValid: true},
		"all with a token revokes all of a person's tokens": {body: "token=%[1]s&all=true", status: 200, revoked: true, otherRevoked: true, graceValid: true},
		"a user ID revokes all of a person's tokens":        {body: "user_id=%[3]s", status: 200, revoked: true, otherRevoked: true, graceValid: true},
		"all alone revokes everybody's tokens":              {body: `{"all":true}`, asJSON: true, status: 200, revoked: true, otherRevoked: true},
		"an unknown token is accepted":                      {body: "token=x", status: 200, graceValid: true},
		"a wrong client changes nothing":                    {body: "client_id=x&token=%[1]s", status: 200, graceValid: true},
		"the endpoint can be unavailable":                   {body: "token=%[1]s", scenario: fakewaka.Scenario{RevokeStatus: 500, RetryAfter: "9"}, status: 500, graceValid: true},
		"the response can be replaced":                      {body: "token=%[1]s", scenario: fakewaka.Scenario{Only: "revoke", Empty: true, Status: 502}, status: 502, graceValid: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, config())
			mine, other, grace := h.login(t, "ada"), h.login(t, "ada"), h.login(t, "grace")
			id := h.get(t, "ada", "").json(t)["data"].(map[string]any)["id"].(string)
			h.SetScenario("", tc.scenario)
			body := strings.NewReplacer("%[1]s", mine.access, "%[2]s", mine.refresh, "%[3]s", id, "%[1]q", `"`+mine.access+`"`).Replace(tc.body)
			kind := "application/x-www-form-urlencoded"
			if tc.asJSON {
				kind, body = "application/json", `{"client_id":"client","client_secret":"waka_sec_test",`+body[1:]
			} else {
				body += "&client_id=client&client_secret=waka_sec_test"
			}
			for range 2 { // also when already revoked
				want(t, "status", h.do(t, http.MethodPost, "/oauth/revoke", "", body, "Content-Type", kind).status, tc.status)
			}
			h.SetScenario("", fakewaka.Scenario{})
			want(t, "access valid", h.statusOf(t, mine.access) == 200, !tc.revoked)
			want(t, "refresh valid", h.refresh(t, mine.refresh).status == 200, !tc.revoked)
			want(t, "other valid", h.statusOf(t, other.access) == 200, !tc.otherRevoked)
			want(t, "grace valid", h.statusOf(t, grace.access) == 200, tc.graceValid)
			want(t, "a new login works", h.statusOf(t, h.login(t, "ada").access), 200)
		})
	}
}
