// Package session authenticates requests by bearer token or session cookie.
package session

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// reader authenticates requests.
type reader struct {
	sessions ports.Sessions
	tokens   ports.APITokens
	cookie   string
}

// Middleware records the caller in the request's Exchange. It runs before the validator,
// so that a caller without a session learns nothing else about the request.
func Middleware(sessions ports.Sessions, tokens ports.APITokens, cookies Cookies, ops spec.Operations) echo.MiddlewareFunc {
	s := reader{sessions: sessions, tokens: tokens, cookie: cookies.Name()}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			op := ops.Find(r.Method, c.Path())
			if op == nil {
				return next(c)
			}
			a, err := s.actor(r, op.Public)
			if err != nil {
				return err
			}
			if a.LacksTOTP && !op.WithoutTOTP {
				return domain.ErrTOTPRequired
			}
			x := exchange.Of(r.Context())
			x.Actor = a
			if cookie, err := r.Cookie(s.cookie); err == nil {
				x.Cookie = domain.Secret(cookie.Value)
			}
			x.Actor.Origin = domain.Origin{RequestID: x.RequestID, Address: x.Address}
			if !op.Public {
				if err := x.Actor.Permits(op.Scope); err != nil {
					return err
				}
				return next(c)
			}
			x.Device = deviceOf(r, cookies.deviceName())
			if err := next(c); err != nil {
				return err
			}
			cookies.setDevice(c.Response().Header(), x)
			return nil
		}
	}
}

func (s reader) actor(r *http.Request, public bool) (domain.Actor, error) {
	token, bearer, err := s.token(r)
	switch {
	case err != nil:
		return domain.Actor{}, err
	case public:
		return domain.Actor{Role: domain.RoleAnyone}, nil
	case token == "":
		return domain.Actor{}, domain.ErrUnauthenticated
	case bearer && domain.IsAPIToken(token):
		x := exchange.Of(r.Context())
		return s.tokens.AuthenticateToken(r.Context(), token, ports.Device{UserAgent: x.UserAgent}, domain.Origin{RequestID: x.RequestID, Address: x.Address})
	}
	return s.sessions.Authenticate(r.Context(), token)
}

// token returns the credential of a request, or nothing, and whether it is a bearer token. It
// rejects two credentials: choosing one silently would let an attacker choose.
func (s reader) token(r *http.Request) (token domain.Secret, bearer bool, err error) {
	bearers := r.Header.Values(echo.HeaderAuthorization)
	cookies := r.CookiesNamed(s.cookie)
	switch {
	case len(bearers)+len(cookies) > 1:
		return "", false, problem.ErrCredentials
	case len(bearers) == 1:
		scheme, text, _ := strings.Cut(bearers[0], " ")
		if !strings.EqualFold(scheme, "bearer") || strings.TrimSpace(text) == "" {
			return "", false, problem.ErrMalformed.With("The Authorization header must be \"Bearer\" followed by a token.")
		}
		return domain.Secret(strings.TrimSpace(text)), true, nil
	case len(cookies) == 1:
		return domain.Secret(cookies[0].Value), false, nil
	}
	return "", false, nil
}
