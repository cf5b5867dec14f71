// Package cors decides what pages of other origins may do.
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

// What pages of the allowed origins may send and read: every method, parameter and
// header of the contract. A test holds these lists to it.
var (
	Methods      = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	takenHeaders = []string{echo.HeaderAuthorization, echo.HeaderContentType, "If-Match", "Idempotency-Key"}
	shownHeaders = []string{
		"ETag", echo.HeaderLocation, echo.HeaderRetryAfter, "RateLimit", "RateLimit-Policy", echo.HeaderXRequestID,
		"Idempotency-Replayed", "Deprecation", "Sunset", "Link", echo.HeaderAllow, echo.HeaderWWWAuthenticate,
	}
)

// Origins are those whose pages may use the API: the server's own, and those that the
// operator allows.
type Origins struct {
	public     *url.URL
	allowed    []string
	cookie     string // of sessions
	protection *http.CrossOriginProtection
}

// New returns the Origins of a server at a public URL.
func New(public *url.URL, allowed []string, cookie string) (*Origins, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	return &Origins{public: public, allowed: allowed, cookie: cookie, protection: protection}, nil
}

const preflightAge = 600 // seconds that a browser remembers a preflight

// Share lets pages of the allowed origins use the API from a browser. It lies outside
// of everything that refuses, so that such a page sees why: a browser hides every
// answer without these headers.
func (o *Origins) Share(next http.Handler) http.Handler {
	if len(o.allowed) == 0 {
		return next
	}
	shared := cors.New(cors.Options{
		AllowOriginFunc:  o.allows,
		AllowedMethods:   Methods,
		AllowedHeaders:   takenHeaders,
		ExposedHeaders:   shownHeaders,
		MaxAge:           preflightAge,
		AllowCredentials: true,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !spec.InAPI(r):
			next.ServeHTTP(w, r)
		case o.allows(r.Header.Get(echo.HeaderOrigin)):
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			shared.ServeHTTP(w, r)
		default:
			// A preflight that gets no leave is an OPTIONS like any other.
			w.Header().Add(echo.HeaderVary, echo.HeaderOrigin)
			next.ServeHTTP(w, r)
		}
	})
}

// allows reports whether an origin is on the list, letter by letter.
func (o *Origins) allows(origin string) bool { return slices.Contains(o.allowed, origin) }
