package site

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// llms returns llms.txt (https://llmstxt.org): a list of all pages as Markdown.
func (w *writer) llms(spec *openapi3.T, pages []page, reference []operationPage) []byte {
	var b strings.Builder
	summary, _, _ := strings.Cut(strings.TrimSpace(spec.Info.Description), "\n\n")
	fmt.Fprintf(&b, "# %s\n\n> %s\n\n", spec.Info.Title, oneLine(summary))
	fmt.Fprintf(&b, "The API is at <%s>. Its contract is [OpenAPI 3.0.3](/openapi.yaml). Every page below is Markdown; without `.md`, the same path is for people.\n", w.api)
	about := map[string]string{}
	for _, p := range pages {
		if p.path == GuidesPath || p.path == OperatePath {
			maps.Copy(about, p.about)
		}
	}
	heading := ""
	section := func(name string) {
		if name != heading {
			heading = name
			fmt.Fprintf(&b, "\n## %s\n\n", name)
		}
	}
	for _, p := range pages {
		if p.kind == problemKind {
			continue
		}
		section(p.kind)
		fmt.Fprintf(&b, "- [%s](%s%s): %s\n", p.title, p.path, MarkdownSuffix, cmp.Or(about[p.path], firstSentence(p.lead)))
	}
	for _, o := range reference {
		if o.op == nil {
			section("Reference")
			fmt.Fprintf(&b, "- [All operations](%s%s): What they have in common, and a list\n", o.path, MarkdownSuffix)
			continue
		}
		section("Reference: " + o.tag)
		fmt.Fprintf(&b, "- [%s](%s%s): `%s`\n", o.op.Summary, o.path, MarkdownSuffix, o.name)
	}
	section("Optional")
	for _, p := range pages {
		if p.kind == problemKind {
			fmt.Fprintf(&b, "- [%s](%s%s): %s\n", p.title, p.path, MarkdownSuffix, firstSentence(p.lead))
		}
	}
	return []byte(b.String())
}

func firstSentence(text string) string {
	text = oneLine(text)
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}
