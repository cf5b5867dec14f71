package httpapi

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/pages"
)

// The reference is Scalar (MIT licence, https://github.com/scalar/scalar),
// @scalar/api-reference 1.72.1, embedded so that it works without the internet.
//
//go:embed docs/scalar.js.gz
var scalarJS []byte

//go:embed docs/index.html
var docsPage []byte

//go:embed docs/start.js
var docsStart []byte

// docsPolicy lets the reference run its own script and talk to this server, and
// nothing else. Scalar writes style elements at run time, hence 'unsafe-inline'
// for styles, which cannot run code.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const javaScript = "text/javascript; charset=utf-8"

// contract reads the embedded contract, once. Nearly all that this makes stays, so
// collecting garbage meanwhile would only double the time of the program's start.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		return nil, fmt.Errorf("read the API specification: %w", err)
	}
	return spec, nil
})

// serveDocs serves the reference and the contract itself. None of it is secret, so
// browsers may cache it and pages of other origins may read the contract.
func serveDocs(e *echo.Echo, spec *openapi3.T, at *url.URL) {
	// Both are written when somebody asks for them: they would be a third of the start.
	asYAML := func() ([]byte, error) { return api.Spec, nil }
	asJSON := func() ([]byte, error) { return contractJSON(spec, at) }
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
			"service": "gradus", "docs": "/docs", "guides": pages.GuidesPath, "openapi": "/openapi.yaml", "api": basePath,
		})
	})
}

// serveScalar sends the script as it is kept, and unpacks it for the rare client
// that does not take gzip.
func serveScalar(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "public, max-age=86400")
	h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if takesGzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
		h.Set(echo.HeaderContentEncoding, gzipCoding)
		return c.Blob(http.StatusOK, javaScript, scalarJS)
	}
	plain, err := gzip.NewReader(bytes.NewReader(scalarJS))
	if err != nil {
		return err
	}
	return c.Stream(http.StatusOK, javaScript, plain)
}
