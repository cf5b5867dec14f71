package site

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/gradus-dev/gradus/api"
)

// entry is a problem of api/problems.
type entry struct {
	Status int
	Title  string
	Means  string
	Todo   string
	Errors string // the field in the errors of a response; may be empty
}

func readProblems() (map[string]entry, error) {
	d := yaml.NewDecoder(bytes.NewReader(api.Problems()))
	d.KnownFields(true)
	var table map[string]entry
	if err := d.Decode(&table); err != nil {
		return nil, fmt.Errorf("api/problems: %w", err)
	}
	return table, nil
}

// operation is an operation that can return a problem.
type operation struct{ Name, Summary string }

// problems renders the articles below ProblemsPath, the index first.
func (w *writer) problems(spec *openapi3.T, details map[string]string) ([]page, error) {
	codes := slices.Sorted(maps.Keys(w.table))
	var menu []link
	for _, code := range codes {
		menu = append(menu, link{Path: ProblemsPath + "/" + code, Title: code})
	}
	index, err := w.document(problemsFile, w.problemIndex(codes))
	if err != nil {
		return nil, err
	}
	pages := []page{{path: ProblemsPath, kind: problemKind, document: index, article: article{Title: index.title, Menu: "Problems", Links: menu, Body: index.body}}}
	for i, code := range codes {
		text, err := w.problem(spec, code, details[code])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", code, err)
		}
		d, err := w.document(problemsFile, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", code, err)
		}
		a := article{Title: code + ": " + d.title, Menu: "Problems", Links: slices.Clone(menu), Body: d.body}
		a.Links[i].Here = true
		pages = append(pages, page{path: menu[i].Path, kind: problemKind, name: code, document: d, article: a})
	}
	return pages, nil
}

// problemsFile is where the articles on problems would be in the folder docs: their links
// are relative to it.
const problemsFile = "guides/problems.md"

// problemIndex returns a list of all problems by status, as Markdown.
func (w *writer) problemIndex(codes []string) []byte {
	var b strings.Builder
	b.WriteString("# Problems\n\nEvery failure is `application/problem+json` with one of these codes. " +
		"The guide on [errors](errors.md) explains how to handle them in general; the article on a code explains what it means and what to do.\n")
	byStatus := map[int][]string{}
	for _, code := range codes {
		byStatus[w.table[code].Status] = append(byStatus[w.table[code].Status], code)
	}
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		fmt.Fprintf(&b, "\n## %d %s\n\n", status, http.StatusText(status))
		for _, code := range byStatus[status] {
			fmt.Fprintf(&b, "- `%s`: %s\n", code, w.table[code].Title)
		}
	}
	return []byte(b.String())
}

// problem returns the article on a problem as Markdown.
func (w *writer) problem(spec *openapi3.T, code, detail string) ([]byte, error) {
	row := w.table[code]
	in := operationsWith(spec, code)
	shown, err := example(spec, code, row, detail, in)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n``%s`` has the status %d %s.\n\n", row.Title, code, row.Status, http.StatusText(row.Status))
	fmt.Fprintf(&b, "## What it means\n\n%s\n\n## What to do\n\n%s\n\n", row.Means, row.Todo)
	fmt.Fprintf(&b, "## Example response\n\n```json\n%s```\n\n", shown)
	b.WriteString("Clients should depend on `code`. `detail` is for people, and its wording may vary and change. See the guide on [errors](errors.md).\n\n")
	b.WriteString("## Where it occurs\n\n")
	if everywhere, _ := spec.Extensions["x-problem-codes"].([]any); slices.Contains(everywhere, any(code)) {
		b.WriteString("Any path can return it.\n\n")
	}
	for _, o := range in {
		fmt.Fprintf(&b, "- `%s`: %s\n", o.Name, o.Summary)
	}
	return []byte(b.String()), nil
}

// operationsWith lists the operations that can return a code, by path.
func operationsWith(spec *openapi3.T, code string) []operation {
	var found []operation
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			if codes, _ := op.Extensions["x-problem-codes"].([]any); slices.Contains(codes, any(code)) {
				name := method + " " + path
				found = append(found, operation{Name: name, Summary: op.Summary})
			}
		}
	}
	slices.SortFunc(found, func(a, b operation) int {
		methodA, pathA, _ := strings.Cut(a.Name, " ")
		methodB, pathB, _ := strings.Cut(b.Name, " ")
		return cmp.Or(cmp.Compare(pathA, pathB), cmp.Compare(methodA, methodB))
	})
	return found
}

// example returns a response with the problem: the contract's example if it has one.
func example(spec *openapi3.T, code string, row entry, detail string, in []operation) (string, error) {
	for _, r := range spec.Components.Responses {
		for _, m := range r.Value.Content {
			if p, _ := m.Example.(map[string]any); p["code"] == code {
				return indented(inOrder(p))
			}
		}
	}
	instance := "/api/v1/nowhere"
	if len(in) > 0 {
		instance = examplePath(spec, in[0].Name)
	}
	fields := []any{}
	if row.Errors != "" {
		f := fieldExample{Code: code, Detail: detail}
		if strings.HasPrefix(row.Errors, "/") {
			f.Pointer = &row.Errors
		} else {
			f.Parameter = &row.Errors
		}
		fields = append(fields, f)
	}
	return indented(inOrder(map[string]any{
		"type": ProblemsPath + "/" + code, "title": http.StatusText(row.Status), "status": row.Status, "detail": detail,
		"instance": instance, "code": code, "timestamp": "2026-10-14T18:30:00Z",
		"request_id": "01a13bad-ac40-7f0e-b2d6-9c3a41e85d70", "errors": fields,
	}))
}

// problemExample keeps the properties in the order of the contract.
type problemExample struct {
	Type      any `json:"type"`
	Title     any `json:"title"`
	Status    any `json:"status"`
	Detail    any `json:"detail"`
	Instance  any `json:"instance"`
	Code      any `json:"code"`
	Timestamp any `json:"timestamp"`
	RequestID any `json:"request_id"`
	Errors    any `json:"errors"`
}

type fieldExample struct {
	Pointer   *string `json:"pointer"`
	Parameter *string `json:"parameter"`
	Code      string  `json:"code"`
	Detail    string  `json:"detail"`
}

func inOrder(p map[string]any) problemExample {
	return problemExample{
		p["type"], p["title"], p["status"], p["detail"], p["instance"], p["code"], p["timestamp"], p["request_id"], p["errors"],
	}
}

func indented(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.String(), err
}

// examplePath returns the path of an operation with the examples of its parameters.
func examplePath(spec *openapi3.T, name string) string {
	method, path, _ := strings.Cut(name, " ")
	item := spec.Paths.Value(path)
	at := spec.Servers[0].URL + path
	for _, p := range slices.Concat(item.Parameters, item.GetOperation(method).Parameters) {
		if p.Value.In == openapi3.ParameterInPath {
			at = strings.ReplaceAll(at, "{"+p.Value.Name+"}", fmt.Sprint(p.Value.Example))
		}
	}
	return at
}
