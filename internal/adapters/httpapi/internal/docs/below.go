package docs

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/buffer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
)

// The links of documents to paths of this server, up to the first slash: in HTML, and in
// Markdown, also as part of the contract.
var (
	htmlLink     = regexp.MustCompile(`((?:href|src|action)=")(/[^/])`)
	markdownLink = regexp.MustCompile(`(\]\()(/[^/])`)
)

// Below prefixes the links of the documents that next serves, so that all of them are
// written for a server at the root of its host.
func Below(prefix string, next http.Handler) http.Handler {
	if prefix == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if spec.InAPI(r) || strings.HasSuffix(r.URL.Path, ".js") {
			next.ServeHTTP(w, r)
			return
		}
		response := &buffer.Response{Head: w.Header().Clone()}
		next.ServeHTTP(response, r)
		media, _, _ := strings.Cut(response.Head.Get(echo.HeaderContentType), ";")
		switch media {
		case echo.MIMETextHTML:
			response.Body = prefixed(htmlLink, prefix, response.Body)
		case echo.MIMETextPlain, "text/markdown":
			response.Body = prefixed(markdownLink, prefix, response.Body)
		}
		response.Send(w)
	})
}

// contract returns the contract of a server below a prefix.
func contract(prefix string) []byte {
	if prefix == "" {
		return api.Spec
	}
	text := strings.Replace(string(api.Spec), "- url: "+spec.BasePath+"\n", "- url: "+prefix+spec.BasePath+"\n", 1)
	return prefixed(markdownLink, prefix, []byte(text))
}

func prefixed(link *regexp.Regexp, prefix string, text []byte) []byte {
	return link.ReplaceAll(text, []byte("${1}"+prefix+"${2}"))
}
