// Package docs serves what people read about the API: the contract, its reference, the
// guides and a page for each problem.
package docs

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"net/http"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/accept"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs/site"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
)

// The reference is Scalar (MIT licence, https://github.com/scalar/scalar),
// @scalar/api-reference 1.72.1, embedded so that it works without the internet.
//
//go:embed assets/scalar.js.gz
var scalarJS []byte

//go:embed assets/index.html
var docsPage []byte

//go:embed assets/start.js
var docsStart []byte

// docsPolicy lets the reference run its own script and talk to this server, and
// nothing else. Scalar writes style elements at run time, hence 'unsafe-inline'
// for styles, which cannot run code.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const javaScript = "text/javascript; charset=utf-8"

// Register serves the reference and the contract itself. None of it is secret, so
// browsers may cache it and pages of other origins may read the contract.
func Register(e *echo.Echo, doc *openapi3.T, at *url.URL) {
	// Both are written when somebody asks for them: they would be a third of the start.
	asYAML := func() ([]byte, error) { return api.Spec, nil }
	asJSON := func() ([]byte, error) { return contractJSON(doc, at) }
	e.GET("/openapi.yaml", newFile("application/yaml", asYAML).serve)
	e.GET("/openapi.json", newFile(echo.MIMEApplicationJSON, asJSON).serve)
	e.GET("/docs", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, docsPolicy)
		return c.HTMLBlob(http.StatusOK, docsPage)
	})
	e.GET("/docs/start.js", func(c echo.Context) error { return c.Blob(http.StatusOK, javaScript, docsStart) })
	e.GET("/docs/scalar.js", serveScalar)
	e.GET("/", func(c echo.Context) error {
		return c.JSON(http.StatusOK, map[string]string{
			"service": "gradus", "docs": "/docs", "guides": site.GuidesPath, "openapi": "/openapi.yaml", "api": spec.BasePath,
		})
	})
	serveSite(e, doc)
}

// serveScalar sends the script as it is kept, and unpacks it for the rare client
// that does not take gzip.
func serveScalar(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "public, max-age=86400")
	h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if accept.Gzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
		h.Set(echo.HeaderContentEncoding, compress.Gzip)
		return c.Blob(http.StatusOK, javaScript, scalarJS)
	}
	plain, err := gzip.NewReader(bytes.NewReader(scalarJS))
	if err != nil {
		return err
	}
	return c.Stream(http.StatusOK, javaScript, plain)
}
