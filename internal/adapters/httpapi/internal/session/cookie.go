package session

import (
	"net/http"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Cookies creates session cookies.
type Cookies struct {
	Insecure bool // allow plain HTTP, for loopback only
}

// Name returns the name of the session cookie. The prefix __Host- makes browsers reject
// the cookie without Secure, with a Domain, or from a subdomain.
func (c Cookies) Name() string {
	if c.Insecure {
		return "gradus_session"
	}
	return "__Host-gradus_session"
}

// Set returns the Set-Cookie header for a session. With an empty token and a negative
// maxAge it deletes the cookie.
func (c Cookies) Set(token domain.Secret, maxAge int) string {
	return c.cookie(c.Name(), token, maxAge).String()
}

func (c Cookies) cookie(name string, token domain.Secret, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name:     name,
		Value:    token.Reveal(),
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   !c.Insecure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}
