package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/rs/cors"
)

// What pages of the allowed origins may send and read: every method, parameter and
// header of the contract. A test holds these lists to it.
var (
	sharedMethods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	takenHeaders  = []string{echo.HeaderAuthorization, echo.HeaderContentType, "If-Match", "Idempotency-Key"}
	shownHeaders  = []string{
		"ETag", echo.HeaderLocation, echo.HeaderRetryAfter, "RateLimit", "RateLimit-Policy", echo.HeaderXRequestID,
		"Idempotency-Replayed", "Deprecation", "Sunset", "Link", echo.HeaderAllow, echo.HeaderWWWAuthenticate,
	}
)

const preflightAge = 600 // seconds that a browser remembers a preflight

// share lets pages of the allowed origins use the API from a browser. It lies outside
// of everything that refuses, so that such a page sees why: a browser hides every
// answer without these headers.
func (e *edge) share(next http.Handler) http.Handler {
	if len(e.cfg.AllowedOrigins) == 0 {
		return next
	}
	shared := cors.New(cors.Options{
		AllowOriginFunc:  e.allows,
		AllowedMethods:   sharedMethods,
		AllowedHeaders:   takenHeaders,
		ExposedHeaders:   shownHeaders,
		MaxAge:           preflightAge,
		AllowCredentials: true,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !inAPI(r):
			next.ServeHTTP(w, r)
		case e.allows(r.Header.Get(echo.HeaderOrigin)):
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
func (e *edge) allows(origin string) bool { return slices.Contains(e.cfg.AllowedOrigins, origin) }

// inAPI reports whether a request is for the API, and not for what lies beside it.
func inAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, basePath+"/") }

var safeMethods = map[string]bool{http.MethodGet: true, http.MethodHead: true, http.MethodOptions: true}

// crossOrigin refuses writes that another site makes a browser send. Requests with
// a bearer token are safe: no browser adds one by itself. Pages of the allowed origins
// are ours.
func (e *edge) crossOrigin(r *http.Request) error {
	if safeMethods[r.Method] || r.Header.Get(echo.HeaderAuthorization) != "" {
		return nil
	}
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get(echo.HeaderOrigin)
	if e.allows(origin) && inAPI(r) {
		return nil
	}
	// Check lets a trusted origin pass whatever the browser says about the site, and
	// a page that came without TLS.
	foreign := site != "" && site != "same-origin" && site != "none"
	downgraded := e.cfg.PublicURL.Scheme == "https" && strings.HasPrefix(origin, "http:")
	if foreign || downgraded || e.crossing.Check(r) != nil {
		return errCrossOrigin
	}
	if site == "" && origin == "" && len(r.CookiesNamed(cookieName(e.cfg))) > 0 {
		return errCrossOrigin.With("A write with a session cookie has to say where it comes from: send an Origin header, or use a bearer token instead of the cookie.")
	}
	return nil
}
