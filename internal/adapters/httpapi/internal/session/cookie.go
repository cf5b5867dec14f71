package session

import (
	"net/http"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Cookies says how sessions travel in cookies.
type Cookies struct {
	Insecure bool // over plain HTTP, for loopback only
}

// Name returns the name of the session cookie. The prefix makes browsers refuse it
// without Secure, with a Domain or from a subdomain.
func (c Cookies) Name() string {
	if c.Insecure {
		return "gradus_session"
	}
	return "__Host-gradus_session"
}

// Set returns the Set-Cookie header for a session; an empty token takes the cookie away.
func (c Cookies) Set(token domain.Secret, maxAge int) string {
	cookie := http.Cookie{
		Name:     c.Name(),
		Value:    token.Reveal(),
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   !c.Insecure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
	return cookie.String()
}
