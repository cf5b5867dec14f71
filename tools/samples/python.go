package main

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// pythonSample collects the imports of a sample.
type pythonSample struct {
	standard map[string]bool // import lines of the standard library
	names    []string        // imported from gradus_client
}

// python returns a call with gradus-client.
func python(o operation) string {
	s := pythonSample{standard: map[string]bool{}, names: []string{"Gradus"}}
	var args []string
	for _, v := range o.path {
		args = append(args, s.literal(v))
	}
	if o.bodyType != "" {
		args = append(args, s.body(o))
	}
	for _, v := range o.query {
		args = append(args, pythonName(v.name)+"="+s.literal(v))
	}
	method := "gradus." + snake(o.id)
	token := ""
	if !o.anonymous {
		s.standard["import os"] = true
		token = ", token=os.environ[\"GRADUS_TOKEN\"]"
	}
	var use string
	switch {
	case o.item != "":
		s.names = append(s.names, "iterate")
		item := snake(o.item)
		use = fmt.Sprintf("for %s in %s:\n    print(%s)\n", item, pythonCall("iterate", slices.Insert(args, 0, method)), item)
	case o.response != "":
		use = fmt.Sprintf("%s = %s\nprint(%s)\n", snake(o.response), pythonCall(method, args), snake(o.response))
	default:
		use = pythonCall(method, args) + "\n"
	}
	return s.imports() + fmt.Sprintf("\ngradus = Gradus(%q%s)\n\n", api, token) + use
}

func (s *pythonSample) imports() string {
	var b strings.Builder
	var lines []string
	for line := range s.standard {
		lines = append(lines, line)
	}
	slices.SortFunc(lines, func(a, b string) int { // "import" before "from", as ruff sorts
		return strings.Compare(strings.Replace(a, "from", "zfrom", 1), strings.Replace(b, "from", "zfrom", 1))
	})
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	if len(lines) > 0 {
		b.WriteString("\n")
	}
	slices.Sort(s.names)
	fmt.Fprintf(&b, "from gradus_client import %s\n", strings.Join(slices.Compact(s.names), ", "))
	return b.String()
}

// body returns the first example of a request as a constructor call.
func (s *pythonSample) body(o operation) string {
	s.names = append(s.names, o.bodyType)
	var args []string
	for _, v := range o.body {
		args = append(args, pythonName(v.name)+"="+s.literal(v))
	}
	return pythonCall(o.bodyType, args)
}

// pythonCall formats a call on one line if it is short, otherwise with one argument per
// line.
func pythonCall(function string, args []string) string {
	inline := function + "(" + strings.Join(args, ", ") + ")"
	if len(inline) <= 70 && !strings.Contains(inline, "\n") {
		return inline
	}
	return function + "(\n" + indented(strings.Join(args, ",\n"), "    ") + ",\n)"
}

func (s *pythonSample) literal(v value) string {
	if v.value == nil {
		return "None"
	}
	schema := v.schema
	if len(schema.Value.AllOf) == 1 {
		schema = schema.Value.AllOf[0]
	}
	if len(schema.Value.Enum) > 0 && schema.Ref != "" {
		class := path.Base(schema.Ref)
		s.names = append(s.names, class)
		return class + "." + strings.ToUpper(strings.ReplaceAll(fmt.Sprint(v.value), ":", ""))
	}
	if items, ok := v.value.([]any); ok {
		return s.list(items, schema.Value.Items)
	}
	t, timed := parseTime(v.value)
	switch format := schema.Value.Format; {
	case format == "uuid":
		s.standard["from uuid import UUID"] = true
		return fmt.Sprintf("UUID(%q)", v.value)
	case format == "date" && timed:
		s.standard["import datetime"] = true
		return fmt.Sprintf("datetime.date(%d, %d, %d)", t.Year(), t.Month(), t.Day())
	case format == "date-time" && timed:
		s.standard["import datetime"] = true
		return fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d, tzinfo=datetime.UTC)", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute())
	case schema.Value.Type.Is(openapi3.TypeBoolean):
		return strings.ToUpper(fmt.Sprint(v.value)[:1]) + fmt.Sprint(v.value)[1:]
	}
	text, err := json.Marshal(v.value)
	if err != nil {
		panic(err) // examples come from JSON
	}
	return string(text)
}

// list returns a list with the literals of items.
func (s *pythonSample) list(items []any, schema *openapi3.SchemaRef) string {
	literals := make([]string, len(items))
	for i, item := range items {
		literals[i] = s.literal(value{value: item, schema: schema})
	}
	return "[" + strings.Join(literals, ", ") + "]"
}

// pythonName avoids Python keywords.
func pythonName(name string) string {
	if name == "from" {
		return name + "_"
	}
	return name
}
