package wakatime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"github.com/gradus-dev/gradus/internal/domain"
)

var errProxyURL = errors.New("must have the form http://user:password@host:port")

// ParseProxyURL parses the URL of a proxy, with or without a scheme. It returns nil for the
// empty URL. Its errors do not contain the URL, which can contain a password.
func ParseProxyURL(typed domain.Secret) (*url.URL, error) {
	text := typed.Reveal()
	if text == "" {
		return nil, nil
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, errProxyURL
	}
	return u, nil
}

// proxyFor returns a function that selects the proxy for a request: the configured one for
// HTTPS, through which the client opens a tunnel. Other requests are sent directly, because
// the proxy would see their tokens.
func proxyFor(cfg Config) (func(*http.Request) (*url.URL, error), error) {
	u, err := ParseProxyURL(cfg.ProxyURL)
	if err != nil {
		return nil, fmt.Errorf("the proxy URL %w", err)
	}
	if u == nil {
		return nil, nil
	}
	selected := (&httpproxy.Config{HTTPSProxy: u.String(), NoProxy: cfg.NoProxy}).ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return selected(r.URL) }, nil
}

// proxyError is the status with which a proxy rejected a connection.
type proxyError int

func (e proxyError) Error() string {
	return fmt.Sprintf("the proxy rejected the connection: HTTP status %d", int(e))
}

// checkTunnel returns an error if a proxy rejected a connection. The transport's own error
// quotes the proxy.
func checkTunnel(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return proxyError(resp.StatusCode)
	}
	return nil
}
