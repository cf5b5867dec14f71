// Package router finds the handler of a request. It is echo, with what the contract needs
// besides.
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
	// Use and not a group's: a group turns 405 into 404.
	e.Use(oneSegment, routeName, headToo)
	return e
}

// oneSegment refuses what the router takes for a parameter and is none: it lets the last
// parameter of a path run across slashes.
func oneSegment(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if slices.ContainsFunc(c.ParamValues(), func(v string) bool { return strings.Contains(v, "/") }) {
			return problem.ErrNotFound
		}
		return next(c)
	}
}

// headToo adds HEAD to Allow: the edge answers it wherever there is GET, and the router
// does not know.
func headToo(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		c.Response().Before(func() {
			if allow := h.Get(echo.HeaderAllow); strings.Contains(allow, http.MethodGet) {
				h.Set(echo.HeaderAllow, strings.Replace(allow, http.MethodGet, "GET, HEAD", 1))
			}
		})
		return next(c)
	}
}

// routeName notes the matched route for the log and the metrics.
func routeName(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if p := c.Path(); p != "" {
			exchange.Of(c.Request().Context()).Route = p
		}
		return next(c)
	}
}
