package wakatime_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// proxyPassword must appear only in requests to the proxy.
const proxyPassword = "canary-of-the-proxy"

// proxy is an HTTP proxy that connects every host to one server, so that names need not
// resolve.
type proxy struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string // method, host and credentials of each
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	p := &proxy{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.requests = append(p.requests, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
		p.mu.Unlock()
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		tunnel(w, r, to)
	}))
	t.Cleanup(p.Close)
	return p
}

// tunnel copies bytes between the client of a CONNECT request and a server.
func tunnel(w http.ResponseWriter, r *http.Request, to string) {
	server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
	_ = client.Close()
}

func (p *proxy) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// host is a name in the certificate of httptest.
const host = "https://api.example.com"

// behindProxy returns a client of a TLS server at host, which only the proxy finds.
func behindProxy(t *testing.T, h http.Handler, change ...func(*wakatime.Config)) (*wakatime.Client, *proxy) {
	t.Helper()
	web := httptest.NewUnstartedServer(h)
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	web.StartTLS()
	t.Cleanup(web.Close)
	p := newProxy(t, web.Listener.Addr().String())
	useProxy := func(cfg *wakatime.Config) {
		cfg.ProxyURL = domain.Secret("http://school:" + proxyPassword + "@" + p.Listener.Addr().String())
	}
	c := newClient(t, host, append([]func(*wakatime.Config){useProxy, shortTimeout}, change...)...)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	c.Transport().(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return c, p
}

func summariesOf(t *testing.T, c *wakatime.Client) error {
	t.Helper()
	_, err := c.Summaries(t.Context(), bearer("waka_tok_canary"), zone, days(t, "2026-11-16", "2026-11-17"))
	return err
}

// The proxy connects to the server, and sees neither tokens nor responses.
func TestProxy_TunnelsTLS(t *testing.T) {
	t.Parallel()
	fake := fakewaka.New(fakewaka.Config{
		Seed: 7, ClientID: clientID, ClientSecret: clientSecret, RedirectURIs: []string{redirectURL}, Now: clock,
		People: []fakewaka.Person{{Username: "ada", TimeZone: "America/Chicago", Plan: "premium"}},
	})
	c, p := behindProxy(t, fake.Handler())
	cred := domain.Credential{User: user, Kind: domain.ConnectedByKey, Token: domain.Secret(fake.APIKey("ada"))}
	account, err := c.Account(t.Context(), cred)
	if err != nil || account.Username != "ada" {
		t.Fatalf("account %+v, %v", account, err)
	}
	// OAuth uses the same transport.
	if _, err := c.Exchange(t.Context(), "not-a-code", ""); reason(t, err) != domain.ReasonRevoked {
		t.Errorf("the exchange failed with %v", err)
	}
	credentials := "Basic " + base64.StdEncoding.EncodeToString([]byte("school:"+proxyPassword))
	if diff := cmp.Diff([]string{"CONNECT api.example.com:443 " + credentials}, p.seen()); diff != "" {
		t.Error(diff)
	}
}

// The limits of the client hold behind a proxy.
func TestProxy_KeepsTheGuards(t *testing.T) {
	t.Parallel()
	t.Run("redirects are not followed", func(t *testing.T) {
		t.Parallel()
		c, p := behindProxy(t, http.RedirectHandler("https://evil.example.com/", http.StatusMovedPermanently))
		if err := summariesOf(t, c); reason(t, err) != domain.ReasonInvalid || len(p.seen()) != 1 {
			t.Errorf("got %v after %q", err, p.seen())
		}
	})
	t.Run("large responses are cut off", func(t *testing.T) {
		t.Parallel()
		large := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 4096)) }
		c, _ := behindProxy(t, http.HandlerFunc(large), func(cfg *wakatime.Config) { cfg.MaxBody = 1024 })
		if err := summariesOf(t, c); reason(t, err) != domain.ReasonInvalid || !strings.Contains(err.Error(), "too large") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("certificates are verified", func(t *testing.T) {
		t.Parallel()
		c, _ := behindProxy(t, http.NotFoundHandler())
		c.Transport().(*http.Transport).TLSClientConfig = nil
		if err := summariesOf(t, c); reason(t, err) != domain.ReasonUnavailable {
			t.Errorf("got %v", err)
		}
	})
	t.Run("other hosts are not connected to", func(t *testing.T) {
		t.Parallel()
		c, p := behindProxy(t, http.NotFoundHandler())
		cred := bearer("waka_tok_canary")
		cred.Kind, cred.BaseURL = domain.ConnectedByKey, "https://evil.example.com/api/v1"
		if _, err := c.Account(t.Context(), cred); reason(t, err) != domain.ReasonNotAllowed || len(p.seen()) != 0 {
			t.Errorf("got %v after %q", err, p.seen())
		}
	})
}

// Requests over plain HTTP would show their tokens to the proxy.
func TestProxy_IsUsedForHTTPSOnly(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		base, noProxy, want string
	}{
		"HTTPS":                        {host, "", "proxy.example.com:3128"},
		"plain HTTP":                   {"http://api.example.com", "", "api.example.com:80"},
		"a host in NO_PROXY":           {host, "wakapi.example.org, api.example.com", "api.example.com:443"},
		"a domain in NO_PROXY":         {host, ".example.com", "api.example.com:443"},
		"another host in NO_PROXY":     {host, "example.org", "proxy.example.com:3128"},
		"an address range in NO_PROXY": {"https://10.9.8.7", "10.0.0.0/8", "10.9.8.7:443"},
		"this machine":                 {"https://127.0.0.1:8443", "", "127.0.0.1:8443"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tt.base, func(cfg *wakatime.Config) { cfg.ProxyURL, cfg.NoProxy = "http://proxy.example.com:3128", tt.noProxy })
			dialed := make(chan string, 1)
			c.Transport().(*http.Transport).DialContext = func(_ context.Context, _, address string) (net.Conn, error) {
				dialed <- address
				return nil, errors.New("not in this test")
			}
			if err := summariesOf(t, c); reason(t, err) != domain.ReasonUnavailable {
				t.Errorf("got %v", err)
			}
			if got := <-dialed; got != tt.want {
				t.Errorf("connected to %s, want %s", got, tt.want)
			}
		})
	}
}

// A failure of the proxy is named, without its password.
func TestProxy_FailuresAreNamed(t *testing.T) {
	t.Parallel()
	rejecting := func(status string) string {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hijack(w, fmt.Sprintf(status, r.Header.Get("Proxy-Authorization")+" "+proxyPassword)+"\r\n\r\n")
		})}
		go func() { _ = s.Serve(l) }()
		t.Cleanup(func() { _ = s.Close() })
		return l.Addr().String()
	}
	tests := map[string]struct{ address, want string }{
		"wrong credentials": {rejecting("HTTP/1.1 407 %s"), "the proxy rejected the connection: HTTP status 407"},
		"a forbidden host":  {rejecting("HTTP/1.1 403 %s"), "the proxy rejected the connection: HTTP status 403"},
		"not HTTP":          {rejecting("%s"), "the connection failed"},
		"nothing listens":   {"127.0.0.1:1", "proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, host, shortTimeout, func(cfg *wakatime.Config) {
				cfg.ProxyURL = domain.Secret("http://school:" + proxyPassword + "@" + tt.address)
			})
			err := summariesOf(t, c)
			if reason(t, err) != domain.ReasonUnavailable || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			shown := fmt.Sprintf("%v %+v %#v %v %+v %#v", err, err, err, c, c, upstream(t, err).Err)
			if strings.Contains(shown, proxyPassword) || strings.Contains(shown, base64.StdEncoding.EncodeToString([]byte("school:"+proxyPassword))) {
				t.Errorf("the password of the proxy is in %s", shown)
			}
		})
	}
}

func TestNew_RejectsInvalidProxies(t *testing.T) {
	t.Parallel()
	for _, invalid := range []domain.Secret{"ftp://proxy.example.com", "http://", "http://u:" + proxyPassword + "%@proxy", "socks5://proxy:1080", "http://proxy:port", "http://proxy/path", "proxy host:3128"} {
		cfg := testConfig(host)
		cfg.ProxyURL = invalid
		if _, err := wakatime.New(cfg, clock); err == nil || strings.Contains(err.Error(), proxyPassword) || !strings.Contains(err.Error(), "proxy URL") {
			t.Errorf("%q: %v", invalid.Reveal(), err)
		}
	}
	for _, valid := range []domain.Secret{"", "proxy.example.com:3128", "http://proxy.example.com:3128/", "https://proxy.example.com", "http://u:p@[::1]:3128"} {
		cfg := testConfig(host)
		cfg.ProxyURL = valid
		if _, err := wakatime.New(cfg, clock); err != nil {
			t.Errorf("%q: %v", valid.Reveal(), err)
		}
	}
}
