package fakewaka

import (
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// grant is what a person approved, kept until its code is exchanged.
type grant struct {
	username, clientID, redirectURI, challenge string
	scopes                                     scopes
	expires                                    time.Time
}

const codeLifetime = 10 * time.Minute

// loginCookie holds the username of the person who is signed in.
const loginCookie = "fakewaka_user"

// authorize approves immediately for the person named by the login parameter or
// the cookie. Without either, it shows a page to choose a person.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	username := query.Get("login")
	if cookie, err := r.Cookie(loginCookie); err == nil && username == "" {
		username = cookie.Value
	}
	active, end := s.begin(username, "authorize", 0)
	defer end()
	if active.misbehave(w, r) {
		return
	}
	redirect, problem := s.redirectURI(query)
	if problem != "" {
		textResponse(http.StatusBadRequest, problem+"\n").send(w)
		return
	}
	granted, problem := checkAuthorization(query)
	switch {
	case problem != "":
		redirectBack(w, r, redirect, url.Values{"error": {problem}})
	case username == "":
		s.chooser(w, query)
	case s.account(username) == nil:
		textResponse(http.StatusBadRequest, "No person named "+strconv.Quote(username)+".\n").send(w)
	case active.AccessDenied:
		redirectBack(w, r, redirect, url.Values{"error": {"access_denied"}, "error_description": {"The user denied the request."}})
	default:
		if active.GrantScope != "" {
			granted, _ = parseScopes(active.GrantScope)
		}
		code := s.newCode(grant{
			username:    username,
			clientID:    query.Get("client_id"),
			redirectURI: query.Get("redirect_uri"),
			challenge:   query.Get("code_challenge"),
			scopes:      granted,
			expires:     s.now().Add(codeLifetime),
		})
		redirectBack(w, r, redirect, url.Values{"code": {code}})
	}
}

// redirectURI returns where to redirect the browser, or why it must not be
// redirected: an unknown client must not be able to redirect.
func (s *Server) redirectURI(query url.Values) (uri *url.URL, problem string) {
	if s.cfg.ClientID != "" && query.Get("client_id") != s.cfg.ClientID {
		return nil, "Unknown client_id."
	}
	text := query.Get("redirect_uri")
	uri, err := url.Parse(text)
	if err != nil || text == "" || uri.Scheme == "" {
		return nil, "Missing or malformed redirect_uri."
	}
	if len(s.cfg.RedirectURIs) > 0 && !slices.Contains(s.cfg.RedirectURIs, text) {
		return nil, "This redirect_uri is not registered."
	}
	return uri, ""
}

// checkAuthorization returns the requested scopes or an OAuth error code.
func checkAuthorization(query url.Values) (requested scopes, problem string) {
	requested, err := parseScopes(query.Get("scope"))
	switch {
	case query.Get("response_type") != "code":
		return 0, "unsupported_response_type"
	case err != nil:
		return 0, "invalid_scope"
	case query.Get("code_challenge") != "" && query.Get("code_challenge_method") != "S256":
		return 0, "invalid_request"
	}
	return requested, ""
}

func redirectBack(w http.ResponseWriter, r *http.Request, to *url.URL, params url.Values) {
	target := *to
	query := target.Query()
	for key := range params {
		query.Set(key, params.Get(key))
	}
	if state := r.URL.Query().Get("state"); state != "" {
		query.Set("state", state)
	}
	target.RawQuery = query.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
}

func (s *Server) newCode(g grant) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codeCount++
	sum := s.derive("code", g.username, g.expires.String(), strconv.Itoa(s.codeCount))
	code := hex.EncodeToString(sum[:20])
	s.codes[code] = g
	return code
}

var chooserPage = template.Must(template.New("chooser").Parse(`<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Fake WakaTime</title>
<h1>Fake WakaTime</h1>
<p>Choose a person to approve the request.</p>
<ul>{{range .}}
<li><a href="{{.Link}}">{{.Name}}</a> ({{.Username}})</li>{{end}}
</ul></html>
`))

// chooser lists the people as links that repeat the request with a login
// parameter.
func (s *Server) chooser(w http.ResponseWriter, query url.Values) {
	type choice struct{ Link, Name, Username string }
	var choices []choice
	for _, acc := range s.accounts() {
		query.Set("login", acc.Username)
		choices = append(choices, choice{"?" + query.Encode(), acc.DisplayName, acc.Username})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = chooserPage.Execute(w, choices)
}
