// Package wakatime is a client of WakaTime and of servers with the same API.
//
// It treats everything from upstream as untrusted: responses are limited in size,
// parsed leniently and validated day by day. Errors never quote a response, because a
// server can echo the token that it received.
package wakatime

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Config is the operator's configuration of WakaTime. From APIURL on, zero values mean
// the defaults.
type Config struct {
	ClientID     string        // OAuth is disabled if empty
	ClientSecret domain.Secret // OAuth is disabled if empty
	RedirectURL  string        // where WakaTime redirects the browser

	APIURL          string   // base URL of the API that OAuth connections use; default: WakaTime's
	OAuthURL        string   // base URL of authorize, token and revoke; default: WakaTime's
	AllowedBaseURLs []string // base URLs of other APIs, or of their servers, that may receive API keys
	Source          string   // recorded as the source of days from APIURL; default: its host

	PKCE   bool     // not documented by WakaTime
	Scopes []string // default: domain.RequiredScopes

	RequestsPerSecond float64       // over all users; default: 8, because WakaTime allows fewer than 10
	PerUserPerSecond  float64       // default: 2
	Timeout           time.Duration // for a request with its response; default: 10 s
	MaxBody           int64         // maximum size of a response in bytes; default: 8 MiB
	KeepMachineNames  bool          // machine names are host names, which are personal data
	UserAgent         string        // default: "gradus"

	ProxyURL domain.Secret // of an HTTP proxy for HTTPS requests; default: none
	NoProxy  string        // hosts that are requested without the proxy, as in NO_PROXY
}

const (
	defaultAPIURL   = "https://api.wakatime.com/api/v1"
	defaultOAuthURL = "https://wakatime.com/oauth"
	defaultRate     = 8
	defaultUserRate = 2
	defaultTimeout  = 10 * time.Second
	defaultMaxBody  = 8 << 20
)

func (cfg Config) withDefaults() Config {
	cfg.APIURL = cmp.Or(cfg.APIURL, defaultAPIURL)
	cfg.OAuthURL = cmp.Or(cfg.OAuthURL, defaultOAuthURL)
	cfg.RequestsPerSecond = cmp.Or(max(0, cfg.RequestsPerSecond), defaultRate)
	cfg.PerUserPerSecond = cmp.Or(max(0, cfg.PerUserPerSecond), defaultUserRate)
	cfg.Timeout = cmp.Or(max(0, cfg.Timeout), defaultTimeout)
	cfg.MaxBody = cmp.Or(max(0, cfg.MaxBody), defaultMaxBody)
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "gradus")
	if len(cfg.Scopes) == 0 {
		cfg.Scopes = domain.RequiredScopes
	}
	return cfg
}

// Client implements ports.WakaTime. It is safe for concurrent use.
type Client struct {
	cfg       Config // with normalized APIURL and OAuthURL
	now       ports.Clock
	flow      oauth2.Config
	apis      []api // that may receive API keys
	oauth     *server
	limits    *limits
	transport http.RoundTripper
}

var _ ports.WakaTime = (*Client)(nil)

// New returns a Client. It fails if a base URL is not a valid HTTP URL.
func New(cfg Config, now ports.Clock) (*Client, error) {
	c := &Client{cfg: cfg.withDefaults(), now: now}
	hosts := map[string]*server{}
	var errs []error
	at := func(setting, typed string) (string, *server) {
		base, host, err := normalURL(typed)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", setting, err))
		}
		if hosts[host] == nil {
			hosts[host] = newServer(host)
		}
		return base, hosts[host]
	}
	c.cfg.OAuthURL, c.oauth = at("OAuth URL", c.cfg.OAuthURL)
	base, s := at("API URL", c.cfg.APIURL)
	c.cfg.APIURL = base
	allowed := []api{newAPI(base, s)}
	for i, typed := range c.cfg.AllowedBaseURLs {
		base, s := at(fmt.Sprintf("allowed base URL %d", i+1), typed)
		allowed = append(allowed, newAPI(base, s))
	}
	proxy, err := proxyFor(c.cfg)
	if err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("wakatime: %w", errors.Join(errs...))
	}
	c.apis = withPrefixes(allowed)
	c.flow = oauth2.Config{
		ClientID: c.cfg.ClientID, RedirectURL: c.cfg.RedirectURL, Scopes: c.cfg.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: c.cfg.OAuthURL + "/authorize"},
	}
	c.limits = newLimits(c.cfg.RequestsPerSecond, c.cfg.PerUserPerSecond)
	c.transport = newTransport(proxy)
	return c, nil
}

// newTransport returns a transport that connects through a proxy, or directly if proxy is
// nil. It does not read the environment.
func newTransport(proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: checkTunnel,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// Format keeps the client secret out of a printed Client: fmt does not call the methods
// of a Secret in an unexported field.
func (*Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "wakatime.Client") }
