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
	// documentedLifetime is the lifetime of access tokens that WakaTime documents.
	documentedLifetime = 365 * 24 * time.Hour
	maxLifetime        = 10 * documentedLifetime
)

// AuthorizationURL implements ports.WakaTime.
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

// UsesPKCE implements ports.WakaTime.
func (c *Client) UsesPKCE() bool { return c.cfg.PKCE }

func (c *Client) configured() bool {
	return c.cfg.ClientID != "" && c.cfg.ClientSecret != "" && c.cfg.RedirectURL != ""
}

// Exchange implements ports.WakaTime. If the response names no scopes, the grant has the
// requested ones.
func (c *Client) Exchange(ctx context.Context, code, verifier domain.Secret) (domain.Grant, error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code.Reveal()}}
	if verifier != "" {
		form.Set("code_verifier", verifier.Reveal())
	}
	g, err := c.requestToken(ctx, form)
	if err == nil && len(g.Scopes) == 0 {
		g.Scopes = c.cfg.Scopes
	}
	return g, err
}

// Refresh implements ports.WakaTime.
func (c *Client) Refresh(ctx context.Context, refreshToken domain.Secret) (domain.Grant, error) {
	return c.requestToken(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken.Reveal()}})
}

// Revoke implements ports.WakaTime.
func (c *Client) Revoke(ctx context.Context, token domain.Secret) error {
	resp, err := c.post(ctx, "/revoke", url.Values{"token": {token.Reveal()}})
	switch {
	case err != nil:
		return err
	case resp.status == http.StatusUnauthorized:
		return resp.failed(domain.ReasonMisconfig)
	case resp.status >= http.StatusMultipleChoices:
		return resp.failed(domain.ReasonInvalid)
	}
	return nil
}

// post sends a form with the OAuth client's credentials. It does not use
// golang.org/x/oauth2, which determines the format of the response from its Content-Type
// alone, rejects fractions in expires_in, omits redirect_uri from refreshes and quotes
// responses in its errors.
func (c *Client) post(ctx context.Context, path string, form url.Values) (response, error) {
	if !c.configured() {
		return response{}, &domain.UpstreamError{Reason: domain.ReasonMisconfig, Err: domain.ErrWakaTimeNotConfigured}
	}
	form.Set("client_id", c.cfg.ClientID)
	form.Set("client_secret", c.cfg.ClientSecret.Reveal())
	form.Set("redirect_uri", c.cfg.RedirectURL)
	return c.send(ctx, request{
		server: c.oauth, method: http.MethodPost, url: c.cfg.OAuthURL + path,
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		body:   form.Encode(), maxBody: maxTokenBody,
	})
}

func (c *Client) requestToken(ctx context.Context, form url.Values) (domain.Grant, error) {
	resp, err := c.post(ctx, "/token", form)
	if err != nil {
		return domain.Grant{}, err
	}
	fields := tokenFields(resp.body)
	switch code := fields.Get("error"); {
	case code == "invalid_grant":
		return domain.Grant{}, &domain.UpstreamError{Reason: domain.ReasonRevoked, Err: errors.New("invalid_grant")}
	case code == "invalid_client", code == "unauthorized_client", resp.status == http.StatusUnauthorized:
		// The configuration is wrong: users must keep their tokens.
		return domain.Grant{}, &domain.UpstreamError{Reason: domain.ReasonMisconfig, Err: errors.New("WakaTime rejected the client ID and secret")}
	case resp.status != http.StatusOK:
		return domain.Grant{}, resp.failed(domain.ReasonInvalid)
	}
	return c.grant(fields)
}

// tokenFields parses a token response. WakaTime returns a form or JSON, not always with
// the matching Content-Type. A form never starts with a brace.
func tokenFields(body []byte) url.Values {
	if body = bytes.TrimSpace(body); !bytes.HasPrefix(body, []byte("{")) {
		form, _ := url.ParseQuery(string(body)) // keep the valid part
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

// validToken reports whether a token can be sent in a header.
func validToken(token string) bool { return len(token) <= maxToken && tokenForm.MatchString(token) }

func (c *Client) grant(fields url.Values) (domain.Grant, error) {
	access, refresh := fields.Get("access_token"), fields.Get("refresh_token")
	if !validToken(access) || refresh != "" && !validToken(refresh) {
		return domain.Grant{}, invalid(errMalformed)
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

// expiry returns when an access token expires. It prefers expires_in, because the clocks
// of two machines can differ.
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
