// Package compress compresses responses with gzip.
package compress

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
)

// Gzip is the content coding of compressed responses.
const Gzip = "gzip"

// ETagSuffix is appended to the ETag of a compressed response: two codings of one version
// are two representations (RFC 9110, section 8.8.3.3).
const ETagSuffix = "-gzip"

const minSize = 1400 // bytes; smaller responses fit into one packet anyway

// Responses compresses the responses of next to GET requests. Responses to other methods
// may contain new secrets, and the compressed length of a secret leaks information to an
// attacker who controls the text around it (BREACH). For the same reason responses of
// operations with x-holds-secret in the contract are not compressed.
func Responses(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.EnableZstd(false),
		gzhttp.MinSize(minSize),
		gzhttp.SuffixETag(ETagSuffix),
		gzhttp.ContentTypes([]string{
			echo.MIMEApplicationJSON, "application/problem+json", "application/yaml",
			echo.MIMETextHTML, "text/markdown", "text/css", "text/javascript", echo.MIMETextPlain, "image/svg+xml",
		}),
	)
	if err != nil {
		return nil, err
	}
	compressed := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			compressed.ServeHTTP(w, r)
		} else {
			next.ServeHTTP(w, r)
		}
	}), nil
}

// Disable keeps a response from being compressed.
func Disable(h http.Header) { h.Set(gzhttp.HeaderNoCompression, "1") }
