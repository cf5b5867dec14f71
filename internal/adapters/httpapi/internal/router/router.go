// Package router adapts echo's router to the contract.
package router

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

// New returns a router without routes.
func New(problems problem.Writer) *echo.Echo {
	e := echo.New()
	e.HTTPErrorHandler = problems.Handle
	// Not in a group: a group turns 405 into 404.
	e.Use(oneSegment, routeName, allowHead)
	return e
}

// oneSegment rejects path parameters that contain a slash: echo lets the last parameter of
// a path match several segments.
func oneSegment(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if slices.ContainsFunc(c.ParamValues(), func(v string) bool { return strings.Contains(v, "/") }) {
			return problem.ErrNotFound
		}
		return next(c)
	}
}

// allowHead adds HEAD to the Allow header: the edge serves HEAD wherever there is GET, but
// echo has no route for it.
func allowHead(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Get(echo.ContextKeyHeaderAllow) == nil {
			return next(c) // the method is allowed
		}
		h := c.Response().Header()
		c.Response().Before(func() {
			if allow := h.Get(echo.HeaderAllow); strings.Contains(allow, http.MethodGet) {
				h.Set(echo.HeaderAllow, strings.Replace(allow, http.MethodGet, "GET, HEAD", 1))
			}
		})
		return next(c)
	}
}

// routeName records the matched route for the log and the metrics.
func routeName(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if p := c.Path(); p != "" {
			exchange.Of(c.Request().Context()).Route = p
		}
		return next(c)
	}
}
