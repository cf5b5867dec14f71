// Package docs serves the documents of the API: the contract, its reference, the guides, and
// an article for each problem.
package docs

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"net/http"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/accept"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs/site"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
)

// The reference is Scalar (MIT licence, https://github.com/scalar/scalar),
// @scalar/api-reference 1.76.0, embedded so that it works without the internet.
//
//go:embed assets/scalar.js.gz
var scalarJS []byte

//go:embed assets/index.html
var referenceHTML []byte

//go:embed assets/start.js
var startJS []byte

// referencePolicy allows the reference to run its own scripts and to call this server, and
// nothing else. Scalar creates style elements at run time, hence 'unsafe-inline' for
// styles, which cannot run code.
const referencePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const javaScript = "text/javascript; charset=utf-8"

// Register adds the routes of all documents. They are public, so browsers may cache them,
// and all origins may read the contract. prefix is the path of the server's public URL.
func Register(e *echo.Echo, doc *openapi3.T, at *url.URL, prefix string) {
	// Both are generated on the first request: they would take a third of the start-up time.
	asYAML := func() ([]byte, error) { return contract(prefix), nil }
	asJSON := func() ([]byte, error) { return contractJSON(at, prefix) }
	e.GET("/openapi.yaml", newCachedFile("application/yaml", asYAML).serve)
	e.GET("/openapi.json", newCachedFile(echo.MIMEApplicationJSON, asJSON).serve)
	e.GET("/docs", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, referencePolicy)
		return c.HTMLBlob(http.StatusOK, referenceHTML)
	})
	e.GET("/docs/start.js", func(c echo.Context) error { return c.Blob(http.StatusOK, javaScript, startJS) })
	e.GET("/docs/scalar.js", compressedScript(scalarJS))
	e.GET("/", func(c echo.Context) error {
		return c.JSON(http.StatusOK, map[string]string{
			"service": "gradus", "docs": prefix + "/docs", "guides": prefix + site.GuidesPath, "llms": prefix + "/llms.txt", "openapi": prefix + "/openapi.yaml", "api": prefix + spec.BasePath,
		})
	})
	serveSite(e, doc, at)
}

// compressedScript sends an embedded compressed script, and decompresses it for the rare
// client that does not accept gzip.
func compressedScript(text []byte) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, "public, max-age=86400")
		h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
		if accept.Gzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
			h.Set(echo.HeaderContentEncoding, compress.Gzip)
			return c.Blob(http.StatusOK, javaScript, text)
		}
		plain, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return err
		}
		return c.Stream(http.StatusOK, javaScript, plain)
	}
}
