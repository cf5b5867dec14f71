package servertest

import "github.com/gradus-dev/gradus/internal/adapters/httpapi"

// Origins that a server may allow.
const (
	App   = "https://app.example.com"
	Local = "http://localhost:5173"
)

// Share allows App and Local.
func Share(c *httpapi.Config) { c.AllowedOrigins = []string{App, Local} }

// Strangers are origins that look like allowed ones.
var Strangers = map[string]string{
	"another site":                        "https://evil.example",
	"an origin that hides itself":         "null",
	"a site of the same beginning":        App + ".evil.io",
	"a site of the same end":              "https://evilapp.example.com",
	"a subdomain":                         "https://x.app.example.com",
	"the domain above":                    "https://example.com",
	"the same host without TLS":           "http://app.example.com",
	"the same host on another port":       App + ":8443",
	"the usual port, which nobody writes": App + ":443",
	"the same host with a dot":            App + ".",
	"the same host in upper case":         "https://APP.example.com",
	"the same host with a path":           App + "/",
	"two origins":                         App + ", " + App,
	"a pattern":                           "https://*.example.com",
	"everybody":                           "*",
	"localhost on another port":           "http://localhost:5174",
	"the address of localhost":            "http://127.0.0.1:5173",
	"nothing":                             "",
}

// Writes are the headers by which a write with a cookie can say where it comes from, and
// whether it is allowed.
var Writes = map[string]struct {
	Headers map[string]string
	Passes  bool
}{
	"the site itself":                               {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": Origin}, true},
	"the site itself, without Origin":               {map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
	"the site itself, in an old browser":            {map[string]string{"Origin": Origin}, true},
	"the person alone":                              {map[string]string{"Sec-Fetch-Site": "none"}, true},
	"another site":                                  {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, false},
	"another site, without Origin":                  {map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
	"another site, in an old browser":               {map[string]string{"Origin": "https://evil.example"}, false},
	"another site that claims to be this one":       {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": Origin}, false},
	"a subdomain":                                   {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://app.gradus.example"}, false},
	"a subdomain that claims to be this one":        {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": Origin}, false},
	"a site of the same beginning":                  {map[string]string{"Origin": Origin + ".evil.example"}, false},
	"a site of the same end":                        {map[string]string{"Origin": "https://evilgradus.example"}, false},
	"the site without TLS":                          {map[string]string{"Origin": "http://gradus.example"}, false},
	"the site on another port":                      {map[string]string{"Origin": Origin + ":8443"}, false},
	"an origin that hides itself":                   {map[string]string{"Origin": "null"}, false},
	"an origin that hides itself, in a new browser": {map[string]string{"Origin": "null", "Sec-Fetch-Site": "cross-site"}, false},
	"a word that is none":                           {map[string]string{"Sec-Fetch-Site": "SAME-ORIGIN"}, false},
	"nobody":                                        {nil, false},
}
