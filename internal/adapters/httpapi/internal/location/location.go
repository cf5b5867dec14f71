// Package location finds out which path a request is for: below which prefix the server is,
// and which of several spellings of a path the client used.
package location

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/gradus-dev/gradus/internal/domain"
)

// own are the first segments of the server's paths.
var own = []string{
	"account", "api", "docs", "docs.md", "livez", "llms.txt", "openapi.json", "openapi.yaml", "problems", "problems.md", "readyz", "wakatime",
}

// Prefix returns the path of the server's public URL, without a slash at its end. It is
// empty if the server is at the root of its host.
func Prefix(public *url.URL) (string, error) {
	prefix := strings.TrimRight(public.EscapedPath(), "/")
	if prefix == "" {
		return "", nil
	}
	first, _, _ := strings.Cut(prefix[1:], "/")
	if slices.Contains(own, first) {
		// Whether a proxy removed the prefix could then not be told from the path.
		return "", fmt.Errorf("the path of the public URL must not start with /%s, which is a path of the server", first)
	}
	if strings.Contains(prefix, "%") || path.Clean(prefix) != prefix {
		return "", fmt.Errorf("the path of the public URL, %s, must be plain, such as /gradus", prefix)
	}
	return prefix, nil
}

// Handler calls next with the path below the prefix in its canonical form. It accepts
// requests of proxies that remove the prefix and of those that keep it.
func Handler(prefix string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.URL.EscapedPath()
		at := canonical(sent)
		if below, ok := strings.CutPrefix(at, prefix); ok && (below == "" || below[0] == '/') {
			at = below
		}
		if at == "" {
			at = "/"
		}
		if at != sent {
			r = withPath(r, at)
		}
		next.ServeHTTP(w, r)
	})
}

// withPath returns r with another escaped path.
func withPath(r *http.Request, escaped string) *http.Request {
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return r // canonical only removes escapes
	}
	u := *r.URL
	u.Path, u.RawPath = plain, ""
	if u.EscapedPath() != escaped {
		u.RawPath = escaped
	}
	inner := r.WithContext(r.Context())
	inner.URL = &u
	return inner
}

// canonical returns the canonical form of an escaped path: unreserved characters are not
// escaped (RFC 3986, section 6.2.2), and IDs are in lower case.
func canonical(escaped string) string {
	if !strings.ContainsFunc(escaped, func(r rune) bool { return r == '%' || 'A' <= r && r <= 'Z' }) {
		return escaped
	}
	segments := strings.Split(unescapeUnreserved(escaped), "/")
	for i, s := range segments {
		if id, err := domain.ParseID[any](s); err == nil {
			segments[i] = id.String()
		}
	}
	return strings.Join(segments, "/")
}

func unescapeUnreserved(escaped string) string {
	if !strings.Contains(escaped, "%") {
		return escaped
	}
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] != '%' || i+2 >= len(escaped) {
			b.WriteByte(escaped[i])
			continue
		}
		triple := escaped[i : i+3]
		if plain, err := url.PathUnescape(triple); err == nil && unreserved(plain[0]) {
			b.WriteString(plain)
		} else {
			b.WriteString(strings.ToUpper(triple))
		}
		i += 2
	}
	return b.String()
}

// unreserved reports whether c means the same with and without percent-encoding.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
