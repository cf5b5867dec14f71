// Package mockserver answers the operations of the contract with its examples.
package mockserver

import (
	"context"
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
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Register adds a handler for every operation of the contract, which answers with its
// examples.
func Register(e *echo.Echo, doc *openapi3.T, cookies session.Cookies) {
	readers, failures := readersOf(doc), problem.ByCode()
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			e.Add(method, spec.BasePath+spec.EchoPath(path), newOperation(cookies, doc, op, readers, failures).answer)
		}
	}
}

// Anybody is ports.Sessions that takes every credential. The mock has no operation
// that would call anything else of it.
type Anybody struct{ ports.Sessions }

// Authenticate lets everybody in.
func (Anybody) Authenticate(context.Context, domain.Secret) (domain.Actor, error) {
	return domain.Actor{Role: domain.RoleAdmin}, nil
}

// Slow lets each answer of the API wait: as long as the request prefers, or else as
// long as whoever started the mock said.
func Slow(next http.Handler, delay time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !spec.InAPI(r) {
			next.ServeHTTP(w, r)
			return
		}
		d := delay
		// A header that cannot be read is refused further in.
		if wish, err := readWishes(r); err == nil && wish.wait != nil {
			d = *wish.wait
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

// ForLoopbackPages lets pages of this machine, a frontend's development server for
// one, call the mock from a browser. To the layers below they are the mock's own
// pages, so that they may sign in.
func ForLoopbackPages(next http.Handler, self *url.URL, doc *openapi3.T) http.Handler {
	own := self.Scheme + "://" + self.Host
	c := rscors.New(rscors.Options{
		AllowOriginFunc:  loopbackOrigin,
		AllowedMethods:   cors.Methods,
		AllowedHeaders:   []string{"*"},
		ExposedHeaders:   responseHeaders(doc),
		AllowCredentials: true,
	})
	return c.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if loopbackOrigin(r.Header.Get(echo.HeaderOrigin)) {
			r = r.Clone(r.Context())
			r.Header.Set(echo.HeaderOrigin, own)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		next.ServeHTTP(w, r)
	}))
}

// loopbackOrigin reports whether a page of this origin comes from this machine.
func loopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && Loopback(u.Hostname())
}

// Loopback reports whether a host, without its port, is this machine and nobody else
// can mean it: localhost or a loopback address.
func Loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
