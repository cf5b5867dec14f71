// Package compress compresses responses.
package compress

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
)

// Gzip is the content coding of compressed responses.
const Gzip = "gzip"

// ETagSuffix marks the ETag of a compressed response: two codings of one thing are two
// representations (RFC 9110, section 8.8.3.3), of one version.
const ETagSuffix = "-gzip"

const minSize = 1400 // bytes; less fits into one packet as it is

// Responses packs the answers to GET for clients that take gzip. Other methods answer
// with what they made, secrets included, and the length of a packed secret tells
// something of it to whoever can choose its neighbours (BREACH). Operations that read a
// secret say so in the contract by x-holds-secret, and are left alone too.
func Responses(next http.Handler) (http.Handler, error) {
	pack, err := gzhttp.NewWrapper(
		gzhttp.EnableZstd(false),
		gzhttp.MinSize(minSize),
		gzhttp.SuffixETag(ETagSuffix),
		gzhttp.ContentTypes([]string{
			echo.MIMEApplicationJSON, "application/problem+json", "application/yaml",
			echo.MIMETextHTML, "text/css", "text/javascript", echo.MIMETextPlain, "image/svg+xml",
		}),
	)
	if err != nil {
		return nil, err
	}
	packed := pack(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			packed.ServeHTTP(w, r)
		} else {
			next.ServeHTTP(w, r)
		}
	}), nil
}

// LeavePlain keeps an answer from being packed.
func LeavePlain(h http.Header) { h.Set(gzhttp.HeaderNoCompression, "1") }
