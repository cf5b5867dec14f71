package docs

import (
	_ "embed"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs/site"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

//go:embed assets/reference.css
var referenceStyle []byte

// serveSite serves what people read: the guides, and a page for each problem code,
// for the developer who follows the link in an answer. They are made when somebody
// asks for the first of them, so that they cost a start nothing.
func serveSite(e *echo.Echo, doc *openapi3.T) {
	load := sync.OnceValues(func() (site.Site, error) { return site.New(doc, problemDetails()) })
	show := func(c echo.Context) error {
		all, err := load()
		if err != nil {
			return err
		}
		html, ok := all[c.Request().URL.Path]
		if !ok {
			return problem.ErrNotFound
		}
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, site.Policy)
		return c.HTMLBlob(http.StatusOK, html)
	}
	for _, path := range []string{site.GuidesPath, site.GuidesPath + "/:name", site.ProblemsPath, site.ProblemsPath + "/:code"} {
		e.GET(path, show)
	}
	e.GET(site.StylePath, styleSheet(site.Style))
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
	for code, err := range problem.ByCode() {
		_, body := problem.Render(err, http.MethodGet)
		details[code] = body.Detail
	}
	return details
}
