package site

import (
	"regexp"
	"strings"
)

// MarkdownSuffix is added to the path of a page for its Markdown.
const MarkdownSuffix = ".md"

var (
	codeBlock = regexp.MustCompile("(?ms)^```.*?^```$")
	// linkOrName matches the destination of a link, or code with what precedes it.
	linkOrName = regexp.MustCompile("(\\]\\()([^()\\s]+)(\\))|(\\[?)(`+)([^`]+)`+")
)

// markdown returns a text with links to the Markdown of other pages, for programs: names of
// operations and problem codes become links, as in HTML. Code blocks stay as they are.
func (w *writer) markdown(file string, source []byte) []byte {
	var b strings.Builder
	rest := string(source)
	for rest != "" {
		at := codeBlock.FindStringIndex(rest)
		if at == nil {
			at = []int{len(rest), len(rest)}
		}
		b.WriteString(linkOrName.ReplaceAllStringFunc(rest[:at[0]], func(found string) string { return w.linked(file, found) }))
		b.WriteString(rest[at[0]:at[1]])
		rest = rest[at[1]:]
	}
	return []byte(b.String())
}

// linked returns a match of linkOrName with the link that it has in Markdown.
func (w *writer) linked(file, found string) string {
	m := linkOrName.FindStringSubmatch(found)
	if m[2] != "" {
		at, err := w.served(file, m[2])
		if err != nil {
			return found // document returns the error
		}
		return m[1] + w.sourceOf(at) + m[3]
	}
	if m[5] == "``" {
		return m[4] + "`" + m[6] + "`" // here, only the double backticks say that it is no name
	}
	if m[4] != "" || m[5] != "`" {
		return found // within a link
	}
	to, err := w.named(m[6])
	if err != nil || to.markdown == "" {
		return found
	}
	return "[" + found + "](" + to.markdown + ")"
}

// sourceOf returns the path of the Markdown of a page, or the path itself if there is none.
func (w *writer) sourceOf(at string) string {
	page, fragment, found := strings.Cut(at, "#")
	_, isFile := w.files[page]
	_, isProblem := w.table[strings.TrimPrefix(page, ProblemsPath+"/")]
	if !isFile && !isProblem && page != ReferencePath && page != ProblemsPath {
		return at
	}
	if found {
		return page + MarkdownSuffix + "#" + fragment
	}
	return page + MarkdownSuffix
}
