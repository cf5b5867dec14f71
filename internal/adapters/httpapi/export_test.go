package httpapi

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// CheckJSON lets the tests fuzz the check of bodies.
var CheckJSON = checkJSON

// StatusOf says with which status an error is answered.
func StatusOf(err error) int {
	status, _ := problem(err, http.MethodGet)
	return status
}

// TransportCodes lists the codes that are not the domain's.
func TransportCodes() []string {
	return each(transportErrors, func(e *transportError) string { return e.code })
}

// Routes lists what the server answers, as "METHOD /path".
func Routes(h http.Handler) []string {
	return each(h.(*edge).inner.(*echo.Echo).Routes(), func(r *echo.Route) string { return r.Method + " " + r.Path })
}

// NewFor is New for another contract than the embedded one.
var NewFor = newFor

// ParsePrefer reads Prefer headers into "name=value" texts.
func ParsePrefer(headers ...string) ([]string, bool) {
	wishes, ok := parsePrefer(headers)
	return each(wishes, func(p preference) string { return p.name + "=" + p.value }), ok
}

// Compress lets the tests pack answers that no operation gives.
var Compress = compress

// Replace lets the tests answer an address themselves.
func Replace(h http.Handler, path string, with http.HandlerFunc) {
	h.(*edge).inner.(*echo.Echo).GET(path, echo.WrapHandler(with))
}

// Break notes an error as the handler of errors does when an answer has begun.
func Break(r *http.Request, err error) { of(r.Context()).err = err }
