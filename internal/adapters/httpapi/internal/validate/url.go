package validate

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

const maxURL = 8 << 10 // bytes

// URL rejects URLs that no other layer should have to handle.
func URL(r *http.Request) error {
	switch {
	case len(r.RequestURI) > maxURL:
		return problem.ErrURITooLong
	case !validText(r.URL.Path):
		return problem.ErrMalformed.With("The path contains NUL or invalid UTF-8.")
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return problem.ErrMalformed.With("The query string cannot be parsed. Percent-encode special characters.")
	}
	for name, values := range query {
		if !validText(name) || !validText(strings.Join(values, "")) {
			return problem.ErrMalformed.With("The query string contains NUL or invalid UTF-8.")
		}
		if credentialNames[strings.ToLower(name)] {
			return problem.ErrMalformed.With("URLs end up in logs. Send the credential as \"Authorization: Bearer …\" instead.")
		}
	}
	return nil
}

// credentialNames are query parameters in which clients tend to send credentials.
var credentialNames = map[string]bool{"access_token": true, "token": true, "api_key": true, "apikey": true, "session": true, "bearer": true, "password": true}

// validText reports whether s is UTF-8 without NUL.
func validText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
