package wiring

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/config"
)

// MockMaxWait is the longest that a client can make the mock server wait.
const MockMaxWait = httpapi.MaxWait

// Mock is how a mock server is run.
type Mock struct {
	URL           *url.URL      // where it is reached
	Delay         time.Duration // before each answer
	LoopbackPages bool          // pages of this machine may call it from a browser
}

// NewMock returns a server that answers the API from the contract's examples. It
// needs nothing else: no database, no upstream.
func NewMock(cfg config.Config, m Mock, rt Runtime, log *slog.Logger) (http.Handler, error) {
	h, err := cfg.HTTP()
	if err != nil {
		return nil, err
	}
	h.PublicURL, h.InsecureCookies = m.URL, true
	return httpapi.NewMock(httpapi.MockConfig{HTTP: h, Delay: m.Delay, LoopbackPages: m.LoopbackPages}, rt.Now, rt.NewID, log)
}

// IsLoopback reports whether a host, without its port, is this machine only.
func IsLoopback(host string) bool { return httpapi.Loopback(host) }
