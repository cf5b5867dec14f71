package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
)

// operationPage is the reference of an operation, as Markdown.
type operationPage struct {
	path         string // without MarkdownSuffix
	tag          string
	method, name string // name is the method and the path
	op           *openapi3.Operation
	item         *openapi3.PathItem
	markdown     []byte
}

type sample struct{ Lang, Label, Source string }

// fenceOf maps the languages of code samples to those of code blocks.
var fenceOf = map[string]string{"typescript": "ts"}

// reference renders the reference of each operation, by tag in the order of the contract.
// The first page is the index.
func (w *writer) reference(spec *openapi3.T, url string) ([]operationPage, error) {
	var samples map[string][]sample
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(api.Samples), api.SampleURL, url)), &samples); err != nil {
		return nil, fmt.Errorf("parse the code samples: %w", err)
	}
	var pages []operationPage
	for p, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			pages = append(pages, operationPage{
				path: OperationsPath + "/" + op.OperationID, tag: op.Tags[0], method: method, name: method + " " + p, op: op, item: item,
			})
		}
	}
	rank := map[string]int{}
	for i, t := range spec.Tags {
		rank[t.Name] = i
	}
	slices.SortFunc(pages, func(a, b operationPage) int {
		if d := rank[a.tag] - rank[b.tag]; d != 0 {
			return d
		}
		return strings.Compare(orderOf(a), orderOf(b))
	})
	for i := range pages {
		pages[i].markdown = w.operation(pages[i], samples[pages[i].op.OperationID])
	}
	return append([]operationPage{{path: ReferencePath, markdown: w.referenceIndex(spec, pages)}}, pages...), nil
}

// orderOf sorts operations by path, and those of one path by method.
func orderOf(p operationPage) string {
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	_, at, _ := strings.Cut(p.name, " ")
	return at + strconv.Itoa(slices.Index(methods, p.method))
}

func (w *writer) referenceIndex(spec *openapi3.T, pages []operationPage) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s API reference\n\n%s\n", spec.Info.Title, w.markdown("", []byte(spec.Info.Description)))
	tag := ""
	for _, p := range pages {
		if p.tag != tag {
			tag = p.tag
			fmt.Fprintf(&b, "\n## %s\n\n", tag)
		}
		fmt.Fprintf(&b, "- [%s](%s): `%s`\n", p.op.Summary, p.path+MarkdownSuffix, p.name)
	}
	return []byte(b.String())
}

// operation renders one operation.
func (w *writer) operation(p operationPage, samples []sample) []byte {
	var b strings.Builder
	_, at, _ := strings.Cut(p.name, " ")
	fmt.Fprintf(&b, "# %s\n\n`%s %s%s` (operation `%s`, tag `%s`)\n\n%s\n", p.op.Summary, p.method, w.api, at, p.op.OperationID, p.tag, strings.TrimSpace(p.op.Description))
	if p.op.Deprecated {
		b.WriteString("\nThis operation is deprecated.\n")
	}
	writeParameters(&b, slices.Concat(p.item.Parameters, p.op.Parameters))
	if body := p.op.RequestBody; body != nil {
		b.WriteString("\n## Request body\n")
		writeContent(&b, body.Value.Content)
	}
	b.WriteString("\n## Responses\n")
	responses := p.op.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		code, err := strconv.Atoi(status)
		if err != nil || code >= http.StatusBadRequest {
			continue // see the problems
		}
		r := responses[status].Value
		fmt.Fprintf(&b, "\n### %s %s\n\n%s\n", status, http.StatusText(code), *r.Description)
		writeContent(&b, r.Content)
	}
	b.WriteString("\n## Problems\n\n")
	own, _ := p.op.Extensions["x-problem-codes"].([]any)
	for _, c := range own {
		code := fmt.Sprint(c)
		fmt.Fprintf(&b, "- `%s` (%d): %s\n", code, w.table[code].Status, w.table[code].Title)
	}
	b.WriteString("\nAny operation can also return the codes that [Problems](/problems) lists for any path.\n")
	if len(samples) > 0 {
		b.WriteString("\n## Samples\n")
	}
	for _, s := range samples {
		language := s.Lang
		if f, ok := fenceOf[language]; ok {
			language = f
		}
		fmt.Fprintf(&b, "\n%s:\n\n```%s\n%s\n```\n", s.Label, language, strings.TrimSpace(s.Source))
	}
	return w.markdown("", []byte(b.String()))
}

func writeParameters(b *strings.Builder, all openapi3.Parameters) {
	if len(all) == 0 {
		return
	}
	b.WriteString("\n## Parameters\n\n")
	for _, ref := range all {
		v := ref.Value
		need := ""
		if v.Required {
			need = ", required"
		}
		fmt.Fprintf(b, "- ``%s`` (%s, %s%s): %s\n", v.Name, v.In, typeOf(v.Schema.Value), need, oneLine(v.Description))
	}
}

// writeContent writes the schema and the examples of a body.
func writeContent(b *strings.Builder, content openapi3.Content) {
	for _, media := range slices.Sorted(maps.Keys(content)) {
		m := content[media]
		fmt.Fprintf(b, "\n`%s`", media)
		if m.Schema != nil {
			fmt.Fprintf(b, ": %s\n\n", typeOf(m.Schema.Value))
			writeProperties(b, m.Schema.Value, 0)
		}
		names := slices.Sorted(maps.Keys(m.Examples))
		if order, ok := m.Extensions["x-examples-order"].([]any); ok {
			names = names[:0]
			for _, n := range order {
				names = append(names, fmt.Sprint(n))
			}
		}
		for _, name := range names {
			if text, err := indented(m.Examples[name].Value.Value); err == nil {
				fmt.Fprintf(b, "\nExample `%s`:\n\n```json\n%s```\n", name, text)
			}
		}
	}
}
