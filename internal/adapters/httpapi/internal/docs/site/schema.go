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

// alternatives returns the schemas that a schema consists of. The bundler writes a reference
// that can be null as oneOf the reference and null.
func alternatives(s *openapi3.Schema) (of openapi3.SchemaRefs, nullable bool) {
	nullable = s.Nullable
	for _, a := range s.OneOf {
		if len(a.Value.Enum) == 1 && a.Value.Enum[0] == nil {
			nullable = true
		} else {
			of = append(of, a)
		}
	}
	return append(of, s.AllOf...), nullable
}

// collect adds the properties of a schema and of its alternatives.
func collect(s *openapi3.Schema, properties map[string]*openapi3.Schema, required map[string]bool) {
	for name, p := range s.Properties {
		properties[name] = p.Value
	}
	for _, name := range s.Required {
		required[name] = true
	}
	of, _ := alternatives(s)
	for _, part := range of {
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
			if v != nil {
				values = append(values, fmt.Sprint(v))
			}
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
	if _, nullable := alternatives(s); nullable {
		b.WriteString(" or null")
	}
	return b.String()
}

// shape returns the schema that says what the values are: contracts wrap a reference to make
// it nullable or to describe it.
func shape(s *openapi3.Schema) *openapi3.Schema {
	for {
		of, _ := alternatives(s)
		if s.Items != nil || len(s.Enum) > 0 || len(of) == 0 {
			return s
		}
		s = of[0].Value
	}
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
