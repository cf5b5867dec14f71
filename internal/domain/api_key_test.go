package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestParseAPIKey(t *testing.T) {
	t.Parallel()

	const key = "waka_0f3c6a0e-5d53-4d3c-9a5e-2b1d6c7e8f90"
	for name, typed := range map[string]string{
		"a key":                       key,
		"spaces and tabs":             " \t" + key + "  ",
		"a line end":                  key + "\n",
		"a Windows line end":          "\r\n" + key + "\r\n",
		"a non-breaking space":        "\u00a0" + key + "\u00a0",
		"double quotes":               `"` + key + `"`,
		"single quotes":               "'" + key + "'",
		"backquotes":                  "`" + key + "`",
		"typographic quotes":          "\u201c" + key + "\u201d",
		"a zero-width space":          "\u200b" + key + "\u200b",
		"a zero-width space inside":   key[:9] + "\u200b" + key[9:],
		"a byte order mark":           "\ufeff" + key,
		"a line of ~/.wakatime.cfg":   "api_key = " + key,
		"the same without spaces":     "api_key=" + key,
		"the same with a line end":    "api_key = " + key + "\r\n",
		"a quoted value":              `api_key = "` + key + `"`,
		"a quoted line":               `"api_key = ` + key + `"`,
		"another spelling":            "API Key: " + key,
		"the label of WakaTime":       "Secret API Key: " + key,
		"a short name":                "key: " + key,
		"an environment variable":     "export WAKATIME_API_KEY=" + key,
		"a member of a JSON object":   `"api_key": "` + key + `",`,
		"the value of a header":       "Bearer " + key,
		"the end of a list":           key + ",",
		"an invisible direction mark": "\u200e" + key,
	} {
		if got, err := domain.ParseAPIKey("api_key", domain.Secret(typed)); err != nil || got != key {
			t.Errorf("%s: %q, %v", name, got.Reveal(), err)
		}
	}
	for _, key := range []string{
		"0f3c6a0e-5d53-4d3c-9a5e-2b1d6c7e8f90", "0f3c6a0e5d534d3c9a5e2b1d6c7e8f90", "dGhpcyBpcyBhIGtleQ==", "ab/cd+ef12==", "eyJhbGciOiJub25lIn0.e30.c2ln", strings.Repeat("k", 200),
		"key-8f90-2b1d", "keyboard_cat", "api_keyless_1",
	} {
		if got, err := domain.ParseAPIKey("api_key", domain.Secret(key)); err != nil || got.Reveal() != key {
			t.Errorf("%q: %q, %v", key, got.Reveal(), err)
		}
	}
}

func TestParseAPIKey_RejectsOtherTexts(t *testing.T) {
	t.Parallel()

	const key = "waka_0f3c6a0e-5d53-4d3c-9a5e-2b1d6c7e8f90"
	for name, typed := range map[string]string{
		"nothing":                 "",
		"only spaces":             " \n\t ",
		"only quotes":             `""`,
		"a name without a value":  "api_key =",
		"an empty quoted value":   `api_key = ""`,
		"a name alone":            "api_key",
		"two lines of a file":     "[settings]\napi_key = " + key,
		"the key before a line":   key + "\ndebug = false",
		"two keys":                key + " " + key,
		"a key in two lines":      key[:20] + "\n" + key[20:],
		"an email address":        "ada.lovelace@example.com",
		"a URL":                   "https://wakatime.com/api/v1",
		"a URL without a scheme":  "wakatime.com/settings/api-key",
		"a URL with a key":        "https://wakatime.com/?api_key=" + key,
		"a sentence":              "my key is " + key,
		"a hidden key":            "waka_••••••••-••••-••••-••••-••••••••••••",
		"a header with a pair":    "Basic d2FrYV8wZjNjNmEwZTo=",
		"a text that is too long": strings.Repeat("k", 201),
		"a text that is short":    "waka_12",
		"a control character":     key + "\x00x",
		"letters beyond ASCII":    "schlüssel-123456",
	} {
		got, err := domain.ParseAPIKey("api_key", domain.Secret(typed))
		e, ok := errors.AsType[*domain.Error](err)
		if got != "" || !ok || !errors.Is(err, domain.ErrInvalid) || len(e.Fields) != 1 || e.Fields[0].Field != "api_key" || e.Fields[0].Code != "api_key_malformed" {
			t.Errorf("%s: %q, %v", name, got.Reveal(), err)
			continue
		}
		if text := strings.TrimSpace(typed); text != "" && strings.Contains(err.Error()+e.Fields[0].Detail, text) && len(text) > 8 {
			t.Errorf("%s: the error quotes the text: %v", name, err)
		}
	}
}
