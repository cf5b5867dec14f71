// Package connect serves the page on which users connect to WakaTime with OAuth, for
// deployments without a frontend of their own. The page is a client of the API.
package connect

import (
	_ "embed"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
)

// The paths of the page, and of the redirect URL that is the default of
// GRADUS_WAKATIME_REDIRECT_URL.
const (
	PagePath     = "/wakatime"
	CallbackPath = "/wakatime/callback"
)

var (
	//go:embed assets/connect.html
	pageHTML []byte
	//go:embed assets/connect.js
	script []byte
	//go:embed assets/connect.css
	style []byte
)

// policy allows the page to run its own script and to call this server, and nothing else.
// Trusted Types keep the script from ever parsing text as HTML.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

const (
	resultCookie   = "gradus_wakatime"
	resultLifetime = 2 * 60 // seconds
	maxResult      = 3 << 10
)

// pages serves the page.
type pages struct {
	insecure bool // allow the cookie over plain HTTP
}

// Register adds the routes of the page. insecure allows its cookie over plain HTTP.
func Register(e *echo.Echo, insecure bool) {
	p := pages{insecure}
	e.GET(PagePath, func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderContentSecurityPolicy, policy)
		h.Set(echo.HeaderCacheControl, "no-store")
		return c.HTMLBlob(http.StatusOK, pageHTML)
	})
	e.GET(CallbackPath, p.callback)
	e.GET(PagePath+"/connect.js", asset("text/javascript; charset=utf-8", script))
	e.GET(PagePath+"/connect.css", asset("text/css; charset=utf-8", style))
}

func asset(mediaType string, text []byte) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
		return c.Blob(http.StatusOK, mediaType, text)
	}
}

// callback receives the browser that WakaTime sends back, and redirects it to the page. The
// result of the authorization travels in a cookie that the page reads once, so that a URL
// with a code is never that of a page: it would stay in the history of the browser.
//
// Nothing is changed here. The page completes the authorization with a request to the API,
// which checks that the same session started it.
func (p pages) callback(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	if value := result(c.QueryParams()); value != "" {
		c.SetCookie(p.cookie(value))
	}
	h.Set(echo.HeaderLocation, "../wakatime") // relative: the server may be below a path
	h.Set(echo.HeaderContentLength, "0")      // also by HEAD
	return c.NoContent(http.StatusSeeOther)
}

// result returns what the page needs of a query, or nothing if the query is not the result
// of an authorization. It leaves out error_description, which anyone can write.
func result(query url.Values) string {
	kept := url.Values{}
	for _, name := range []string{"code", "state", "error"} {
		if v := query.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	value := kept.Encode()
	if len(value) > maxResult {
		return "error=invalid_request"
	}
	return value
}

// cookie returns a cookie that the script can read, and that the browser sends to nobody
// else: the page deletes it at once.
func (p pages) cookie(value string) *http.Cookie {
	name := resultCookie
	if !p.insecure {
		name = "__Host-" + name
	}
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: resultLifetime, Secure: !p.insecure, SameSite: http.SameSiteStrictMode,
	}
}
