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

// token answers both grant types.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		oauthError("invalid_request", "The body is not a form.").send(w)
		return
	}
	played, end := s.begin(s.tokenUser(r.PostForm), "token")
	defer end()
	if played.misbehave(w, r) {
		return
	}
	out := s.trade(r.PostForm, played.Scenario, tokenFormat(r, played.Scenario, s.cfg.TokenFormat))
	if played.TokenStatus != 0 && played.RetryAfter != "" {
		w.Header().Set("Retry-After", played.RetryAfter)
	}
	w.Header().Set("Cache-Control", "no-store")
	played.deliver(w, r, out)
}

// tokenUser tells whose scenario applies, before anything is checked.
func (s *Server) tokenUser(form url.Values) string {
	if t, ok := s.open(form.Get("refresh_token")); ok {
		return t.username
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.codes[form.Get("code")].username
}

func tokenFormat(r *http.Request, sc Scenario, byDefault TokenFormat) TokenFormat {
	switch {
	case sc.TokenFormat != "":
		return sc.TokenFormat
	case strings.Contains(r.Header.Get("Accept"), "application/json"):
		return TokenJSON
	default:
		return byDefault
	}
}

// trade turns a code or a refresh token into tokens.
func (s *Server) trade(form url.Values, sc Scenario, format TokenFormat) reply {
	switch {
	case sc.TokenStatus != 0:
		return answer(sc.TokenStatus, errorBody(http.StatusText(sc.TokenStatus)))
	case sc.InvalidClient || !s.knowsClient(form.Get("client_id"), form.Get("client_secret")):
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
		out, ok, problem = s.tradeCode(form, sc)
	case "refresh_token":
		out, ok, problem = s.tradeRefresh(form, sc)
	default:
		return oauthError("unsupported_grant_type", "Use authorization_code or refresh_token.")
	}
	switch {
	case problem != "":
		return oauthError("invalid_grant", problem)
	case !ok:
		return answer(http.StatusTooManyRequests, errorBody("Too many new tokens in an hour."))
	}
	return out.reply(format, sc.OmitRefresh)
}

// tradeCode spends a code, whether or not the rest of the request is right.
func (s *Server) tradeCode(form url.Values, sc Scenario) (out issued, ok bool, problem string) {
	g, known := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	acc := s.people[g.username]
	switch {
	case !known || acc == nil || !s.now().Before(g.expires):
		return out, false, "The code is unknown, used or expired."
	case g.clientID != form.Get("client_id"):
		return out, false, "The code belongs to another client."
	case g.redirectURI != form.Get("redirect_uri"):
		return out, false, "The redirect_uri differs from the one of the authorization."
	case g.challenge != "" && g.challenge != challengeOf(form.Get("code_verifier")):
		return out, false, "The code_verifier does not match the code_challenge."
	}
	out, ok = s.issue(acc, 0, g.scopes, "", sc)
	return out, ok, ""
}

func (s *Server) tradeRefresh(form url.Values, sc Scenario) (out issued, ok bool, problem string) {
	text := form.Get("refresh_token")
	t, signed := s.open(text)
	acc := s.people[t.username]
	if !signed || t.prefix != refreshPrefix || acc == nil || !acc.wallet.alive(t, s.now()) {
		return out, false, "The refresh token is unknown, used or revoked."
	}
	keep := text
	if sc.RotateRefresh {
		keep = ""
	}
	if out, ok = s.issue(acc, t.family, t.scopes, keep, sc); ok && sc.RotateRefresh {
		acc.wallet.spent[t.generation] = true
	}
	return out, ok, ""
}

// challengeOf is PKCE's S256.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s *Server) knowsClient(id, secret string) bool {
	return s.cfg.ClientID == "" || id == s.cfg.ClientID && secret == s.cfg.ClientSecret
}

func (out issued) reply(format TokenFormat, omitRefresh bool) reply {
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
		return answer(http.StatusOK, body)
	}
	form := url.Values{
		"access_token": {out.access}, "token_type": {"bearer"}, "uid": {out.userID},
		"expires_in": {strconv.Itoa(seconds)}, "expires_at": {expires}, "scope": {out.scopes.String()},
	}
	if !omitRefresh {
		form.Set("refresh_token", out.refresh)
	}
	return reply{http.StatusOK, "application/x-www-form-urlencoded", []byte(form.Encode())}
}

// oauthError is an error in the shape of RFC 6749.
func oauthError(code, description string) reply {
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return answer(status, map[string]string{"error": code, "error_description": description})
}

// revoke always answers 200, whatever it could do.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	form := revokeForm(http.MaxBytesReader(w, r.Body, maxForm), r)
	t, _ := s.open(form.Get("token"))
	played, end := s.begin(t.username, "revoke")
	defer end()
	if played.misbehave(w, r) {
		return
	}
	if played.RevokeStatus != 0 {
		if played.RetryAfter != "" {
			w.Header().Set("Retry-After", played.RetryAfter)
		}
		answer(played.RevokeStatus, errorBody(http.StatusText(played.RevokeStatus))).send(w)
		return
	}
	if s.knowsClient(form.Get("client_id"), form.Get("client_secret")) {
		s.forget(t, form.Get("token") != "", form.Get("user_id"), form.Get("all") == "true")
	}
	played.deliver(w, r, answer(http.StatusOK, map[string]any{}))
}

// revokeForm reads the request, which may be JSON or a form.
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

// forget kills the family of t, everything of t's person or of userID, or with
// neither and all set everything there is.
func (s *Server) forget(t token, tokenSent bool, userID string, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick++
	for _, acc := range s.people {
		mine := acc.Username == t.username
		switch {
		case tokenSent && mine && !all:
			acc.wallet.revoked[t.family] = true
		case tokenSent && mine, !tokenSent && userID == acc.ID, !tokenSent && userID == "" && all:
			acc.wallet.revokedAt = s.tick
		}
	}
}
