package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
)

var (
	hostName    = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)
	plainPath   = regexp.MustCompile(`^[A-Za-z0-9._~/-]*$`)
	defaultPort = map[string]string{"http": "80", "https": "443"}
)

// webURL parses the URL of a server, or of a folder on it, and normalizes it as browsers do:
// scheme and host in lower case and ASCII, without the default port and a slash at the end.
// Its errors do not quote the URL, which can contain a password.
func webURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || defaultPort[u.Scheme] == "" {
		return nil, errors.New("must be a URL such as https://gradus.example.org")
	}
	host, err := canonicalHost(u)
	folder := strings.TrimRight(u.Path, "/")
	switch {
	case err != nil:
		return nil, err
	case u.User != nil:
		return nil, errors.New("must not contain a user name or password")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("must not contain a query: remove the question mark and what follows it")
	case u.Fragment != "":
		return nil, errors.New("must not contain a fragment: remove the number sign and what follows it")
	case u.RawPath != "" || !plainPath.MatchString(folder) || folder != "" && folder != path.Clean(folder):
		return nil, errors.New("has a path with encoded or special characters, or with empty or relative parts")
	}
	return &url.URL{Scheme: u.Scheme, Host: host, Path: folder}, nil
}

// canonicalHost returns the host and port of a URL as browsers send them.
func canonicalHost(u *url.URL) (string, error) {
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip, err := netip.ParseAddr(name); err == nil && ip.Is6() && ip.Zone() == "" {
		name = "[" + ip.String() + "]"
	} else {
		if strings.ContainsFunc(name, func(r rune) bool { return r > '~' }) {
			if name, err = idna.Lookup.ToASCII(name); err != nil {
				name = ""
			}
		}
		if !hostName.MatchString(name) {
			return "", errors.New("has an invalid host name")
		}
	}
	if u.Port() == "" {
		return name, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return "", errors.New("has an invalid port: it must be 1 to 65535")
	}
	if text := strconv.FormatUint(port, 10); text != defaultPort[u.Scheme] {
		return name + ":" + text, nil
	}
	return name, nil
}

// isLocal reports whether a host is this machine.
func isLocal(host string) bool { return httpapi.IsLoopback(strings.ToLower(host)) }

// checkURL validates the URL of a server to which what it names is sent, and returns the
// parsed URL, or nil if it is invalid.
func (k *checker) checkURL(name, s, sent string) *url.URL {
	u, err := webURL(s)
	if err != nil {
		k.add(name, "%v", quoting(s, err))
		return nil
	}
	if u.Scheme == "http" && k.Mode != Development && !isLocal(u.Hostname()) {
		k.risk(name, "would send %s to %s without encryption: use https", sent, u.Hostname())
	}
	return u
}

// quoting adds a value to an error, unless it can contain a password.
func quoting(value string, err error) error {
	if strings.Contains(value, "@") {
		return err
	}
	return fmt.Errorf("%w, not %q", err, value)
}

// checkRedirect validates the URL to which WakaTime redirects. It is not normalized, because
// WakaTime compares it with the registered one exactly.
func (k *checker) checkRedirect(name, s string) {
	u, err := url.Parse(s)
	switch {
	case s == "":
	case err != nil || u.Hostname() == "" || defaultPort[u.Scheme] == "":
		k.add(name, "%v", quoting(s, errors.New("must be a URL such as https://app.example.org/wakatime/callback")))
	case u.User != nil || strings.Contains(s, "#"):
		k.add(name, "must not contain a user name, a password or a fragment")
	case u.Scheme == "http" && k.Mode != Development && !isLocal(u.Hostname()):
		k.risk(name, "would send authorization codes to %s without encryption: use https", u.Hostname())
	}
}

// checkOrigins rejects origins that no browser sends, because they would never match.
func (k *checker) checkOrigins() {
	for _, s := range k.AllowedOrigins {
		u, err := webURL(s)
		switch {
		case err != nil:
			k.add("ALLOWED_ORIGINS", "%q is not an origin such as https://app.example.org or http://localhost:5173", s)
		case u.Scheme+"://"+u.Host != s:
			k.add("ALLOWED_ORIGINS", "%q is not an origin as browsers send it: use %s://%s (lower case, without a path or the default port)", s, u.Scheme, u.Host)
		case u.Scheme == "http" && k.Mode != Development && !isLocal(u.Hostname()):
			k.risk("ALLOWED_ORIGINS", "would accept pages of %s that were loaded over plain HTTP, which can be tampered with: use https", s)
		}
	}
}
