package wakatime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	maxTokenBody = 64 << 10
	// documentedLifetime is how long WakaTime says that access tokens live.
	documentedLifetime = 365 * 24 * time.Hour
	maxLifetime        = 10 * documentedLifetime
)

// AuthorizationURL returns where to send a browser.
// Errors: ErrWakaTimeNotConfigured.
func (c *Client) AuthorizationURL(state, verifier domain.Secret) (string, error) {
	if !c.configured() {
		return "", domain.ErrWakaTimeNotConfigured
	}
	var options []oauth2.AuthCodeOption
	if verifier != "" {
		options = append(options, oauth2.S256ChallengeOption(verifier.Reveal()))
	}
	return c.flow.AuthCodeURL(state.Reveal(), options...), nil
}

// UsesPKCE reports whether a verifier should be made for each flow.
func (c *Client) UsesPKCE() bool { return c.cfg.PKCE }

func (c *Client) configured() bool {
	return c.cfg.ClientID != "" && c.cfg.ClientSecret != "" && c.cfg.RedirectURL != ""
}

// Exchange trades a code for tokens. A grant whose answer names no scopes has those
// that were asked for.
// Errors: *domain.UpstreamError, with ReasonRevoked when the code is no good.
func (c *Client) Exchange(ctx context.Context, code, verifier domain.Secret) (domain.Grant, error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code.Reveal()}}
	if verifier != "" {
		form.Set("code_verifier", verifier.Reveal())
	}
	g, err := c.trade(ctx, form)
	if err == nil && len(g.Scopes) == 0 {
		g.Scopes = c.cfg.Scopes
	}
	return g, err
}

// Refresh trades a refresh token for new tokens.
// Errors: *domain.UpstreamError, with ReasonRevoked when the token is no good.
func (c *Client) Refresh(ctx context.Context, refreshToken domain.Secret) (domain.Grant, error) {
	return c.trade(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken.Reveal()}})
}

// Revoke ends a token and its pair.
// Errors: *domain.UpstreamError.
func (c *Client) Revoke(ctx context.Context, token domain.Secret) error {
	a, err := c.post(ctx, "/revoke", url.Values{"token": {token.Reveal()}})
	switch {
	case err != nil:
		return err
	case a.status == http.StatusUnauthorized:
		return a.failed(domain.ReasonMisconfig)
	case a.status >= http.StatusMultipleChoices:
		return a.failed(domain.ReasonInvalid)
	}
	return nil
}

// post sends a form as the OAuth client. golang.org/x/oauth2 could, but it guesses at
// the form of the answer by its Content-Type alone, refuses fractions in expires_in,
// leaves redirect_uri out of refreshes and quotes answers in its errors.
func (c *Client) post(ctx context.Context, path string, form url.Values) (reply, error) {
	if !c.configured() {
		return reply{}, &domain.UpstreamError{Reason: domain.ReasonMisconfig, Err: domain.ErrWakaTimeNotConfigured}
	}
	form.Set("client_id", c.cfg.ClientID)
	form.Set("client_secret", c.cfg.ClientSecret.Reveal())
	form.Set("redirect_uri", c.cfg.RedirectURL)
	return c.send(ctx, query{
		server: c.oauth, method: http.MethodPost, url: c.cfg.OAuthURL + path,
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		body:   form.Encode(), maxBody: maxTokenBody,
	})
}

func (c *Client) trade(ctx context.Context, form url.Values) (domain.Grant, error) {
	a, err := c.post(ctx, "/token", form)
	if err != nil {
		return domain.Grant{}, err
	}
	fields := tokenFields(a.body)
	switch code := fields.Get("error"); {
	case code == "invalid_grant":
		return domain.Grant{}, &domain.UpstreamError{Reason: domain.ReasonRevoked, Err: errors.New("invalid_grant")}
	case code == "invalid_client", code == "unauthorized_client", a.status == http.StatusUnauthorized:
		// Never the user's fault: nobody's tokens may be given up for it.
		return domain.Grant{}, &domain.UpstreamError{Reason: domain.ReasonMisconfig, Err: errors.New("WakaTime does not accept the client id and secret")}
	case a.status != http.StatusOK:
		return domain.Grant{}, a.failed(domain.ReasonInvalid)
	}
	return c.grant(fields)
}

// tokenFields reads a token answer. WakaTime answers with a form or with JSON, and
// not always with the Content-Type to match; a form never begins with a brace.
func tokenFields(body []byte) url.Values {
	if body = bytes.TrimSpace(body); !bytes.HasPrefix(body, []byte("{")) {
		form, _ := url.ParseQuery(string(body)) // what can be read of it
		return form
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return nil
	}
	form := url.Values{}
	for key, value := range object {
		var one text
		var many list[text]
		_ = one.UnmarshalJSON(value)
		_ = many.UnmarshalJSON(value)
		form.Set(key, string(one))
		for _, each := range many {
			form.Set(key, form.Get(key)+" "+string(each))
		}
	}
	return form
}

var (
	tokenForm = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]+$`) // RFC 6750, 2.1
	scopeForm = regexp.MustCompile(`^[!#-\[\]-~]{1,100}$`)  // RFC 6749, 3.3
)

const (
	maxToken  = 4096 // bytes
	maxScopes = 100
)

// usable reports whether a token can be sent in a header.
func usable(token string) bool { return len(token) <= maxToken && tokenForm.MatchString(token) }

func (c *Client) grant(fields url.Values) (domain.Grant, error) {
	access, refresh := fields.Get("access_token"), fields.Get("refresh_token")
	if !usable(access) || refresh != "" && !usable(refresh) {
		return domain.Grant{}, invalid(errNonsense)
	}
	g := domain.Grant{
		AccessToken: domain.Secret(access), RefreshToken: domain.Secret(refresh),
		ExpiresAt: expiry(fields, c.now()),
	}
	for _, s := range strings.FieldsFunc(fields.Get("scope"), func(r rune) bool { return r == ' ' || r == ',' }) {
		if scopeForm.MatchString(s) && len(g.Scopes) < maxScopes {
			g.Scopes = append(g.Scopes, s)
		}
	}
	return g, nil
}

// expiry returns when an access token ends. The seconds from now go first, because the
// clocks of two machines differ.
func expiry(fields url.Values, now time.Time) time.Time {
	if in, err := strconv.ParseFloat(fields.Get("expires_in"), 64); err == nil && !math.IsNaN(in) && in != 0 {
		in = min(maxLifetime.Seconds(), max(-maxLifetime.Seconds(), in))
		return now.Add(time.Duration(in) * time.Second)
	}
	at, ok := text(fields.Get("expires_at")).instant()
	if epoch, err := strconv.ParseFloat(fields.Get("expires_at"), 64); err == nil && epoch > 0 && epoch < 1e11 {
		at, ok = time.Unix(int64(epoch), 0), true
	}
	if !ok {
		return now.Add(documentedLifetime)
	}
	if latest := now.Add(maxLifetime); at.After(latest) {
		return latest
	}
	return at.UTC()
}
