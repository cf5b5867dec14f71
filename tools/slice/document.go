package main

import (
	"errors"
	"fmt"
	"strings"
)

// block is a fenced code block with a file name: a new file, or an edit of a shared one.
type block struct {
	path     string
	text     string
	shared   bool   // the text is an edit
	each     bool   // a slice has one such file per use case that writes
	document string // its name
	line     int    // of the opening fence
}

const fence = "```"

// parse returns the blocks of a document in order. The opening fence names the language
// and the file; `diff` marks an edit, and `each` a file per use case:
//
//	```go internal/domain/note.go
//	```go internal/domain/notes/create_note.go each
//	```diff internal/domain/policy.go
func parse(name, document string) ([]block, error) {
	var blocks []block
	var open *block
	inside := false
	for i, line := range strings.Split(document, "\n") {
		info, isFence := strings.CutPrefix(line, fence)
		switch {
		case isFence && !inside:
			inside = true
			if words := strings.Fields(info); len(words) > 1 {
				open = &block{document: name, path: words[1], shared: words[0] == "diff", each: len(words) > 2 && words[2] == "each", line: i + 1}
			}
		case isFence:
			if open != nil {
				blocks = append(blocks, *open)
			}
			open, inside = nil, false
		case open != nil:
			open.text += line + "\n"
		}
	}
	if inside {
		return nil, errors.New("a code block is not closed")
	}
	if len(blocks) == 0 {
		return nil, errors.New("no code block names a file")
	}
	return blocks, nil
}

// edit applies a diff to text. Lines that start with a space must occur in the text in this
// order; lines that start with + are inserted after them, and lines that start with - are
// removed. There are no line numbers, so that changes elsewhere in the file do not matter.
func edit(text, diff string) (string, error) {
	lines := strings.SplitAfter(text, "\n")
	at := 0 // after the last line found
	for _, d := range strings.Split(strings.TrimSuffix(diff, "\n"), "\n") {
		if d == "" {
			d = " "
		}
		mark, want := d[0], d[1:]
		switch mark {
		case '+':
			lines = append(lines[:at:at], append([]string{want + "\n"}, lines[at:]...)...)
			at++
		case ' ', '-':
			found := at
			for found < len(lines) && strings.TrimSuffix(lines[found], "\n") != want {
				found++
			}
			if found == len(lines) {
				return "", fmt.Errorf("the file has no line %q after line %d", want, at)
			}
			at = found + 1
			if mark == '-' {
				lines = append(lines[:found:found], lines[found+1:]...)
				at = found
			}
		default:
			return "", fmt.Errorf("%q must start with a plus, a minus or a space", d)
		}
	}
	return strings.Join(lines, ""), nil
}
