package cors

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
)

var safeMethods = map[string]bool{http.MethodGet: true, http.MethodHead: true, http.MethodOptions: true}

// CheckWrite rejects writes that another site makes a browser send. Requests with a bearer
// token are safe, because browsers never add one on their own. Allowed origins are
// trusted.
func (o *Origins) CheckWrite(r *http.Request) error {
	if safeMethods[r.Method] || r.Header.Get(echo.HeaderAuthorization) != "" {
		return nil
	}
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get(echo.HeaderOrigin)
	if o.allows(origin) && spec.InAPI(r) {
		return nil
	}
	// CrossOriginProtection ignores Sec-Fetch-Site for a trusted origin, and accepts the
	// same host without TLS.
	foreign := site != "" && site != "same-origin" && site != "none"
	downgraded := o.public.Scheme == "https" && strings.HasPrefix(origin, "http:")
	if foreign || downgraded || o.protection.Check(r) != nil {
		return problem.ErrCrossOrigin
	}
	if site == "" && origin == "" && len(r.CookiesNamed(o.cookie)) > 0 {
		return problem.ErrCrossOrigin.With("A write with a session cookie must name its origin. Send an Origin header, or use a bearer token instead of the cookie.")
	}
	return nil
}
