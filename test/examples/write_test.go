package examples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

const folder = "../../api/examples"

// files writes the files of the examples.
type files struct {
	doc *openapi3.T

	mu     sync.Mutex
	values map[string]any // to be written, by the name of the example
}

func newFiles(doc *openapi3.T) *files { return &files{doc: doc, values: map[string]any{}} }

// set sets the value of an example, for write.
func (f *files) set(ref string, value any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.values[strings.TrimPrefix(ref, "#/components/examples/")] = value
}

// write replaces the values in the files. It keeps names, summaries and their order.
func (f *files) write(t *testing.T) {
	t.Helper()
	paths, err := filepath.Glob(folder + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out := string(text)
		for _, name := range slices.Sorted(maps.Keys(f.values)) {
			// From the value to the next name at the start of a line.
			old := regexp.MustCompile(`(?m)^(` + name + `:\n  summary: .*\n)  value:.*\n(?:(?:    .*)?\n)*`)
			out = old.ReplaceAllStringFunc(out, func(block string) string {
				return old.FindStringSubmatch(block)[1] + "  value:" + after(f.values[name], 2, len("value: ")) + "\n\n"
			})
		}
		if out = strings.TrimRight(out, "\n") + "\n"; out != string(text) {
			if err := os.WriteFile(path, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
			t.Logf("wrote %s", path)
		}
	}
}

// member is a property of an object, in the order of the contract.
type member struct {
	name  string
	value any
}

// ordered turns the objects in a value into members, in the order of the required properties
// of their schema.
func ordered(v any, schema *openapi3.SchemaRef) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = ordered(v[i], property(schema, "[]"))
		}
		return out
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		rank := required(schema)
		slices.SortStableFunc(names, func(a, b string) int { return slices.Index(rank, a) - slices.Index(rank, b) })
		out := make([]member, len(names))
		for i, name := range names {
			out[i] = member{name, ordered(v[name], property(schema, name))}
		}
		return out
	default:
		return v
	}
}

// required returns the required properties of a schema and of its parts, which are one
// reference, or one reference and null.
func required(s *openapi3.SchemaRef) []string {
	if s == nil {
		return nil
	}
	names := slices.Clone(s.Value.Required)
	for _, part := range slices.Concat(s.Value.AllOf, s.Value.OneOf) {
		names = append(names, required(part)...)
	}
	return names
}

func property(s *openapi3.SchemaRef, name string) *openapi3.SchemaRef {
	if s == nil {
		return nil
	}
	if name == "[]" && s.Value.Items != nil {
		return s.Value.Items
	}
	if p := s.Value.Properties[name]; p != nil {
		return p
	}
	for _, part := range slices.Concat(s.Value.AllOf, s.Value.OneOf) {
		if p := property(part, name); p != nil {
			return p
		}
	}
	return nil
}

const width = 118

// after formats the value after a name and a colon: as a flow on the same line, or on lines
// that are indented further. The name takes the given number of columns.
func after(v any, indent, name int) string {
	short := flow(v)
	switch {
	case len(short) <= 2: // an empty list or object
		return " " + short
	case scalar(v):
		return " " + quotedIn(v, false)
	case plain(v) && indent+name+len(short) < width-12, small(v):
		return " " + wrapped(short, indent+name)
	}
	return "\n" + strings.TrimRight(lines(v, indent+2), "\n")
}

// small reports whether v is formatted as one flow, over several lines if it is long: a list
// of scalars, or an object of numbers.
func small(v any) bool {
	switch v := v.(type) {
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !scalar(e) })
	case []member:
		return !slices.ContainsFunc(v, func(m member) bool { _, number := m.value.(json.Number); return !number })
	}
	return scalar(v)
}

// plain reports whether v is a small object of scalars.
func plain(v any) bool {
	members, ok := v.([]member)
	return ok && len(members) <= 4 && !slices.ContainsFunc(members, func(m member) bool { return !scalar(m.value) })
}

func scalar(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) == 0
	case []member:
		return len(v) == 0
	}
	return true
}

// lines formats a value on lines.
func lines(v any, indent int) string {
	pad := strings.Repeat(" ", indent)
	var b strings.Builder
	switch v := v.(type) {
	case []member:
		for _, m := range v {
			fmt.Fprintf(&b, "%s%s:%s\n", pad, m.name, after(m.value, indent, len(m.name)+2))
		}
	case []any:
		for _, e := range v {
			if short := flow(e); plain(e) && len(short)+indent < width || scalar(e) {
				fmt.Fprintf(&b, "%s- %s\n", pad, short)
				continue
			}
			fmt.Fprintf(&b, "%s- %s\n", pad, strings.TrimSpace(lines(e, indent+2)))
		}
	}
	return b.String()
}

// wrapped breaks a flow that starts in a column and is too long for a line.
func wrapped(short string, column int) string {
	if column+len(short) <= width {
		return short
	}
	var b strings.Builder
	pad := strings.Repeat(" ", column+2) // inside the bracket
	at := column
	for i, word := range strings.SplitAfter(short, ", ") {
		if i > 0 && at+len(word) > width {
			b.WriteString("\n" + pad)
			at = len(pad)
		}
		b.WriteString(word)
		at += len(word)
	}
	return regexp.MustCompile(` +\n`).ReplaceAllString(b.String(), "\n")
}

// flow formats a value on one line.
func flow(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = flow(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []member:
		if len(v) == 0 {
			return "{}"
		}
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = m.name + ": " + flow(m.value)
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	default:
		return quotedIn(v, true)
	}
}

// quotedIn formats a scalar, with quotes where YAML needs them. A flow needs more.
func quotedIn(v any, inFlow bool) string {
	s, ok := v.(string)
	switch {
	case v == nil:
		return "null"
	case !ok:
		return fmt.Sprint(v)
	}
	out, err := yaml.Marshal(s)
	text := strings.TrimSuffix(string(out), "\n")
	plainly := !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "'")
	if err != nil || strings.Contains(text, "\n") || inFlow && plainly && strings.ContainsAny(text, ",[]{}") {
		encoded, _ := json.Marshal(s)
		return string(encoded)
	}
	return text
}
