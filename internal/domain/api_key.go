package domain

import (
	"regexp"
	"strings"
)

var (
	// pastedKey is what surrounds a key that was copied from a configuration file.
	pastedKey = regexp.MustCompile(`(?i)^(?:api[_-]?key|key|bearer|basic)\s*[:=]?\s+|^(?:api[_-]?key|key)\s*[:=]\s*`)
	keyForm   = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]{8,200}$`) // what a header can carry
)

// ParseAPIKey returns the API key in a text that a user pasted: without surrounding spaces,
// quotes and line ends, and without the name of the setting in front of it.
// Errors: ErrInvalid for field.
func ParseAPIKey(field string, typed Secret) (Secret, error) {
	const around = " \t\r\n\v\f\u00a0\u200b\u200c\u200d\ufeff\"'`\u201c\u201d\u2018\u2019,;"
	key := strings.Trim(typed.Reveal(), around)
	key = strings.Trim(pastedKey.ReplaceAllString(key, ""), around)
	if !keyForm.MatchString(key) {
		return "", invalid(field, "api_key_malformed", "This is not an API key. A key is one word without spaces, such as waka_00000000-0000-4000-8000-000000000000.")
	}
	return Secret(key), nil
}
