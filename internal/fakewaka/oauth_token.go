package fakewaka

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const maxForm = 64 << 10

// token serves both grant types.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		oauthError("invalid_request", "The body must be a form.").send(w)
		return
	}
	active, end := s.begin(s.tokenUser(r.PostForm), "token", 0)
	defer end()
	if active.misbehave(w, r) {
		return
	}
	out := s.exchange(r.PostForm, active.Scenario, tokenFormat(r, active.Scenario, s.cfg.TokenFormat))
	if active.TokenStatus != 0 && active.RetryAfter != "" {
		w.Header().Set("Retry-After", active.RetryAfter)
	}
	w.Header().Set("Cache-Control", "no-store")
	active.deliver(w, r, out)
}

// tokenUser returns the user whose scenario applies. It validates nothing.
func (s *Server) tokenUser(form url.Values) string {
	if t, ok := s.decodeToken(form.Get("refresh_token")); ok {
		return t.username
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.codes[form.Get("code")].username
}

func tokenFormat(r *http.Request, sc Scenario, fallback TokenFormat) TokenFormat {
	switch {
	case sc.TokenFormat != "":
		return sc.TokenFormat
	case strings.Contains(r.Header.Get("Accept"), "application/json"):
		return TokenJSON
	default:
		return fallback
	}
}

// exchange exchanges a code or a refresh token for tokens.
func (s *Server) exchange(form url.Values, sc Scenario, format TokenFormat) response {
	switch {
	case sc.TokenStatus != 0:
		return jsonResponse(sc.TokenStatus, errorBody(http.StatusText(sc.TokenStatus)))
	case sc.InvalidClient || !s.validClient(form.Get("client_id"), form.Get("client_secret")):
		return oauthError("invalid_client", "The client id or secret is wrong.")
	case sc.InvalidGrant:
		return oauthError("invalid_grant", "The grant is invalid, expired or revoked.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out issued
	var ok bool
	var problem string
	switch form.Get("grant_type") {
	case "authorization_code":
		out, ok, problem = s.exchangeCode(form, sc)
	case "refresh_token":
		out, ok, problem = s.exchangeRefresh(form, sc)
	default:
		return oauthError("unsupported_grant_type", "Use authorization_code or refresh_token.")
	}
	switch {
	case problem != "":
		return oauthError("invalid_grant", problem)
	case !ok:
		return jsonResponse(http.StatusTooManyRequests, errorBody("Too many new tokens in an hour."))
	}
	return out.response(format, sc.OmitRefresh)
}

// exchangeCode consumes a code even if the rest of the request is invalid.
func (s *Server) exchangeCode(form url.Values, sc Scenario) (out issued, ok bool, problem string) {
	g, known := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	acc := s.people[g.username]
	switch {
	case !known || acc == nil || !s.now().Before(g.expires):
		return out, false, "The code is unknown, used or expired."
	case g.clientID != form.Get("client_id"):
		return out, false, "The code belongs to another client."
	case g.redirectURI != form.Get("redirect_uri"):
		return out, false, "The redirect_uri differs from the one in the authorization request."
	case g.challenge != "" && g.challenge != challengeOf(form.Get("code_verifier")):
		return out, false, "The code_verifier does not match the code_challenge."
	}
	out, ok = s.issue(acc, 0, g.scopes, "", sc)
	return out, ok, ""
}

func (s *Server) exchangeRefresh(form url.Values, sc Scenario) (out issued, ok bool, problem string) {
	text := form.Get("refresh_token")
	t, signed := s.decodeToken(text)
	acc := s.people[t.username]
	if !signed || t.prefix != refreshPrefix || acc == nil || !acc.tokens.valid(t, s.now()) {
		return out, false, "The refresh token is unknown, used or revoked."
	}
	kept := text
	if sc.RotateRefresh {
		kept = ""
	}
	if out, ok = s.issue(acc, t.family, t.scopes, kept, sc); ok && sc.RotateRefresh {
		acc.tokens.rotated[t.generation] = true
	}
	return out, ok, ""
}

// challengeOf implements the PKCE method S256.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s *Server) validClient(id, secret string) bool {
	return s.cfg.ClientID == "" || id == s.cfg.ClientID && secret == s.cfg.ClientSecret
}

func (out issued) response(format TokenFormat, omitRefresh bool) response {
	seconds := int(out.lifetime / time.Second)
	expires := out.expires.UTC().Format(time.RFC3339)
	if format == TokenJSON {
		body := map[string]any{
			"access_token": out.access, "token_type": "bearer", "uid": out.userID,
			"expires_in": seconds, "expires_at": expires, "scope": out.scopes.String(),
		}
		if !omitRefresh {
			body["refresh_token"] = out.refresh
		}
		return jsonResponse(http.StatusOK, body)
	}
	form := url.Values{
		"access_token": {out.access}, "token_type": {"bearer"}, "uid": {out.userID},
		"expires_in": {strconv.Itoa(seconds)}, "expires_at": {expires}, "scope": {out.scopes.String()},
	}
	if !omitRefresh {
		form.Set("refresh_token", out.refresh)
	}
	return response{http.StatusOK, "application/x-www-form-urlencoded", []byte(form.Encode())}
}

// oauthError returns an error in the format of RFC 6749.
func oauthError(code, description string) response {
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return jsonResponse(status, map[string]string{"error": code, "error_description": description})
}

// revoke returns 200 whether or not it revoked anything, unless a scenario says
// otherwise.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	form := revokeForm(http.MaxBytesReader(w, r.Body, maxForm), r)
	t, _ := s.decodeToken(form.Get("token"))
	active, end := s.begin(t.username, "revoke", 0)
	defer end()
	if active.misbehave(w, r) {
		return
	}
	if active.RevokeStatus != 0 {
		if active.RetryAfter != "" {
			w.Header().Set("Retry-After", active.RetryAfter)
		}
		jsonResponse(active.RevokeStatus, errorBody(http.StatusText(active.RevokeStatus))).send(w)
		return
	}
	if s.validClient(form.Get("client_id"), form.Get("client_secret")) {
		s.revokeTokens(t, form.Get("token") != "", form.Get("user_id"), form.Get("all") == "true")
	}
	active.deliver(w, r, jsonResponse(http.StatusOK, map[string]any{}))
}

// revokeForm reads the request body, which may be JSON or a form.
func revokeForm(body io.ReadCloser, r *http.Request) url.Values {
	r.Body = body
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		_ = r.ParseForm()
		return r.PostForm
	}
	var fields map[string]any
	_ = json.NewDecoder(body).Decode(&fields)
	form := url.Values{}
	for key, value := range fields {
		switch value := value.(type) {
		case string:
			form.Set(key, value)
		case bool:
			form.Set(key, strconv.FormatBool(value))
		}
	}
	return form
}

// revokeTokens revokes the family of t, all tokens of t's person or of userID, or,
// if all is set and neither is given, every token.
func (s *Server) revokeTokens(t token, tokenSent bool, userID string, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick++
	for _, acc := range s.people {
		mine := acc.Username == t.username
		switch {
		case tokenSent && mine && !all:
			acc.tokens.revoked[t.family] = true
		case tokenSent && mine, !tokenSent && userID == acc.ID, !tokenSent && userID == "" && all:
			acc.tokens.revokedAt = s.tick
		}
	}
}
