package httpapi

import (
	_ "embed"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/pages"
	"github.com/gradus-dev/gradus/internal/domain"
)

//go:embed docs/reference.css
var referenceStyle []byte

// problemPath and a code make the `type` of a problem.
const problemPath = pages.ProblemsPath + "/"

// servePages serves what people read: the guides, and a page for each problem code,
// for the developer who follows the link in an answer. They are made when somebody
// asks for the first of them, so that they cost a start nothing.
func servePages(e *echo.Echo, spec *openapi3.T) {
	site := sync.OnceValues(func() (pages.Site, error) { return pages.New(spec, problemDetails()) })
	show := func(c echo.Context) error {
		all, err := site()
		if err != nil {
			return err
		}
		html, ok := all[c.Request().URL.Path]
		if !ok {
			return errNotFound
		}
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, pages.Policy)
		return c.HTMLBlob(http.StatusOK, html)
	}
	for _, path := range []string{pages.GuidesPath, pages.GuidesPath + "/:name", pages.ProblemsPath, pages.ProblemsPath + "/:code"} {
		e.GET(path, show)
	}
	e.GET(pages.StylePath, styleSheet(pages.Style))
	e.GET("/docs/reference.css", styleSheet(referenceStyle))
}

func styleSheet(text []byte) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=3600")
		return c.Blob(http.StatusOK, "text/css; charset=utf-8", text)
	}
}

// problemDetails says which sentence each code comes with, unless an answer has a
// better one.
func problemDetails() map[string]string {
	details := map[string]string{}
	for _, t := range transportErrors {
		details[t.code] = t.detail
	}
	for _, d := range domain.Errors() {
		details[d.Code] = d.Detail
	}
	return details
}
