package servertest

import "github.com/gradus-dev/gradus/internal/adapters/httpapi"

// Origins that a server may allow.
const (
	App   = "https://app.example.com"
	Local = "http://localhost:5173"
)

// Share allows App and Local.
func Share(c *httpapi.Config) { c.AllowedOrigins = []string{App, Local} }

// Strangers are origins that are not allowed, most of them similar to App or Local.
var Strangers = map[string]string{
	"another site":                      "https://evil.example",
	"an opaque origin":                  "null",
	"a site with the same prefix":       App + ".evil.io",
	"a site with the same suffix":       "https://evilapp.example.com",
	"a subdomain":                       "https://x.app.example.com",
	"the parent domain":                 "https://example.com",
	"the same host without TLS":         "http://app.example.com",
	"the same host on another port":     App + ":8443",
	"the default port":                  App + ":443",
	"the same host with a trailing dot": App + ".",
	"the same host in upper case":       "https://APP.example.com",
	"the same host with a path":         App + "/",
	"two origins":                       App + ", " + App,
	"a pattern":                         "https://*.example.com",
	"a wildcard":                        "*",
	"localhost on another port":         "http://localhost:5174",
	"the address of localhost":          "http://127.0.0.1:5173",
	"an empty origin":                   "",
}

// Writes are the headers that describe the origin of a write, and whether the write is
// accepted with a cookie.
var Writes = map[string]struct {
	Headers  map[string]string
	Accepted bool
}{
	"the server's own origin":                    {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": Origin}, true},
	"the server's own origin, without Origin":    {map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
	"the server's own origin, in an old browser": {map[string]string{"Origin": Origin}, true},
	"a navigation by the user":                   {map[string]string{"Sec-Fetch-Site": "none"}, true},
	"another site":                               {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, false},
	"another site, without Origin":               {map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
	"another site, in an old browser":            {map[string]string{"Origin": "https://evil.example"}, false},
	"another site with a forged Origin":          {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": Origin}, false},
	"a subdomain":                                {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://app.gradus.example"}, false},
	"a subdomain with a forged Origin":           {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": Origin}, false},
	"a site with the same prefix":                {map[string]string{"Origin": Origin + ".evil.example"}, false},
	"a site with the same suffix":                {map[string]string{"Origin": "https://evilgradus.example"}, false},
	"the same host without TLS":                  {map[string]string{"Origin": "http://gradus.example"}, false},
	"the same host on another port":              {map[string]string{"Origin": Origin + ":8443"}, false},
	"an opaque origin":                           {map[string]string{"Origin": "null"}, false},
	"an opaque origin, in a new browser":         {map[string]string{"Origin": "null", "Sec-Fetch-Site": "cross-site"}, false},
	"an invalid Sec-Fetch-Site":                  {map[string]string{"Sec-Fetch-Site": "SAME-ORIGIN"}, false},
	"no headers":                                 {nil, false},
}
