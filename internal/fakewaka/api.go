package fakewaka

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"
)

// call is an authorized request to the API.
type call struct {
	*http.Request
	acc    *account
	sc     Scenario
	compat bool // below the Wakapi-compatible mount
	now    time.Time
}

// endpoint is a path of the API.
type endpoint struct {
	name   string
	scopes []string // any one of them is sufficient
	handle func(*call) response
}

const paymentRequired = "This date is outside of your plan's history. Upgrade to see it."

// serve wraps an endpoint of a mount with authentication, counting and scenarios.
func (s *Server) serve(m mount, e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who := s.identify(r)
		active, end := s.begin(who.username, e.name, requestedDays(r))
		defer end()
		m.limit(&active.Scenario)
		if active.misbehave(w, r) {
			return
		}
		if slices.Contains(active.MissingEndpoints, e.name) {
			active.deliver(w, r, textResponse(http.StatusNotFound, pageNotFound))
			return
		}
		active.deliver(w, r, s.respond(e, who, active, &call{Request: r, sc: active.Scenario, compat: m.compat, now: s.now()}))
	}
}

func (s *Server) respond(e endpoint, who identity, active activeScenario, c *call) response {
	c.acc = s.authenticate(who, active)
	switch {
	case c.acc == nil:
		return jsonResponse(http.StatusUnauthorized, errorBody("Unauthorized"))
	case active.ScopeMissing || !who.may(e.scopes):
		return jsonResponse(http.StatusForbidden, errorBody("This resource requires scope: "+strings.Join(e.scopes, " or ")+"."))
	}
	return e.handle(c)
}

// identity is the user that a request names, before authorization.
type identity struct {
	username string
	token    token
	byKey    bool
}

func (who identity) may(required []string) bool {
	for _, scope := range required {
		if who.byKey || who.token.scopes.allow(scope) {
			return true
		}
	}
	return false
}

// identify reads a bearer token, an API key in Basic authentication with or without
// a colon, or an API key in the query. It returns the zero identity for an unknown
// credential.
func (s *Server) identify(r *http.Request) identity {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		if t, ok := s.decodeToken(value); ok && t.prefix == accessPrefix {
			return identity{username: t.username, token: t}
		}
		return identity{}
	case strings.EqualFold(scheme, "Basic"):
		decoded, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return identity{}
		}
		return s.byKey(strings.TrimSuffix(string(decoded), ":"))
	default:
		return s.byKey(r.URL.Query().Get("api_key"))
	}
}

// byKey accepts keys with and without the prefix, because old keys had none.
func (s *Server) byKey(key string) identity {
	key = "waka_" + strings.TrimPrefix(key, "waka_")
	s.mu.Lock()
	defer s.mu.Unlock()
	if username, ok := s.keys[key]; ok {
		return identity{username: username, byKey: true}
	}
	return identity{}
}

// authenticate returns the account of who, or nil if the credential is not valid.
func (s *Server) authenticate(who identity, active activeScenario) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc := s.people[who.username]
	if acc == nil || who.byKey {
		return acc
	}
	expired := active.AccessTokenExpired && acc.tokens.issued[who.token.generation] <= active.setAt
	if expired || !acc.tokens.valid(who.token, s.now()) {
		return nil
	}
	return acc
}
