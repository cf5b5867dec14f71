package config_test

import (
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/config"
)

// normalized maps spellings of base URLs to the one that browsers and servers send.
var normalized = map[string]string{
	"https://gradus.example.org":            "https://gradus.example.org",
	"https://gradus.example.org/":           "https://gradus.example.org",
	"https://gradus.example.org//":          "https://gradus.example.org",
	"HTTPS://Gradus.Example.ORG":            "https://gradus.example.org",
	"https://gradus.example.org:443":        "https://gradus.example.org",
	"https://gradus.example.org:443/":       "https://gradus.example.org",
	"https://gradus.example.org:/":          "https://gradus.example.org",
	"https://gradus.example.org:0443":       "https://gradus.example.org",
	"https://gradus.example.org.":           "https://gradus.example.org",
	"https://gradus.example.org:8443":       "https://gradus.example.org:8443",
	"https://gradus.example.org:80":         "https://gradus.example.org:80",
	"http://localhost:80/":                  "http://localhost",
	"http://LOCALHOST:8080":                 "http://localhost:8080",
	"https://school.example/Gradus/":        "https://school.example/Gradus",
	"https://bücher.example/":               "https://xn--bcher-kva.example",
	"https://BÜCHER.example":                "https://xn--bcher-kva.example",
	"https://xn--bcher-kva.example":         "https://xn--bcher-kva.example",
	"https://[2001:DB8:0:0::1]:443/":        "https://[2001:db8::1]",
	"https://[2001:db8::1]:8443":            "https://[2001:db8::1]:8443",
	"https://192.0.2.7":                     "https://192.0.2.7",
	"https://my_host.internal:3000/api_v1/": "https://my_host.internal:3000/api_v1",
}

// invalid maps base URLs to a part of the reason why they are rejected.
var invalid = map[string]string{
	"gradus.example.org":                       "must be a URL",
	"localhost:8080":                           "must be a URL",
	"//gradus.example.org":                     "must be a URL",
	"ftp://gradus.example.org":                 "must be a URL",
	"https://":                                 "must be a URL",
	"https:///x":                               "must be a URL",
	"https:gradus.example.org":                 "must be a URL",
	"https://gradus.example.org?":              "query",
	"https://gradus.example.org/?a=b":          "query",
	"https://gradus.example.org/#top":          "fragment",
	"https://user@gradus.example.org":          "user name",
	"https://user:hunter2@gradus.example.org":  "user name",
	"https://user:hun%ter2@gradus.example.org": "must be a URL",
	"https://gradus.example.org:port":          "must be a URL",
	"https://gradus.example.org:0":             "port",
	"https://gradus.example.org:65536":         "port",
	"https://gradus example.org":               "must be a URL",
	"https://gradus..example.org":              "host",
	"https://*.example.org":                    "host",
	"https://[fe80::1%25eth0]":                 "host",
	"https://a\u2028b.example":                 "host",
	"https://gradus.example.org/a/../b":        "path",
	"https://gradus.example.org/a//b":          "path",
	"https://gradus.example.org/%61":           "path",
	"https://gradus.example.org/a b":           "path",
	"https://gradus.example.org/;x":            "path",
	"\"https://gradus.example.org\"":           "must be a URL",
}

func TestURLs_AreNormalized(t *testing.T) {
	t.Parallel()
	for typed, want := range normalized {
		c, err := config.Load(production(
			"GRADUS_PUBLIC_URL="+typed, "GRADUS_WAKATIME_API_URL="+typed, "GRADUS_WAKATIME_OAUTH_URL="+typed, "GRADUS_WAKATIME_ALLOWED_BASE_URLS="+typed,
		), everything...)
		if err != nil {
			t.Errorf("%q: %v", typed, err)
			continue
		}
		h, err := c.HTTP()
		if err != nil {
			t.Error(err)
			continue
		}
		w := c.WakaTimeClient()
		for of, got := range map[string]string{
			"public URL": h.PublicURL.String(), "API URL": w.APIURL, "OAuth URL": w.OAuthURL, "allowed base URL": w.AllowedBaseURLs[0],
			"redirect URL": strings.TrimSuffix(w.RedirectURL, "/wakatime/callback"),
		} {
			if got != want {
				t.Errorf("the %s of %q is %q, want %q", of, typed, got, want)
			}
		}
	}
}

func TestURLs_ThatCannotBeMeantAreRejected(t *testing.T) {
	t.Parallel()
	for typed, reason := range invalid {
		for _, name := range []string{"GRADUS_PUBLIC_URL", "GRADUS_WAKATIME_API_URL", "GRADUS_WAKATIME_OAUTH_URL", "GRADUS_WAKATIME_ALLOWED_BASE_URLS"} {
			fault := faults(t, production(name+"="+typed))[name]
			if !strings.Contains(fault, reason) || strings.Contains(fault, "hunter2") {
				t.Errorf("%s=%s: %q, want %q", name, typed, fault, reason)
			}
		}
	}
}

// WakaTime compares the redirect URL exactly, so it is kept as it was registered.
func TestURLs_RedirectIsKept(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"https://app.example.org/Callback/", "https://app.example.org/cb?from=wakatime", "https://app.example.org:443", "HTTPS://App.example.org/%7Eme"} {
		c, err := config.Load(production("GRADUS_WAKATIME_REDIRECT_URL="+typed), everything...)
		if err != nil || c.WakaTimeClient().RedirectURL != typed {
			t.Errorf("%q: %q, %v", typed, c.WakaTimeClient().RedirectURL, err)
		}
	}
	for _, typed := range []string{"app.example.org/cb", "https://u:hunter2@app.example.org/cb", "https://app.example.org/cb#x", "myapp://cb", "https:///cb"} {
		if fault := faults(t, production("GRADUS_WAKATIME_REDIRECT_URL="+typed))["GRADUS_WAKATIME_REDIRECT_URL"]; fault == "" || strings.Contains(fault, "hunter2") {
			t.Errorf("%q: %q", typed, fault)
		}
	}
}

// An origin that is spelled differently is rejected, with the spelling that browsers send.
func TestURLs_OriginsNameTheRightSpelling(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"https://APP.example.org": "https://app.example.org", "https://app.example.org/": "https://app.example.org",
		"https://app.example.org:443": "https://app.example.org", "https://bücher.example": "https://xn--bcher-kva.example",
		"https://app.example.org/x": "https://app.example.org",
	} {
		if fault := faults(t, production("GRADUS_ALLOWED_ORIGINS="+typed))["GRADUS_ALLOWED_ORIGINS"]; !strings.Contains(fault, "use "+want+" ") {
			t.Errorf("%s: %q", typed, fault)
		}
	}
}
