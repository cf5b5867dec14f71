package site

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxDepth limits how deeply the properties of a schema are listed.
const maxDepth = 4

// writeProperties lists the properties of an object, or of the objects in an array.
func writeProperties(b *strings.Builder, s *openapi3.Schema, depth int) {
	for s.Items != nil {
		s = s.Items.Value
	}
	properties, required := map[string]*openapi3.Schema{}, map[string]bool{}
	collect(s, properties, required)
	if depth == maxDepth {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		v := properties[name]
		need := ""
		if required[name] && depth == 0 {
			need = ", required"
		}
		fmt.Fprintf(b, "%s- ``%s`` (%s%s)", strings.Repeat("  ", depth), name, typeOf(v), need)
		if text := oneLine(v.Description); text != "" {
			b.WriteString(": " + text)
		}
		b.WriteString("\n")
		writeProperties(b, v, depth+1)
	}
}

// collect adds the properties of a schema and of all parts of allOf.
func collect(s *openapi3.Schema, properties map[string]*openapi3.Schema, required map[string]bool) {
	for name, p := range s.Properties {
		properties[name] = p.Value
	}
	for _, name := range s.Required {
		required[name] = true
	}
	for _, part := range s.AllOf {
		collect(part.Value, properties, required)
	}
}

// typeOf describes the values that a schema allows, in a few words.
func typeOf(s *openapi3.Schema) string {
	var b strings.Builder
	switch base := shape(s); {
	case base.Items != nil:
		b.WriteString("array of " + typeOf(base.Items.Value))
	case len(base.Enum) > 0:
		var values []string
		for _, v := range base.Enum {
			values = append(values, fmt.Sprintf("%v", v))
		}
		b.WriteString("one of " + strings.Join(values, ", "))
	case base.Type != nil && len(base.Type.Slice()) > 0:
		b.WriteString(base.Type.Slice()[0])
		if base.Format != "" {
			b.WriteString(", " + base.Format)
		}
		b.WriteString(limits(base))
	default:
		b.WriteString("any value")
	}
	if s.Nullable {
		b.WriteString(" or null")
	}
	return b.String()
}

// shape returns the schema that says what the values are: contracts wrap a reference in
// allOf to make it nullable or to describe it.
func shape(s *openapi3.Schema) *openapi3.Schema {
	for s.Items == nil && len(s.Enum) == 0 && len(s.AllOf) > 0 {
		s = s.AllOf[0].Value
	}
	return s
}

func limits(s *openapi3.Schema) string {
	var b strings.Builder
	if s.Min != nil {
		fmt.Fprintf(&b, ", at least %v", *s.Min)
	}
	if s.Max != nil {
		fmt.Fprintf(&b, ", at most %.0f", *s.Max)
	}
	if s.MaxLength != nil {
		fmt.Fprintf(&b, ", at most %d characters", *s.MaxLength)
	}
	if s.Default != nil {
		fmt.Fprintf(&b, ", default %v", s.Default)
	}
	return b.String()
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
