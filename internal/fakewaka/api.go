package fakewaka

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// call is one request to the API that is allowed to be answered.
type call struct {
	*http.Request
	acc    *account
	sc     Scenario
	compat bool // below the Wakapi-like mount
	now    time.Time
}

// endpoint is one path of the API.
type endpoint struct {
	name   string
	scopes []string // any of them is enough
	answer func(*call) reply
}

const paymentRequired = "This date is outside of your plan's history. Upgrade to see it."

// serve wraps an endpoint in everything that all of them share.
func (s *Server) serve(e endpoint, compat bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who := s.identify(r)
		played, end := s.begin(who.username, e.name)
		defer end()
		if played.misbehave(w, r) {
			return
		}
		played.deliver(w, r, s.reply(e, who, played, &call{Request: r, sc: played.Scenario, compat: compat, now: s.now()}))
	}
}

func (s *Server) reply(e endpoint, who identity, played activeScenario, c *call) reply {
	c.acc = s.admit(who, played)
	switch {
	case c.acc == nil:
		return answer(http.StatusUnauthorized, errorBody("Unauthorized"))
	case played.ScopeMissing || !who.may(e.scopes):
		return answer(http.StatusForbidden, errorBody("This resource requires scope: "+strings.Join(e.scopes, " or ")+"."))
	}
	return e.answer(c)
}

// identity is whom a request names, before asking whether it may.
type identity struct {
	username string
	token    token
	byKey    bool
}

func (who identity) may(wanted []string) bool {
	for _, scope := range wanted {
		if who.byKey || who.token.scopes.allow(scope) {
			return true
		}
	}
	return false
}

// identify reads a bearer token, a key as Basic authentication with or without
// a colon, or a key in the query. An unknown one is nobody's.
func (s *Server) identify(r *http.Request) identity {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		if t, ok := s.open(value); ok && t.prefix == accessPrefix {
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

// byKey accepts keys with and without the prefix, as old ones had none.
func (s *Server) byKey(key string) identity {
	key = "waka_" + strings.TrimPrefix(key, "waka_")
	for _, acc := range s.accounts() {
		if acc.apiKey == key {
			return identity{username: acc.Username, byKey: true}
		}
	}
	return identity{}
}

// admit returns the account of who, or nil when the credential is no good.
func (s *Server) admit(who identity, played activeScenario) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc := s.people[who.username]
	if acc == nil || who.byKey {
		return acc
	}
	outdated := played.AccessTokenExpired && acc.wallet.issued[who.token.generation] <= played.setAt
	if outdated || !acc.wallet.alive(who.token, s.now()) {
		return nil
	}
	return acc
}
