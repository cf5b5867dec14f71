package httpapi

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/api"
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

// serveDocs serves the reference and the contract itself. None of it is secret, so
// browsers may cache it and pages of other origins may read the contract.
func serveDocs(e *echo.Echo, spec *openapi3.T) error {
	asJSON, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("write the contract as JSON: %w", err)
	}
	plainJS, err := gunzip(scalarJS)
	if err != nil {
		return fmt.Errorf("unpack the reference: %w", err)
	}
	e.GET("/openapi.yaml", contract(api.Spec, "application/yaml"))
	e.GET("/openapi.json", contract(asJSON, "application/json"))
	e.GET("/docs", func(c echo.Context) error {
		c.Response().Header().Set("Content-Security-Policy", docsPolicy)
		return c.HTMLBlob(http.StatusOK, docsPage)
	})
	e.GET("/docs/start.js", func(c echo.Context) error {
		return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", docsStart)
	})
	e.GET("/docs/scalar.js", func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Cache-Control", "public, max-age=86400")
		h.Set("Vary", echo.HeaderAcceptEncoding)
		h.Set("ETag", `"scalar-1.72.1"`)
		if strings.Contains(c.Request().Header.Get(echo.HeaderAcceptEncoding), "gzip") {
			h.Set(echo.HeaderContentEncoding, "gzip")
			return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", scalarJS)
		}
		return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", plainJS)
	})
	e.GET("/", func(c echo.Context) error {
		return c.JSON(http.StatusOK, map[string]string{
			"service": "gradus", "docs": "/docs", "openapi": "/openapi.yaml", "api": basePath,
		})
	})
	return nil
}

func contract(body []byte, mediaType string) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderAccessControlAllowOrigin, "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		return c.Blob(http.StatusOK, mediaType, body)
	}
}

func gunzip(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
