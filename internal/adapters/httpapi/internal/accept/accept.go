// Package accept parses the Accept headers of requests.
package accept

import (
	"mime"
	"strings"
)

// JSON reports whether an Accept header allows JSON responses. An empty header allows
// everything.
func JSON(accept string) bool {
	if accept == "" || accept == "*/*" || accept == "application/json" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		media, params, _ := mime.ParseMediaType(part) // skip invalid ranges
		switch media {
		case "*/*", "application/*", "application/json", "application/problem+json":
			if acceptable(params) {
				return true
			}
		}
	}
	return strings.TrimSpace(accept) == ""
}

// Markdown reports whether an Accept header asks for Markdown, which no browser does.
func Markdown(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		if media, params, _ := mime.ParseMediaType(part); media == "text/markdown" {
			return acceptable(params)
		}
	}
	return false
}

// Gzip reports whether an Accept-Encoding header allows gzip.
func Gzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		if coding, params, _ := mime.ParseMediaType(part); coding == "gzip" {
			return acceptable(params)
		}
	}
	return false
}

// acceptable reports whether the q parameter is not zero.
func acceptable(params map[string]string) bool {
	q, ok := params["q"]
	return !ok || strings.Trim(q, "0.") != ""
}
