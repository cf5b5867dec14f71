package wakatime

import (
	"cmp"
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/gradus-dev/gradus/internal/domain"
)

// wakapiPrefix is the path at which Wakapi provides the API.
const wakapiPrefix = "/api/compat/wakatime/v1"

// knownPrefixes are the paths at which servers provide the API.
var knownPrefixes = []string{
	"/api/v1", // WakaTime
	wakapiPrefix,
	"/api/hackatime/v1", // Hackatime
}

// api is an API that may receive API keys.
type api struct {
	base    string // normalized base URL
	at      location
	server  *server
	derived bool // whether base is an allowed URL with a known prefix
}

func newAPI(base string, s *server) api {
	u, err := url.Parse(base)
	if err != nil {
		u = &url.URL{} // not reached: normalURL has parsed it
	}
	return api{base: base, at: locationOf(u), server: s}
}

// withPrefixes returns the allowed APIs, and then those at the known prefixes below each of
// them that does not end in one. An allowed path can be the start of a prefix: below /api,
// there is /api/v1, but not /api/api/v1.
func withPrefixes(allowed []api) []api {
	var all []api
	add := func(a api) {
		if !slices.ContainsFunc(all, func(other api) bool { return other.base == a.base }) {
			all = append(all, a)
		}
	}
	for _, a := range allowed {
		add(a)
	}
	for _, a := range allowed {
		if slices.ContainsFunc(knownPrefixes, func(p string) bool { return strings.HasSuffix(a.at.path, p) }) {
			continue
		}
		for _, prefix := range knownPrefixes {
			below := newAPI(a.base+missingPart(a.at.path, prefix), a.server)
			below.derived = true
			add(below)
		}
	}
	return all
}

// missingPart returns what a path lacks to end in prefix.
func missingPart(folder, prefix string) string {
	for start := prefix; start != "/"; start = path.Dir(start) {
		if strings.HasSuffix(folder, start) {
			return strings.TrimPrefix(prefix, start)
		}
	}
	return prefix
}

// Servers implements ports.WakaTime.
func (c *Client) Servers() []domain.WakaTimeServer {
	var out []domain.WakaTimeServer
	for _, a := range c.apis {
		if !a.derived {
			out = append(out, domain.WakaTimeServer{
				Name: domain.ServerName(c.source(a)), BaseURL: a.base, Default: a.base == c.cfg.APIURL,
			})
		}
	}
	return out
}

// source returns the host of an API, or the name that the operator gave it.
func (c *Client) source(a api) string {
	if a.base == c.cfg.APIURL {
		return cmp.Or(c.cfg.Source, a.server.host)
	}
	return a.server.host
}

// api returns the API that cred is for. Tokens are sent only to the server that issued
// them. A key is sent only to servers that the operator allows now, regardless of what was
// allowed when it was stored.
func (c *Client) api(cred domain.Credential) (api, error) {
	base := c.cfg.APIURL
	if cred.Kind == domain.ConnectedByKey {
		base = cmp.Or(cred.BaseURL, base)
	}
	for _, a := range c.apis {
		if a.base == base {
			return a, nil
		}
	}
	return api{}, &domain.UpstreamError{Reason: domain.ReasonNotAllowed, Err: domain.ErrWakaTimeBaseURLNotAllowed}
}

// BaseURLs implements ports.WakaTime. APIURL is returned as the empty text.
//
// The result consists of base URLs that the operator allows, and of these with a known
// prefix. The typed text only selects and orders them, so it cannot lead a key to another
// host or from HTTPS to HTTP.
func (c *Client) BaseURLs(typed string) ([]string, error) {
	typed = unquote(typed)
	if typed == "" {
		return []string{""}, nil
	}
	var out []string
	for _, a := range c.matching(typed) {
		if a.base == c.cfg.APIURL {
			a.base = ""
		}
		out = append(out, a.base)
	}
	if len(out) > 0 {
		return out, nil
	}
	var choices []string
	for _, s := range c.Servers() {
		choices = append(choices, s.BaseURL)
	}
	return nil, domain.ErrWakaTimeBaseURLNotAllowed.Withf(
		"This server is not allowed. Choose one of: %s.", strings.Join(choices, ", "))
}

// unquote removes what surrounds a URL in a text or in ~/.wakatime.cfg.
func unquote(typed string) string {
	if name, value, ok := strings.Cut(typed, "="); ok && strings.TrimSpace(name) == "api_url" {
		typed = value
	}
	return strings.TrimFunc(typed, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"'`<>“”‘’,;.", r)
	})
}

// matching returns the APIs at the server of a typed URL, those at its exact path first.
func (c *Client) matching(typed string) []api {
	t, ok := parseTyped(typed)
	if !ok {
		return nil
	}
	found := slices.DeleteFunc(slices.Clone(c.apis), func(a api) bool {
		return a.at.host != t.host || t.scheme != "" && a.at.scheme != t.scheme || t.port != "" && a.at.port != t.port
	})
	if t.scheme == "" {
		found = prefer(found, func(l location) bool { return l.scheme == "https" })
	}
	if t.port == "" {
		found = prefer(found, func(l location) bool { return l.port == defaultPorts[l.scheme] })
	}
	exact := func(a api) int {
		if a.at.path == t.path {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(a, b api) int { return cmp.Compare(exact(a), exact(b)) })
	return found
}

// prefer returns the APIs for which a condition holds, or all if it holds for none.
func prefer(apis []api, holds func(location) bool) []api {
	preferred := slices.DeleteFunc(slices.Clone(apis), func(a api) bool { return !holds(a.at) })
	if len(preferred) == 0 {
		return apis
	}
	return preferred
}

// location is a URL in a form in which URLs that mean the same are equal.
type location struct{ scheme, host, port, path string }

var defaultPorts = map[string]string{"https": "443", "http": "80"}

// sameHosts maps host names to others of the same machine.
var sameHosts = map[string]string{
	"127.0.0.1": "localhost", "::1": "localhost",
	"wakatime.com": "api.wakatime.com", "www.wakatime.com": "api.wakatime.com",
}

func locationOf(u *url.URL) location {
	host := strings.ToLower(u.Hostname())
	// Settings have international names in ASCII, and users type either form.
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	return location{
		scheme: u.Scheme, host: cmp.Or(sameHosts[host], host), port: cmp.Or(u.Port(), defaultPorts[u.Scheme]),
		path: strings.TrimRight(strings.ToLower(u.Path), "/"),
	}
}

// parseTyped parses a URL of any endpoint of an API. Scheme and port are empty if it has
// none.
func parseTyped(typed string) (_ location, ok bool) {
	if !strings.Contains(typed, "://") && !strings.HasPrefix(typed, "//") {
		typed = "//" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.User != nil || u.Hostname() == "" || u.Scheme != "" && defaultPorts[u.Scheme] == "" {
		return location{}, false
	}
	l := locationOf(u)
	l.path, _, _ = strings.Cut(l.path, "/users/")
	l.port = u.Port()
	return l, true
}

// normalURL returns the canonical spelling of a base URL, and its host.
func normalURL(typed string) (base, host string, err error) {
	u, err := url.Parse(strings.TrimSpace(typed))
	if err != nil {
		return "", "", errors.New("it must be a URL")
	}
	host = strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	default:
		return "", "", errors.New("it must start with https:// or http://")
	}
	folder := strings.TrimRight(u.Path, "/")
	switch {
	case u.Hostname() == "" || strings.HasSuffix(host, ":"):
		return "", "", errors.New("it must have a host")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", "", errors.New("it must not have a user name, query or fragment")
	case u.RawPath != "" || folder != "" && folder != path.Clean(folder):
		return "", "", errors.New("its path must not be encoded or relative")
	}
	return u.Scheme + "://" + host + folder, host, nil
}
