// Package cors lets allowed origins use the API from browsers (CORS) and rejects writes
// from other origins (CSRF).
package cors

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/rs/cors"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
)

// What scripts on allowed origins may send and read: every method, parameter and header
// of the contract, as a test checks.
var (
	Methods         = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	requestHeaders  = []string{echo.HeaderAuthorization, echo.HeaderContentType, "If-Match", "Idempotency-Key", "Gradus-Device"}
	responseHeaders = []string{
		"ETag", echo.HeaderLocation, echo.HeaderRetryAfter, "RateLimit", "RateLimit-Policy", echo.HeaderXRequestID,
		"Idempotency-Replayed", "Gradus-Device", "Deprecation", "Sunset", "Link", echo.HeaderAllow, echo.HeaderWWWAuthenticate,
	}
)

// Origins are those whose scripts may use the API: the server's own, and those that the
// operator allows.
type Origins struct {
	public     *url.URL
	allowed    []string
	cookie     string // name of the session cookie
	protection *http.CrossOriginProtection
}

// New returns the Origins of a server with a public URL, allowed origins, and a name for
// its session cookie.
func New(public *url.URL, allowed []string, cookie string) (*Origins, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	return &Origins{public: public, allowed: allowed, cookie: cookie, protection: protection}, nil
}

const preflightAge = 600 // seconds for which browsers cache a preflight

// Headers adds the CORS headers for allowed origins to API responses. It must be outside of
// all layers that reject requests: browsers hide responses without these headers, problems
// included.
func (o *Origins) Headers(next http.Handler) http.Handler {
	if len(o.allowed) == 0 {
		return next
	}
	withHeaders := cors.New(cors.Options{
		AllowOriginFunc:  o.allows,
		AllowedMethods:   Methods,
		AllowedHeaders:   requestHeaders,
		ExposedHeaders:   responseHeaders,
		MaxAge:           preflightAge,
		AllowCredentials: true,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !spec.InAPI(r):
			next.ServeHTTP(w, r)
		case o.allows(r.Header.Get(echo.HeaderOrigin)):
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			withHeaders.ServeHTTP(w, r)
		default:
			// Without CORS headers a preflight is like any other OPTIONS request.
			w.Header().Add(echo.HeaderVary, echo.HeaderOrigin)
			next.ServeHTTP(w, r)
		}
	})
}

// allows reports whether an origin is exactly one of the allowed.
func (o *Origins) allows(origin string) bool { return slices.Contains(o.allowed, origin) }
