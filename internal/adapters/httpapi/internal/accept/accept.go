// Package accept reads what representations a client accepts.
package accept

import (
	"mime"
	"strings"
)

// JSON reports whether a client that accepts these media ranges takes our
// answers; one that names none takes everything.
func JSON(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		media, params, _ := mime.ParseMediaType(part) // a range that cannot be read is passed over
		switch media {
		case "*/*", "application/*", "application/json", "application/problem+json":
			if wanted(params) {
				return true
			}
		}
	}
	return strings.TrimSpace(accept) == ""
}

// Gzip reports whether a client that sends this Accept-Encoding takes gzip.
func Gzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		if coding, params, _ := mime.ParseMediaType(part); coding == "gzip" {
			return wanted(params)
		}
	}
	return false
}

// wanted reports whether what a client weighs so is wanted at all.
func wanted(params map[string]string) bool {
	q, weighed := params["q"]
	return !weighed || strings.Trim(q, "0.") != ""
}
