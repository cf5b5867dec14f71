// Package wakatime speaks to WakaTime and to servers with the same API.
//
// Everything upstream says is taken as hostile: answers are bounded, read tolerantly,
// and checked day by day, and nothing a server said is quoted in an error, because a
// server can echo the token it was sent.
package wakatime

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Config is what an operator decides about WakaTime. Zero values of everything from
// APIURL on mean the defaults.
type Config struct {
	ClientID     string        // empty: nobody can connect by OAuth
	ClientSecret domain.Secret // empty: nobody can connect by OAuth
	RedirectURL  string        // where WakaTime sends the browser back to

	APIURL          string   // of the API that OAuth connections use; WakaTime's
	OAuthURL        string   // above authorize, token and revoke; WakaTime's
	AllowedBaseURLs []string // other APIs that keys may be sent to
	Source          string   // what days of APIURL name as who answered; its host

	PKCE   bool     // WakaTime does not document it
	Scopes []string // domain.RequiredScopes

	RequestsPerSecond float64       // over all users; 8, because WakaTime wants fewer than 10
	PerUserPerSecond  float64       // 2
	Timeout           time.Duration // for one request with its answer; 10 s
	MaxBody           int64         // bytes of an answer; 8 MiB
	KeepMachineNames  bool          // machine names hold host names, which are personal data
	UserAgent         string        // "gradus"
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
	cfg       Config // with APIURL and OAuthURL in their normal form
	now       ports.Clock
	flow      oauth2.Config
	apis      map[string]*server // where APIs are, by base URL in its normal form
	oauth     *server
	limits    *limits
	transport http.RoundTripper
}

var _ ports.WakaTime = (*Client)(nil)

// New returns a Client. It fails on base URLs that are no web addresses.
func New(cfg Config, now ports.Clock) (*Client, error) {
	c := &Client{cfg: cfg.withDefaults(), now: now, apis: map[string]*server{}}
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
	api, s := at("API URL", c.cfg.APIURL)
	c.cfg.APIURL, c.apis[api] = api, s
	for i, typed := range c.cfg.AllowedBaseURLs {
		base, s := at(fmt.Sprintf("allowed base URL %d", i+1), typed)
		c.apis[base] = s
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("wakatime: %w", errors.Join(errs...))
	}
	c.flow = oauth2.Config{
		ClientID: c.cfg.ClientID, RedirectURL: c.cfg.RedirectURL, Scopes: c.cfg.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: c.cfg.OAuthURL + "/authorize"},
	}
	c.limits = newLimits(c.cfg.RequestsPerSecond, c.cfg.PerUserPerSecond)
	c.transport = newTransport()
	return c, nil
}

// newTransport goes to the configured hosts directly: a proxy named by the environment
// would see every token.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// Format keeps the client secret out of everything that prints a Client: fmt cannot
// ask a Secret in an unexported field to hide itself.
func (*Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "wakatime.Client") }

// BaseURL returns typed in its normal form if the operator allows it for API keys. It
// is empty for WakaTime's own, or what the operator put in its place.
// Errors: ErrWakaTimeBaseURLNotAllowed.
func (c *Client) BaseURL(typed string) (string, error) {
	if strings.TrimSpace(typed) == "" {
		return "", nil
	}
	base, _, err := normalURL(typed)
	switch {
	case err != nil || c.apis[base] == nil:
		return "", domain.ErrWakaTimeBaseURLNotAllowed
	case base == c.cfg.APIURL:
		return "", nil
	}
	return base, nil
}

// normalURL returns the one spelling of a base URL, and its host.
func normalURL(typed string) (base, host string, err error) {
	u, err := url.Parse(strings.TrimSpace(typed))
	if err != nil {
		return "", "", errors.New("it is not a URL")
	}
	host = strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	default:
		return "", "", errors.New("it must begin with https:// or http://")
	}
	folder := strings.TrimRight(u.Path, "/")
	switch {
	case u.Hostname() == "" || strings.HasSuffix(host, ":"):
		return "", "", errors.New("it names no host")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", "", errors.New("it must have no user name, no query and no fragment")
	case u.RawPath != "" || folder != "" && folder != path.Clean(folder):
		return "", "", errors.New("its path must be plain")
	}
	return u.Scheme + "://" + host + folder, host, nil
}
