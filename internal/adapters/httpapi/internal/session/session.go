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
	cookie   string
}

// Middleware records the caller in the request's Exchange. It runs before the validator,
// so that a caller without a session learns nothing else about the request.
func Middleware(sessions ports.Sessions, cookies Cookies, ops spec.Operations) echo.MiddlewareFunc {
	s := reader{sessions: sessions, cookie: cookies.Name()}
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
	token, err := s.token(r)
	switch {
	case err != nil:
		return domain.Actor{}, err
	case public:
		return domain.Actor{Role: domain.RoleAnyone}, nil
	case token == "":
		return domain.Actor{}, domain.ErrUnauthenticated
	}
	return s.sessions.Authenticate(r.Context(), token)
}

// token returns the credential of a request, or nothing. It rejects two credentials:
// choosing one silently would let an attacker choose.
func (s reader) token(r *http.Request) (domain.Secret, error) {
	bearers := r.Header.Values(echo.HeaderAuthorization)
	cookies := r.CookiesNamed(s.cookie)
	switch {
	case len(bearers)+len(cookies) > 1:
		return "", problem.ErrCredentials
	case len(bearers) == 1:
		scheme, token, _ := strings.Cut(bearers[0], " ")
		if !strings.EqualFold(scheme, "bearer") || strings.TrimSpace(token) == "" {
			return "", problem.ErrMalformed.With("The Authorization header must be \"Bearer\" followed by a token.")
		}
		return domain.Secret(strings.TrimSpace(token)), nil
	case len(cookies) == 1:
		return domain.Secret(cookies[0].Value), nil
	}
	return "", nil
}
