package domain

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	// settingName is what stands in front of a key in a configuration file, an environment
	// variable, JSON or a header.
	settingName = regexp.MustCompile(`(?i)^(?:export\s+)?(?:(?:(?:wakatime|secret)[ _-])?api[ _-]?key["']?\s*[:=]|key\s*[:=]|bearer\s)\s*`)
	keyForm     = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]{8,200}$`) // what a header can carry
)

// ParseAPIKey returns the API key in a text that a user pasted: without surrounding spaces,
// quotes and line ends, without invisible characters, and without the name of the setting
// in front of it. The error does not quote the text.
// Errors: ErrInvalid for field.
func ParseAPIKey(field string, typed Secret) (Secret, error) {
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // such as zero-width spaces and byte order marks
			return -1
		}
		return r
	}, typed.Reveal())
	key := unquoted(settingName.ReplaceAllString(unquoted(visible), ""))
	address := strings.Contains(key, ".") && strings.Contains(key, "/")
	if !keyForm.MatchString(key) || address {
		return "", invalid(field, "api_key_malformed", "This is not an API key. A key is one word without spaces, such as waka_00000000-0000-4000-8000-000000000000.")
	}
	return Secret(key), nil
}

// unquoted returns s without the spaces, quotes and separators around it.
func unquoted(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"'`\u201c\u201d\u2018\u2019,;", r)
	})
}
