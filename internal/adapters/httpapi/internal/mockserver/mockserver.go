// Package mockserver implements the operations of the contract by returning its examples.
package mockserver

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	rscors "github.com/rs/cors"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/cors"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/session"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
)

// Register adds a handler for every operation of the contract.
func Register(e *echo.Echo, doc *openapi3.T, cookies session.Cookies) {
	shared := shared{cookies, locationsOf(doc), problem.ByCode(), peopleOf(doc)}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			e.Add(method, spec.BasePath+spec.EchoPath(path), newOperation(shared, doc, op).handle)
		}
	}
}

// shared is what all operations use.
type shared struct {
	cookies   session.Cookies
	locations map[string]string // path prefix of the resources of each schema
	failures  map[string]error  // all errors by code
	people    people
}

// Delay delays API responses by as much as the request prefers, or else by delay.
func Delay(next http.Handler, delay time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !spec.InAPI(r) {
			next.ServeHTTP(w, r)
			return
		}
		d := delay
		// The operation rejects a malformed header.
		if p, err := parsePreferences(r); err == nil && p.wait != nil {
			d = *p.wait
			applied(w.Header(), "wait", fmt.Sprint(int(d.Seconds())))
		}
		if d > 0 {
			t := time.NewTimer(d)
			defer t.Stop()
			select {
			case <-t.C:
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// AllowLoopback allows loopback origins, such as a frontend's development server, to use the
// mock from a browser. It replaces their origin by the mock's own, so that they can sign in.
func AllowLoopback(next http.Handler, self *url.URL, doc *openapi3.T) http.Handler {
	own := self.Scheme + "://" + self.Host
	c := rscors.New(rscors.Options{
		AllowOriginFunc:  isLoopbackOrigin,
		AllowedMethods:   cors.Methods,
		AllowedHeaders:   []string{"*"},
		ExposedHeaders:   responseHeaders(doc),
		AllowCredentials: true,
	})
	return c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isLoopbackOrigin(r.Header.Get(echo.HeaderOrigin)) {
			r = r.Clone(r.Context())
			r.Header.Set(echo.HeaderOrigin, own)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		next.ServeHTTP(w, r)
	}))
}

// isLoopbackOrigin reports whether an origin is on this machine.
func isLoopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && IsLoopback(u.Hostname())
}

// IsLoopback reports whether a host, without its port, is localhost, a name below it, or a
// loopback address.
func IsLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
