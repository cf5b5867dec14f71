package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// freeForm are the objects that may hold anything.
var freeForm = []string{"AuditEntry.details"}

// walk visits a schema and everything below it, each schema once, with where it
// stands: Batch.name, UserPage.items[].
func walk(at string, ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool, visit func(at string, s *openapi3.Schema)) {
	if ref == nil || seen[ref.Value] {
		return
	}
	seen[ref.Value] = true
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		at = name
	}
	visit(at, ref.Value)
	for name, p := range ref.Value.Properties {
		walk(at+"."+name, p, seen, visit)
	}
	walk(at+"[]", ref.Value.Items, seen, visit)
	walk(at+"{}", ref.Value.AdditionalProperties.Schema, seen, visit)
	for _, refs := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.AnyOf, ref.Value.OneOf} {
		for _, r := range refs {
			walk(at, r, seen, visit)
		}
	}
}

// eachSchema visits every schema of the contract.
func eachSchema(t *testing.T, visit func(at string, s *openapi3.Schema)) {
	t.Helper()
	doc := load(t)
	seen := map[*openapi3.Schema]bool{}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		walk(name, &openapi3.SchemaRef{Value: doc.Components.Schemas[name].Value}, seen, visit)
	}
	for _, o := range operations(doc) {
		eachRequestSchema(o, seen, visit)
		eachAnswerSchema(o, seen, visit)
		for _, p := range o.params() {
			walk(o.OperationID+"?"+p.Value.Name, p.Value.Schema, seen, visit)
		}
	}
}

func eachRequestSchema(o operation, seen map[*openapi3.Schema]bool, visit func(at string, s *openapi3.Schema)) {
	if o.RequestBody == nil {
		return
	}
	for _, m := range o.RequestBody.Value.Content {
		walk(o.OperationID+" request", m.Schema, seen, visit)
	}
}

func eachAnswerSchema(o operation, seen map[*openapi3.Schema]bool, visit func(at string, s *openapi3.Schema)) {
	for status, r := range o.Responses.Map() {
		for _, m := range r.Value.Content {
			walk(o.OperationID+" "+status, m.Schema, seen, visit)
		}
		for name, h := range r.Value.Headers {
			walk(o.OperationID+" "+status+" "+name, h.Value.Schema, seen, visit)
		}
	}
}

// secrets are the names of properties that hold one.
var secrets = []string{"authorization_url", "key", "password", "secret", "token"}

// What reads a secret says so: the server does not compress the answer then.
func TestReads_sayThatTheyHoldASecret(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		holds := []string(nil)
		eachAnswerSchema(o, map[*openapi3.Schema]bool{}, func(at string, _ *openapi3.Schema) {
			if name := at[strings.LastIndex(at, ".")+1:]; slices.Contains(secrets, name) {
				holds = append(holds, at)
			}
		})
		marked := o.Extensions["x-holds-secret"] == true
		switch {
		case o.method == "GET" && marked != (len(holds) > 0):
			t.Errorf("%s holds the secrets %v; x-holds-secret is %v", o.OperationID, holds, marked)
		case o.method != "GET" && marked:
			t.Errorf("%s: x-holds-secret is for GET; other answers are never compressed", o.OperationID)
		}
	}
}

func TestSchemas_sayWhatIsInThem(t *testing.T) {
	t.Parallel()
	eachSchema(t, func(at string, s *openapi3.Schema) {
		switch {
		case s.Nullable && len(s.AllOf) > 0:
			// The generator of the Python client forgets the null of a reference with a type beside it.
			if s.Type != nil {
				t.Errorf("%s is a reference that may be null; drop its type", at)
			}
		case s.Type.Is("object"):
			if len(s.Properties) == 0 && !slices.Contains(freeForm, at) {
				t.Errorf("%s is an object without properties; list them", at)
			}
		case s.Type.Is("array"):
			if s.MaxItems == nil {
				t.Errorf("%s is a list without an end; add maxItems", at)
			}
		case s.Type.Is("integer"), s.Type.Is("number"):
			if s.Min == nil || s.Max == nil {
				t.Errorf("%s is a number without limits; add minimum and maximum", at)
			}
			if s.Format == "int64" || s.Format == "int32" {
				t.Errorf("%s has the format %s, which clients read as another type; drop it", at, s.Format)
			}
			if s.Type.Is("number") && s.Format != "double" {
				t.Errorf("%s is a number; give it the format double, or Go reads 32 bits", at)
			}
		case s.Type.Is("string"):
			ends := []string{"uuid", "date", "date-time"}
			if s.MaxLength == nil && len(s.Enum) == 0 && !slices.Contains(ends, s.Format) {
				t.Errorf("%s is text without an end; add maxLength", at)
			}
		case s.Type == nil && len(s.AllOf) == 0:
			t.Errorf("%s has no type; add one", at)
		}
	})
}

func TestSchemas_areNamedInSnakeCase(t *testing.T) {
	t.Parallel()
	for name := range load(t).Components.Schemas {
		if !pascalCase.MatchString(name) {
			t.Errorf("the schema %s should be in PascalCase", name)
		}
	}
	eachSchema(t, func(at string, s *openapi3.Schema) {
		for name := range s.Properties {
			if !snakeCase.MatchString(name) {
				t.Errorf("%s.%s should be in snake_case", at, name)
			}
		}
		for _, v := range s.Enum {
			if !snakeCase.MatchString(fmt.Sprint(v)) {
				t.Errorf("%s: the value %v should be in snake_case", at, v)
			}
		}
	})
}

// Units belong into names: clients must not guess what a number or a time means.
func TestSchemas_nameTimesByTheirKind(t *testing.T) {
	t.Parallel()
	eachSchema(t, func(at string, s *openapi3.Schema) {
		for name, p := range s.Properties {
			instant := strings.HasSuffix(name, "_at") || slices.Contains([]string{"at", "since", "timestamp"}, name)
			if p.Value.Format == "date-time" && !instant {
				t.Errorf("%s.%s is an instant; end its name in _at", at, name)
			}
			if strings.HasSuffix(name, "_at") && p.Value.Format != "date-time" {
				t.Errorf("%s.%s is named like an instant; give it the format date-time", at, name)
			}
			if strings.HasSuffix(name, "_on") && p.Value.Format != "date" {
				t.Errorf("%s.%s is named like a day; give it the format date", at, name)
			}
			if strings.HasSuffix(name, "_id") && p.Value.Format != "uuid" && name != "request_id" {
				t.Errorf("%s.%s is named like an id; give it the format uuid", at, name)
			}
		}
	})
}

func TestRequests_refuseWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			eachRequestSchema(o, map[*openapi3.Schema]bool{}, func(at string, s *openapi3.Schema) {
				if more := s.AdditionalProperties.Has; s.Type.Is("object") && (more == nil || *more) {
					t.Errorf("%s: add additionalProperties: false, so that typing errors are not lost in silence", at)
				}
				if len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 {
					t.Errorf("%s is composed of other schemas, which defeats additionalProperties: false; write its properties out", at)
				}
			})
		})
	}
}

// Absent is not null: what is known to be empty is answered as null, so a client
// never has to ask whether a property is there.
func TestAnswers_haveEveryProperty(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			eachAnswerSchema(o, map[*openapi3.Schema]bool{}, func(at string, s *openapi3.Schema) {
				for name, p := range s.Properties {
					if !slices.Contains(s.Required, name) {
						t.Errorf("%s.%s: list it under required; make it nullable if it can be empty", at, name)
					}
					if p.Value.WriteOnly {
						t.Errorf("%s.%s is writeOnly and stands in an answer", at, name)
					}
				}
				for _, name := range s.Required {
					if s.Properties[name] == nil {
						t.Errorf("%s requires %s, which is not among its properties", at, name)
					}
				}
			})
		})
	}
}

// Lists are all of one shape, so that one loop reads any of them.
func TestPages_haveItemsAndNext(t *testing.T) {
	t.Parallel()
	eachSchema(t, func(at string, s *openapi3.Schema) {
		items, next := s.Properties["items"], s.Properties["next"]
		if (items == nil) != (next == nil) {
			t.Errorf("%s is half a page; a list has items and next", at)
		}
	})
	doc := load(t)
	for _, o := range operations(doc) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			after, limit := o.params().GetByInAndName("query", "after"), o.params().GetByInAndName("query", "limit")
			if after == nil && limit == nil {
				return
			}
			if after != doc.Components.Parameters["After"].Value || limit != doc.Components.Parameters["Limit"].Value {
				t.Error("take After and Limit both, by reference to page.yaml")
			}
			for status, r := range o.Responses.Map() {
				if m := r.Value.Content.Get("application/json"); m != nil && m.Schema.Value.Properties["next"] == nil {
					t.Errorf("%s: a list that takes after answers with items and next", status)
				}
			}
		})
	}
}
