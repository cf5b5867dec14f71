// Package account serves the pages to which the links of mails lead, for deployments without a
// frontend of their own. The pages are clients of the API.
package account

import (
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Path is that above all pages, and the default of GRADUS_MAIL_LINKS_URL.
const Path = "/account"

// pages are the names of the pages. All have the same files: the script shows what the name says.
var pages = []string{"email-change", "email-undo", "password-reset"}

var (
	//go:embed assets/account.html
	pageHTML []byte
	//go:embed assets/account.js
	script []byte
)

// policy allows a page to run its own script and to call this server, and nothing else. Trusted
// Types keep the script from ever parsing text as HTML.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Register adds the routes of the pages.
//
// The token of a link is in the fragment of the URL, which never reaches the server, and no page
// does anything before its reader confirms it: programs that check mail open links, too.
func Register(e *echo.Echo) {
	for _, name := range pages {
		e.GET(Path+"/"+name, func(c echo.Context) error {
			h := c.Response().Header()
			h.Set(echo.HeaderContentSecurityPolicy, policy)
			h.Set(echo.HeaderReferrerPolicy, "no-referrer")
			h.Set(echo.HeaderCacheControl, "no-store")
			return c.HTMLBlob(http.StatusOK, pageHTML)
		})
	}
	e.GET(Path+"/account.js", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
		return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", script)
	})
}
