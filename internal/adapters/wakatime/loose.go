package wakatime

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// The types of this file read JSON that may be of another type than it should: then
// they stay empty, and the fields beside them are read all the same.

// loose is a T, if there was one.
type loose[T any] struct {
	value T
	ok    bool
}

// UnmarshalJSON never fails.
func (l *loose[T]) UnmarshalJSON(b []byte) error {
	var v T
	*l = loose[T]{}
	if string(b) != "null" && json.Unmarshal(b, &v) == nil {
		l.value, l.ok = v, true
	}
	return nil
}

// maxElements bounds lists: a short text such as [{},{},…] would otherwise become
// hundreds of megabytes of empty elements.
const maxElements = 1000

// list is the first elements of a list; those that are no T are empty. It is nil when
// there was no list.
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

// text is a text, or a number as it was written.
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

// maxName is how long the texts of an account may be, in bytes.
const maxName = 200

// plain returns the text without control characters and spaces around, or nothing
// when it is longer than maxName.
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

// instant reads an ISO 8601 instant, which keeps its own offset.
func (t text) instant() (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if at, err := time.Parse(layout, string(t)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
