package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/rs/cors"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// MockConfig is what somebody decides who runs a mock server.
type MockConfig struct {
	HTTP          Config
	Delay         time.Duration // before each answer of the API, unless a client prefers another
	LoopbackPages bool          // pages of this machine may call it from a browser
}

// NewMock returns a server that answers every operation of the contract with its
// examples. All layers but the last are the real server's: what it refuses, the mock
// refuses in the same words. It keeps no state, and any credential is good.
func NewMock(cfg MockConfig, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	spec, err := contract()
	if err != nil {
		return nil, err
	}
	always := Probes{Draining: &atomic.Bool{}}
	inner, err := assemble(spec, cfg.HTTP, anybody{}, always, NewMetrics(), now, newID, log, func(e *echo.Echo, _ *validator) {
		readers := readersOf(spec)
		for path, item := range spec.Paths.Map() {
			for method, op := range item.Operations() {
				e.Add(method, basePath+echoPath(path), newMockOperation(cfg.HTTP, spec, op, readers).answer)
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("set up the mock: %w", err)
	}
	h := slow(inner, cfg.Delay)
	if cfg.LoopbackPages {
		h = forLoopbackPages(h, cfg.HTTP.PublicURL, responseHeaders(spec))
	}
	return h, nil
}

// anybody is ports.Sessions that takes every credential. The mock has no operation
// that would call anything else of it.
type anybody struct{ ports.Sessions }

// Authenticate lets everybody in.
func (anybody) Authenticate(context.Context, domain.Secret) (domain.Actor, error) {
	return domain.Actor{Role: domain.RoleAdmin}, nil
}

// slow lets each answer of the API wait: as long as the request prefers, or else as
// long as whoever started the mock said.
func slow(next http.Handler, delay time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !inAPI(r) {
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

// forLoopbackPages lets pages of this machine, a frontend's development server for
// one, call the mock from a browser. To the layers below they are the mock's own
// pages, so that they may sign in.
func forLoopbackPages(next http.Handler, self *url.URL, exposed []string) http.Handler {
	own := self.Scheme + "://" + self.Host
	c := cors.New(cors.Options{
		AllowOriginFunc:  loopbackOrigin,
		AllowedMethods:   sharedMethods,
		AllowedHeaders:   []string{"*"},
		ExposedHeaders:   exposed,
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
