package main

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// operation contains the parts of an operation that a sample needs.
type operation struct {
	id        string
	anonymous bool    // can be called without authentication
	path      []value // in the order of the path
	query     []value // only those that the sample shows
	body      []value // the properties of the first example
	bodyType  string  // the schema of the request body, if any
	response  string  // the schema of the response body, if any
	item      string  // the schema of the items of a paginated list
}

// value is a parameter or property with its example.
type value struct {
	name   string
	value  any
	schema *openapi3.SchemaRef
}

// maxFilters is the maximum number of query parameters in a sample.
const maxFilters = 2

func readContract(file string) ([]operation, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, err
	}
	var all []operation
	for route, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o, err := readOperation(op, slices.Concat(item.Parameters, op.Parameters))
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, route, err)
			}
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return cmp.Compare(a.id, b.id) })
	return all, nil
}

func readOperation(op *openapi3.Operation, params openapi3.Parameters) (operation, error) {
	o := operation{id: op.OperationID, anonymous: op.Security != nil && len(*op.Security) == 0}
	paged := false
	for _, p := range params {
		v := value{p.Value.Name, p.Value.Example, p.Value.Schema}
		switch {
		case p.Value.In == openapi3.ParameterInPath && v.value == nil:
			return o, fmt.Errorf("the parameter %s has no example", v.name)
		case p.Value.In == openapi3.ParameterInPath:
			o.path = append(o.path, v)
		case v.name == "after":
			paged = true
		case p.Value.In == openapi3.ParameterInQuery && v.name != "limit" && v.value != nil && len(o.query) < maxFilters:
			o.query = append(o.query, v)
		}
	}
	if op.RequestBody != nil {
		for _, media := range op.RequestBody.Value.Content {
			example := first(media)
			if example == nil {
				return o, fmt.Errorf("the request has no example")
			}
			o.bodyType = path.Base(media.Schema.Ref)
			o.body = properties(media.Schema.Value, example.Value.Value)
		}
	}
	for _, status := range []string{"200", "201", "202"} {
		r := op.Responses.Value(status)
		if r == nil || r.Value.Content["application/json"] == nil {
			continue
		}
		schema := r.Value.Content["application/json"].Schema
		o.response = path.Base(schema.Ref)
		if paged {
			o.item = path.Base(schema.Value.Properties["items"].Value.Items.Ref)
		}
	}
	return o, nil
}

// properties returns the properties of an example, required ones first.
func properties(schema *openapi3.Schema, example any) []value {
	given, _ := example.(map[string]any)
	var all []value
	add := func(name string) {
		if v, ok := given[name]; ok {
			all = append(all, value{name, v, schema.Properties[name]})
		}
	}
	for _, name := range schema.Required {
		add(name)
	}
	var rest []string
	for name := range given {
		if !slices.Contains(schema.Required, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range rest {
		add(name)
	}
	return all
}

// first returns the first example of a request, in the order of the source.
func first(media *openapi3.MediaType) *openapi3.ExampleRef {
	names := slices.Sorted(maps.Keys(media.Examples))
	if order, ok := media.Extensions["x-examples-order"].([]any); ok {
		return media.Examples[fmt.Sprint(order[0])]
	}
	if len(names) == 0 {
		return nil
	}
	return media.Examples[names[0]]
}
