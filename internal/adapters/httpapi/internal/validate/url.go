package validate

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

const maxURL = 8 << 10 // bytes

// URL refuses what no layer below should have to think of.
func URL(r *http.Request) error {
	switch {
	case len(r.RequestURI) > maxURL:
		return problem.ErrURITooLong
	case !clean(r.URL.Path):
		return problem.ErrMalformed.With("The path holds bytes that are no text.")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return problem.ErrMalformed.With("The query string cannot be read: a percent sign or a semicolon is out of place.")
	}
	for name, values := range query {
		if !clean(name) || !clean(strings.Join(values, "")) {
			return problem.ErrMalformed.With("The query string holds bytes that are no text.")
		}
		if credentialNames[strings.ToLower(name)] {
			return problem.ErrMalformed.With("A credential in the address ends up in logs. Send it as \"Authorization: Bearer …\".")
		}
	}
	return nil
}

// credentialNames are query parameters that people send tokens in.
var credentialNames = map[string]bool{"access_token": true, "token": true, "api_key": true, "apikey": true, "session": true, "bearer": true, "password": true}

// clean reports whether s is text without NUL.
func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
