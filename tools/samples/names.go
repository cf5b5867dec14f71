package main

import (
	"regexp"
	"strings"
	"time"
)

// camel converts GetBatch to getBatch.
func camel(name string) string { return strings.ToLower(name[:1]) + name[1:] }

var wordBoundary = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// snake converts ListUsers to list_users. WakaTime is one word.
func snake(name string) string {
	return strings.ToLower(wordBoundary.ReplaceAllString(strings.ReplaceAll(name, "WakaTime", "Wakatime"), "${1}_${2}"))
}

// parseTime parses a calendar day or a timestamp.
func parseTime(v any) (t time.Time, ok bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case string:
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if t, err := time.Parse(layout, v); err == nil {
				return t, true
			}
		}
	}
	return t, false
}

// indented indents every line that is not empty.
func indented(text, by string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = by + line
		}
	}
	return strings.Join(lines, "\n")
}
