package wiring

import (
	"log/slog"
	"net/url"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/config"
)

// MockMaxWait is the longest delay that a client can request from the mock server.
const MockMaxWait = httpapi.MaxWait

// MockConfig is the settings of a mock server.
type MockConfig struct {
	URL             *url.URL      // its public URL
	Delay           time.Duration // of each response
	LoopbackOrigins bool          // enable CORS for pages on this machine
}

// NewMock returns a server that returns the examples of the contract. It has no
// dependencies.
func NewMock(cfg config.Config, m MockConfig, rt Runtime, log *slog.Logger) (httpapi.Handler, error) {
	h, err := cfg.HTTP()
	if err != nil {
		return httpapi.Handler{}, err
	}
	h.PublicURL, h.InsecureCookies = m.URL, true
	return httpapi.NewMock(httpapi.MockConfig{HTTP: h, Delay: m.Delay, LoopbackOrigins: m.LoopbackOrigins}, rt.Now, rt.NewID, log)
}

// IsLoopback reports whether a host, without its port, is localhost or a loopback address.
func IsLoopback(host string) bool { return httpapi.IsLoopback(host) }
