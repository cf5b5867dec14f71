package httpapi

import (
	"mime"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
)

const (
	leastPacked = 1400 // bytes; less fits into one packet as it is
	gzipCoding  = "gzip"
)

// compress packs the answers to GET for clients that take gzip. Other methods answer
// with what they made, secrets included, and the length of a packed secret tells
// something of it to whoever can choose its neighbours (BREACH). Operations that read a
// secret say so in the contract by x-holds-secret, and are left alone too.
func compress(next http.Handler) (http.Handler, error) {
	pack, err := gzhttp.NewWrapper(
		gzhttp.EnableZstd(false),
		gzhttp.MinSize(leastPacked),
		gzhttp.SuffixETag(gzipSuffix),
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

// leavePlain keeps an answer from being packed.
func leavePlain(h http.Header) { h.Set(gzhttp.HeaderNoCompression, "1") }

// takesGzip reports whether a client that sends this Accept-Encoding takes gzip.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		if coding, params, _ := mime.ParseMediaType(part); coding == gzipCoding {
			return wanted(params)
		}
	}
	return false
}

// wanted reports whether what a client weighs so is wanted at all.
func wanted(params map[string]string) bool {
	q, weighed := params["q"]
	return !weighed || strings.Trim(q, "0.") != ""
}
