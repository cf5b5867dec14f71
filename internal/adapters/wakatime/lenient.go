package wakatime

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// The types in this file tolerate JSON of an unexpected type: they stay empty, and the
// other fields are still parsed.

// lenient is an optional T.
type lenient[T any] struct {
	value T
	ok    bool
}

// UnmarshalJSON never fails.
func (l *lenient[T]) UnmarshalJSON(b []byte) error {
	var v T
	*l = lenient[T]{}
	if string(b) != "null" && json.Unmarshal(b, &v) == nil {
		l.value, l.ok = v, true
	}
	return nil
}

// maxElements limits the length of lists: a short body such as [{},{},…] would
// otherwise become hundreds of megabytes of empty elements.
const maxElements = 1000

// list holds the first maxElements elements of a list. Elements that are not a T are
// empty. It is nil if the value is not a list.
type list[T any] []T

// UnmarshalJSON never fails.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	d := json.NewDecoder(bytes.NewReader(b))
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return nil
	}
	*l = list[T]{}
	for n := 0; n < maxElements && d.More(); n++ {
		var v T
		_ = d.Decode(&v)
		*l = append(*l, v)
	}
	return nil
}

// text is a string, or a number as written.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(b, &s) == nil:
		*t = text(s)
	case json.Unmarshal(b, &n) == nil:
		*t = text(n)
	}
	return nil
}

// maxName limits the strings of an account, in bytes.
const maxName = 200

// plain returns the text without control characters and surrounding spaces, or the
// empty string if it is longer than maxName.
func (t text) plain() string {
	s := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, string(t)))
	if len(s) > maxName {
		return ""
	}
	return s
}

// instant parses an ISO 8601 timestamp and keeps its offset.
func (t text) instant() (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if at, err := time.Parse(layout, string(t)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
