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

// serveSite serves the guides, and an article for each problem code, which the type of a
// problem links to. All are generated on the first request to one of them, so that they do
// not slow down the start.
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

// problemDetails returns the default detail of each problem code.
func problemDetails() map[string]string {
	details := map[string]string{}
	for code, err := range problem.ByCode() {
		_, body := problem.Render(err, http.MethodGet)
		details[code] = body.Detail
	}
	return details
}
