package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type actorKey struct{}

// actor returns who is signed in. The context ends here: use cases take an Actor.
func actor(ctx context.Context) domain.Actor {
	a, _ := ctx.Value(actorKey{}).(domain.Actor)
	return a
}

// sessionReader finds out who sends a request.
type sessionReader struct {
	sessions ports.Sessions
	cookie   string
}

// middleware puts the actor into the request's context. It runs before the
// validator, so that nobody learns more than that they are not signed in.
func (s sessionReader) middleware(v *validator) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			op := v.operation(r.Method, c.Path())
			if op == nil {
				return next(c)
			}
			a, err := s.actor(r, op.public)
			if err != nil {
				return err
			}
			x := of(r.Context())
			a.Origin = domain.Origin{RequestID: x.requestID, Address: x.address}
			if !a.UserID.IsZero() {
				x.user = a.UserID.String()
			}
			c.SetRequest(r.WithContext(context.WithValue(r.Context(), actorKey{}, a)))
			return next(c)
		}
	}
}

func (s sessionReader) actor(r *http.Request, public bool) (domain.Actor, error) {
	token, err := s.token(r)
	switch {
	case err != nil:
		return domain.Actor{}, err
	case public:
		return domain.Actor{Role: domain.RoleAnyone}, nil
	case token == "":
		return domain.Actor{}, domain.ErrUnauthenticated
	}
	ctx, cancel := context.WithTimeout(r.Context(), authenticationTimeout)
	defer cancel()
	return s.sessions.Authenticate(ctx, token)
}

// authenticationTimeout bounds the one question that each request asks first, so that
// a database that hangs is told soon.
const authenticationTimeout = 3 * time.Second

// token returns the one credential of a request, or nothing. Two are refused: to
// choose one in silence would let an attacker choose.
func (s sessionReader) token(r *http.Request) (domain.Secret, error) {
	bearers := r.Header.Values(echo.HeaderAuthorization)
	cookies := r.CookiesNamed(s.cookie)
	switch {
	case len(bearers)+len(cookies) > 1:
		return "", errMalformed.With("The request carries two credentials. Send a bearer token or a session cookie, not both.")
	case len(bearers) == 1:
		scheme, token, _ := strings.Cut(bearers[0], " ")
		if !strings.EqualFold(scheme, "bearer") || strings.TrimSpace(token) == "" {
			return "", errMalformed.With("The Authorization header must read \"Bearer\" and a token.")
		}
		return domain.Secret(strings.TrimSpace(token)), nil
	case len(cookies) == 1:
		return domain.Secret(cookies[0].Value), nil
	}
	return "", nil
}

// cookieName returns the name of the session cookie. The prefix makes browsers
// refuse it without Secure, with a Domain or from a subdomain.
func cookieName(cfg Config) string {
	if cfg.InsecureCookies {
		return "gradus_session"
	}
	return "__Host-gradus_session"
}

// sessionCookie returns the Set-Cookie header for a session; an empty token takes
// the cookie away.
func sessionCookie(cfg Config, token domain.Secret, maxAge int) string {
	c := http.Cookie{
		Name:     cookieName(cfg),
		Value:    token.Reveal(),
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   !cfg.InsecureCookies,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
	return c.String()
}
