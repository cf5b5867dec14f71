package docs

import (
	_ "embed"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/accept"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs/site"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

var (
	//go:embed assets/reference.css
	referenceStyle []byte
	//go:embed assets/search.css
	searchStyle []byte
	//go:embed assets/search.js
	searchJS []byte
	//go:embed assets/copy.js
	copyJS []byte

	// The search is MiniSearch (MIT licence, https://github.com/lucaong/minisearch), the file
	// dist/es/index.js of minisearch 7.2.0. `make test-docs` compares it with the package.
	//
	//go:embed assets/minisearch.js.gz
	miniSearchJS []byte
)

// serveSite serves the guides, the pages for operators, and an article for each problem
// code, which the type of a problem links to. All are generated on the first request to one
// of them, so that they do not slow down the start.
func serveSite(e *echo.Echo, doc *openapi3.T, at *url.URL) {
	load := sync.OnceValues(func() (site.Site, error) {
		return site.New(doc, problemDetails(), strings.TrimSuffix(at.String(), "/"))
	})
	show := func(c echo.Context) error { return showPage(c, load) }
	for _, path := range []string{site.GuidesPath, site.OperatePath, site.ProblemsPath} {
		e.GET(path, show)
		e.GET(path+site.MarkdownSuffix, show)
	}
	e.GET(site.ReferencePath+site.MarkdownSuffix, show)
	e.GET(site.GuidesPath+"/:name", show)
	e.GET(site.OperatePath+"/:page", show)
	e.GET(site.OperationsPath+"/:operation", show)
	e.GET(site.ProblemsPath+"/:code", show)

	e.GET("/llms.txt", func(c echo.Context) error {
		all, err := load()
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "text/plain; charset=utf-8", all.LLMs)
	})
	e.GET("/docs/search.json", newCachedFile(echo.MIMEApplicationJSON, func() ([]byte, error) {
		all, err := load()
		return all.Search, err
	}).serve)
	e.GET("/docs/style.css", styleSheet(site.Style))
	e.GET("/docs/reference.css", styleSheet(referenceStyle))
	e.GET("/docs/search.css", styleSheet(searchStyle))
	e.GET("/docs/search.js", script(searchJS))
	e.GET("/docs/copy.js", script(copyJS))
	e.GET("/docs/minisearch.js", compressedScript(miniSearchJS))
}

// showPage sends a page as HTML, or as Markdown if its path ends in .md or the client
// asks for that.
func showPage(c echo.Context, load func() (site.Site, error)) error {
	all, err := load()
	if err != nil {
		return err
	}
	path, asked := strings.CutSuffix(c.Request().URL.Path, site.MarkdownSuffix)
	page := all.Pages[path]
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	switch {
	case page.Markdown != nil && (asked || accept.Markdown(c.Request().Header.Get(echo.HeaderAccept))):
		return c.Blob(http.StatusOK, "text/markdown; charset=utf-8", page.Markdown)
	case page.HTML != nil && !asked:
		c.Response().Header().Set(echo.HeaderContentSecurityPolicy, site.Policy)
		return c.HTMLBlob(http.StatusOK, page.HTML)
	}
	return problem.ErrNotFound
}

func styleSheet(text []byte) echo.HandlerFunc { return cached("text/css; charset=utf-8", text) }

func script(text []byte) echo.HandlerFunc { return cached(javaScript, text) }

func cached(mediaType string, text []byte) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=3600")
		return c.Blob(http.StatusOK, mediaType, text)
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
