package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// link is a link of a response, with the operation that it leads to.
type link struct {
	*openapi3.Link

	from     operation
	response *openapi3.Response
	to       operation
}

// eachLink visits every link of the contract.
func eachLink(t *testing.T, visit func(t *testing.T, l link)) {
	t.Helper()
	doc := load(t)
	targets := map[string]operation{}
	for _, o := range operations(doc) {
		targets[o.OperationID] = o
	}
	used := map[string]bool{}
	for _, o := range operations(doc) {
		for status, r := range o.Responses.Map() {
			for name, ref := range r.Value.Links {
				used[strings.TrimPrefix(ref.Ref, "#/components/links/")] = true
				t.Run(fmt.Sprintf("%s %s %s", o.OperationID, status, name), func(t *testing.T) {
					t.Parallel()
					to, ok := targets[ref.Value.OperationID]
					if !ok {
						t.Fatalf("operation %q does not exist; fix components/links.yaml", ref.Value.OperationID)
					}
					visit(t, link{ref.Value, o, r.Value, to})
				})
			}
		}
	}
	if want := slices.Sorted(maps.Keys(doc.Components.Links)); !slices.Equal(slices.Sorted(maps.Keys(used)), want) || len(want) < 20 {
		t.Errorf("responses use the links %q, and components/links.yaml has %q; remove or use the others", slices.Sorted(maps.Keys(used)), want)
	}
}

func TestLinks_MatchTheirOperations(t *testing.T) {
	t.Parallel()
	eachLink(t, func(t *testing.T, l link) {
		t.Helper()
		if l.Description == "" {
			t.Error("add a description that says what it leads to")
		}
		for name, expression := range l.Parameters {
			var p *openapi3.Parameter
			for _, ref := range l.to.params() {
				if ref.Value.Name == name {
					p = ref.Value
				}
			}
			if p == nil {
				t.Fatalf("%s has no parameter %q", l.to.OperationID, name)
			}
			l.checkExpression(t, expression, p.Schema)
		}
		if l.RequestBody != nil {
			t.Error("remove requestBody: it sets the whole body, and generators accept only a string; say in the description what to send")
		}
	})
}

// checkExpression fails the test unless the expression points to a value in the request or
// the response that is valid where it is sent.
func (l link) checkExpression(t *testing.T, expression any, to *openapi3.SchemaRef) {
	t.Helper()
	from := l.schema(fmt.Sprint(expression))
	switch {
	case from == nil:
		t.Errorf("%v points to nothing in %s", expression, l.from.OperationID)
	case to == nil:
		t.Errorf("%s does not accept %v", l.to.OperationID, expression)
	case !from.Value.Type.Is("string") || from.Value.Format != to.Value.Format || from.Value.Nullable:
		t.Errorf("%v is %v %q, nullable %t; %s wants %q", expression, from.Value.Type, from.Value.Format, from.Value.Nullable,
			l.to.OperationID, to.Value.Format)
	}
}

// schema returns the schema of a runtime expression, or nil.
func (l link) schema(expression string) *openapi3.SchemaRef {
	if name, ok := strings.CutPrefix(expression, "$request.path."); ok {
		if p := l.from.params().GetByInAndName("path", name); p != nil {
			return p.Schema
		}
		return nil
	}
	pointer, ok := strings.CutPrefix(expression, "$response.body#/")
	body := l.response.Content.Get("application/json")
	if !ok || body == nil {
		return nil
	}
	at := body.Schema
	for step := range strings.SplitSeq(pointer, "/") {
		switch {
		case at == nil:
			return nil
		case at.Value.Type.Is("array") && step == "0":
			at = at.Value.Items
		default:
			at = at.Value.Properties[step]
		}
	}
	return at
}

// Readers and stateful tests need to find what was created.
func TestResponses_LinkFromCreatedResources(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		for status, r := range o.Responses.Map() {
			if (status == "201" || status == "202") && len(r.Value.Links) == 0 {
				t.Errorf("%s %s: add links to the next operations", o.OperationID, status)
			}
		}
	}
}
