package api_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// freeForm lists the objects that can have any properties.
var freeForm = []string{"AuditEntry.details"}

// walk visits a schema and everything below it, each schema once, with its place, such
// as Batch.name or UserPage.items[].
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
		eachResponseSchema(o, seen, visit)
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

func eachResponseSchema(o operation, seen map[*openapi3.Schema]bool, visit func(at string, s *openapi3.Schema)) {
	for status, r := range o.Responses.Map() {
		for _, m := range r.Value.Content {
			walk(o.OperationID+" "+status, m.Schema, seen, visit)
		}
		for name, h := range r.Value.Headers {
			walk(o.OperationID+" "+status+" "+name, h.Value.Schema, seen, visit)
		}
	}
}

// secrets lists the names of properties that contain a secret.
var secrets = []string{"authorization_url", "key", "password", "secret", "token"}

// The server does not compress responses that contain a secret.
func TestReads_MarkSecrets(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		var found []string
		eachResponseSchema(o, map[*openapi3.Schema]bool{}, func(at string, _ *openapi3.Schema) {
			if name := at[strings.LastIndex(at, ".")+1:]; slices.Contains(secrets, name) {
				found = append(found, at)
			}
		})
		marked := o.Extensions["x-holds-secret"] == true
		switch {
		case o.method == "GET" && marked != (len(found) > 0):
			t.Errorf("%s returns the secrets %v; x-holds-secret is %v", o.OperationID, found, marked)
		case o.method != "GET" && marked:
			t.Errorf("%s: x-holds-secret is for GET; other responses are never compressed", o.OperationID)
		}
	}
}

func TestSchemas_AreBounded(t *testing.T) {
	t.Parallel()
	eachSchema(t, func(at string, s *openapi3.Schema) {
		switch {
		case s.Type.Is("object"):
			if len(s.Properties) == 0 && !slices.Contains(freeForm, at) {
				t.Errorf("%s is an object without properties; list them", at)
			}
		case s.Type.Is("array"):
			if s.MaxItems == nil {
				t.Errorf("%s is an unbounded list; add maxItems", at)
			}
		case s.Type.Is("integer"), s.Type.Is("number"):
			if s.Min == nil || s.Max == nil {
				t.Errorf("%s is an unbounded number; add minimum and maximum", at)
			}
			if s.Format == "int64" || s.Format == "int32" {
				t.Errorf("%s has the format %s, which clients map to another type; remove it", at, s.Format)
			}
			if s.Type.Is("number") && s.Format != "double" {
				t.Errorf("%s is a number; give it the format double, or Go uses 32 bits", at)
			}
		case s.Type.Is("string"):
			ordered := s.Format == "date" || s.Format == "date-time"
			if ordered && (s.Extensions["x-minimum"] == nil || s.Extensions["x-maximum"] == nil) {
				t.Errorf("%s has no range; run make generate", at)
			}
			if s.MaxLength == nil && len(s.Enum) == 0 && s.Format != "uuid" && !ordered {
				t.Errorf("%s is an unbounded string; add maxLength", at)
			}
		case s.Type == nil && len(s.AllOf) == 0 && len(s.OneOf) == 0:
			t.Errorf("%s has no type; add one", at)
		}
	})
}

// In OpenAPI 3.0.3, nullable adds null to the type of the same schema, and to nothing else:
// not to a reference, and not to an enum.
func TestSchemas_AllowNullToEveryValidator(t *testing.T) {
	t.Parallel()
	nullable := 0
	eachSchema(t, func(at string, s *openapi3.Schema) {
		if !s.Nullable {
			return
		}
		nullable++
		if s.Type == nil {
			t.Errorf("%s is nullable without a type; add the type, or refer to the schema with allOf", at)
		}
		if len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 {
			t.Errorf("%s is nullable, but the schemas that it is composed of are not", at)
		}
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, nil) {
			t.Errorf("%s is nullable, but null is not in its enum; add it", at)
		}
	})
	if nullable < 20 {
		t.Errorf("only %d schemas are nullable", nullable)
	}
}

// Readers do not see extensions, so the descriptions of what they send say the range, too.
func TestRequests_DescribeTheirRanges(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		check := func(at, description string, s *openapi3.Schema) {
			if year := fmt.Sprint(s.Extensions["x-maximum"])[:4]; (s.Format == "date" || s.Format == "date-time") && !strings.Contains(description, year) {
				t.Errorf("%s: %s is a %s until %s; say so in its description", o, at, s.Format, year)
			}
			if strings.HasSuffix(at, "time_zone") && (s.MinLength != 1 || s.MaxLength == nil || *s.MaxLength != 64 || !strings.Contains(description, "IANA time zone name")) {
				t.Errorf("%s: %s is a time zone; give it minLength 1 and maxLength 64, and call it an IANA time zone name", o, at)
			}
		}
		eachRequestSchema(o, map[*openapi3.Schema]bool{}, func(at string, s *openapi3.Schema) { check(at, s.Description, s) })
		for _, p := range o.params() {
			check("the parameter "+p.Value.Name, p.Value.Description, p.Value.Schema.Value)
		}
	}
}

// apiScope matches the scopes of API tokens, which are written as in OAuth.
var apiScope = regexp.MustCompile(`^[a-z]+:(read|write)$`)

func TestSchemas_FollowTheNamingConvention(t *testing.T) {
	t.Parallel()
	for name := range load(t).Components.Schemas {
		if !pascalCase.MatchString(name) {
			t.Errorf("rename the schema %s: use PascalCase", name)
		}
	}
	eachSchema(t, func(at string, s *openapi3.Schema) {
		for name := range s.Properties {
			if !snakeCase.MatchString(name) {
				t.Errorf("rename %s.%s: use snake_case", at, name)
			}
		}
		for _, v := range s.Enum {
			if v != nil && !snakeCase.MatchString(fmt.Sprint(v)) && !apiScope.MatchString(fmt.Sprint(v)) {
				t.Errorf("%s: rename the value %v: use snake_case", at, v)
			}
		}
	})
}

// Names include the unit, so that clients need not guess what a number or a time means.
func TestSchemas_NameTimesByTheirFormat(t *testing.T) {
	t.Parallel()
	eachSchema(t, func(at string, s *openapi3.Schema) {
		for name, p := range s.Properties {
			timestamp := strings.HasSuffix(name, "_at") || slices.Contains([]string{"at", "since", "timestamp"}, name)
			if p.Value.Format == "date-time" && !timestamp {
				t.Errorf("%s.%s is a timestamp; end its name with _at", at, name)
			}
			if strings.HasSuffix(name, "_at") && p.Value.Format != "date-time" {
				t.Errorf("%s.%s is named like a timestamp; give it the format date-time", at, name)
			}
			if strings.HasSuffix(name, "_on") && p.Value.Format != "date" {
				t.Errorf("%s.%s is named like a date; give it the format date", at, name)
			}
			if strings.HasSuffix(name, "_id") && p.Value.Format != "uuid" && name != "request_id" {
				t.Errorf("%s.%s is named like an ID; give it the format uuid", at, name)
			}
		}
	})
}

func TestRequests_RejectUnknownProperties(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			eachRequestSchema(o, map[*openapi3.Schema]bool{}, func(at string, s *openapi3.Schema) {
				if more := s.AdditionalProperties.Has; s.Type.Is("object") && (more == nil || *more) {
					t.Errorf("%s: add additionalProperties: false, so that typos are not ignored", at)
				}
				if len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 {
					t.Errorf("%s is composed of other schemas, which defeats additionalProperties: false; list its properties instead", at)
				}
			})
		})
	}
}

// An empty value is null, not absent, so that clients need not check whether a property
// exists.
func TestResponses_HaveEveryProperty(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			eachResponseSchema(o, map[*openapi3.Schema]bool{}, func(at string, s *openapi3.Schema) {
				for name, p := range s.Properties {
					if !slices.Contains(s.Required, name) {
						t.Errorf("%s.%s: add it to required; make it nullable if it can be empty", at, name)
					}
					if p.Value.WriteOnly {
						t.Errorf("%s.%s is writeOnly and part of a response", at, name)
					}
				}
				for _, name := range s.Required {
					if s.Properties[name] == nil {
						t.Errorf("%s requires %s, which is not one of its properties", at, name)
					}
				}
			})
		})
	}
}

// All lists have the same shape, so that clients can page through any of them.
func TestPages_HaveItemsAndNext(t *testing.T) {
	t.Parallel()
	eachSchema(t, func(at string, s *openapi3.Schema) {
		items, next := s.Properties["items"], s.Properties["next"]
		if (items == nil) != (next == nil) {
			t.Errorf("%s has only one of items and next; a list has both", at)
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
				t.Error("accept both After and Limit by a reference to page.yaml")
			}
			for status, r := range o.Responses.Map() {
				if m := r.Value.Content.Get("application/json"); m != nil && m.Schema.Value.Properties["next"] == nil {
					t.Errorf("%s: a list that accepts after returns items and next", status)
				}
			}
		})
	}
}
