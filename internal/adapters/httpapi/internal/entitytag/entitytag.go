// Package entitytag reads entity tags. A tag is compared by what the server put into
// it, whatever a proxy did to it on the way: nginx marks the tag of a response that it
// compresses as weak, Apache and Caddy append the coding, and some clients strip the quotes.
package entitytag

import (
	"iter"
	"regexp"
)

// Any is the header that matches every version.
const Any = "*"

// member is one entity tag of a list, with or without quotes.
var member = regexp.MustCompile(`(?:W/)?(?:"[^"]*"[^\s,"]*|[^\s,"]+)`)

// value is the part of a tag that the server chose, without the mark of a weak tag, the
// quotes, and a coding such as -gzip, --gzip or ;br, which is inside or after the quotes.
var value = regexp.MustCompile(`^(?:W/)?"?(.*?)(?:[-;]{1,2}[a-z]+)?"?(?:[-;]{1,2}[a-z]+)?$`)

// List returns the tags of an If-Match or If-None-Match header as they were sent, each with
// the value that the server chose.
func List(header string) iter.Seq2[string, string] {
	return func(yield func(sent, chosen string) bool) {
		for _, sent := range member.FindAllString(header, -1) {
			if !yield(sent, value.FindStringSubmatch(sent)[1]) {
				return
			}
		}
	}
}
