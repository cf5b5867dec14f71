package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// typeScript returns a call with @gradus/client.
func typeScript(o operation) string {
	name := camel(o.id)
	imports := []string{"createGradus", name}
	var args []string
	args = append(args, "client: gradus")
	for _, part := range []struct {
		name   string
		values []value
	}{{"path", o.path}, {"query", o.query}, {"body", o.body}} {
		if len(part.values) > 0 {
			args = append(args, part.name+": "+tsObject(part.values))
		}
	}
	call := tsCall(args)
	var use string
	switch {
	case o.item != "":
		imports = append(imports, "paginate")
		item := camel(o.item)
		use = fmt.Sprintf("for await (const %s of paginate(%s, %s)) {\n  console.log(%s);\n}", item, name, call, item)
	case o.response != "":
		result := camel(o.response)
		use = fmt.Sprintf("const { data: %s } = await %s(%s);\nconsole.log(%s);", result, name, call, result)
	default:
		use = fmt.Sprintf("await %s(%s);", name, call)
	}
	slices.Sort(imports)
	options := fmt.Sprintf("{ baseUrl: '%s' }", api)
	if !o.anonymous {
		options = fmt.Sprintf("{\n  baseUrl: '%s',\n  token: process.env.GRADUS_TOKEN,\n}", api)
	}
	return fmt.Sprintf("import { %s } from '@gradus/client';\n\nconst gradus = createGradus(%s);\n\n%s\n",
		strings.Join(imports, ", "), options, use)
}

// tsCall formats the options of a call, on one line if they fit.
func tsCall(args []string) string {
	inline := "{ " + strings.Join(args, ", ") + " }"
	if len(inline) <= 60 && !strings.Contains(inline, "\n") {
		return inline
	}
	return "{\n" + indented(strings.Join(args, ",\n"), "  ") + ",\n}"
}

func tsObject(values []value) string {
	var parts []string
	for _, v := range values {
		parts = append(parts, v.name+": "+tsLiteral(v))
	}
	inline := "{ " + strings.Join(parts, ", ") + " }"
	if len(inline) <= 70 {
		return inline
	}
	return "{\n" + indented(strings.Join(parts, ",\n"), "  ") + ",\n}"
}

func tsLiteral(v value) string {
	if t, ok := parseTime(v.value); ok && v.schema.Value.Format == "date" {
		return "'" + t.Format("2006-01-02") + "'"
	}
	if s, ok := v.value.(string); ok {
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
	}
	text, err := json.Marshal(v.value)
	if err != nil {
		panic(err) // examples come from JSON
	}
	return string(text)
}
