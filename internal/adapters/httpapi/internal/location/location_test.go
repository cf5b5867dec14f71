package location_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/location"
)

func TestPrefix(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"https://school.example":                  "",
		"https://school.example/":                 "",
		"https://school.example/gradus":           "/gradus",
		"https://school.example/gradus/":          "/gradus",
		"https://school.example/tools/gradus-2.0": "/tools/gradus-2.0",
		"https://school.example/api-gradus":       "/api-gradus",
	} {
		u, err := url.Parse(public)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := location.Prefix(u); got != want || err != nil {
			t.Errorf("the prefix of %s is %q, %v; want %q", public, got, err, want)
		}
	}
}

// Below these prefixes, a proxy that removes the prefix could not be told from one that
// keeps it, or links would be ambiguous.
func TestPrefix_RejectsAmbiguousPaths(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"https://school.example/api":         "/api",
		"https://school.example/docs/gradus": "/docs",
		"https://school.example/problems/":   "/problems",
		"https://school.example/a//b":        "plain",
		"https://school.example/a/../b":      "plain",
		"https://school.example/gr%20adus":   "plain",
	} {
		u, err := url.Parse(public)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := location.Prefix(u); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the prefix of %s is %q, %v; want an error with %q", public, got, err, want)
		}
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	const upper, lower = "019B76DA-F620-7C3C-99E4-67B14E898CBB", "019b76da-f620-7c3c-99e4-67b14e898cbb"
	tests := map[string]struct{ prefix, sent, path, escaped string }{
		"a plain path":                          {"", "/api/v1/me", "/api/v1/me", "/api/v1/me"},
		"no path":                               {"", "", "/", "/"},
		"unreserved characters":                 {"", "/api/v1/%6D%65%7e%2D%2e%5F", "/api/v1/me~-._", "/api/v1/me~-._"},
		"an ID in capitals":                     {"", "/users/" + upper, "/users/" + lower, "/users/" + lower},
		"an escaped ID in capitals":             {"", "/users/%30" + upper[1:] + "/role", "/users/" + lower + "/role", "/users/" + lower + "/role"},
		"a slash stays escaped":                 {"", "/users/a%2fb", "/users/a/b", "/users/a%2Fb"},
		"a percent sign is not unescaped twice": {"", "/users/%2561", "/users/%61", "/users/%2561"},
		"a space stays escaped":                 {"", "/users/a%20b", "/users/a b", "/users/a%20b"},
		"capitals elsewhere have a meaning":     {"", "/USERS/ABC", "/USERS/ABC", "/USERS/ABC"},
		"a prefix that the proxy keeps":         {"/gradus", "/gradus/api/v1/me", "/api/v1/me", "/api/v1/me"},
		"a prefix that the proxy removes":       {"/gradus", "/api/v1/me", "/api/v1/me", "/api/v1/me"},
		"a prefix that the proxy escapes":       {"/gradus", "/%67radus/api/v1/me", "/api/v1/me", "/api/v1/me"},
		"the prefix alone":                      {"/gradus", "/gradus", "/", "/"},
		"the prefix with a slash":               {"/gradus", "/gradus/", "/", "/"},
		"a word that starts like the prefix":    {"/gradus", "/gradusx/api", "/gradusx/api", "/gradusx/api"},
		"the prefix is removed once":            {"/gradus", "/gradus/gradus/api", "/gradus/api", "/gradus/api"},
		"a prefix of two segments":              {"/a/b", "/a/b/docs", "/docs", "/docs"},
		"a reserved character after the prefix": {"/gradus", "/gradus/users/a%2fb", "/users/a/b", "/users/a%2Fb"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://school.example"+tt.sent+"?a=%61", nil)
			var path, escaped, query string
			location.Handler(tt.prefix, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				path, escaped, query = r.URL.Path, r.URL.EscapedPath(), r.URL.RawQuery
			})).ServeHTTP(httptest.NewRecorder(), r)
			if path != tt.path || escaped != tt.escaped || query != "a=%61" {
				t.Errorf("%s is %q (%q) ?%s, want %q (%q)", tt.sent, path, escaped, query, tt.path, tt.escaped)
			}
		})
	}
}
