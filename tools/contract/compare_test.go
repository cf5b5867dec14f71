package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

const bundle = "../../api/openapi.gen.yaml"

// spec returns a copy of the contract with a change.
func spec(t *testing.T, change func(*openapi3.T)) *openapi3.T {
	t.Helper()
	doc, err := readSpec(bundle)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(doc)
	}
	return doc
}

func schema(doc *openapi3.T, name string) *openapi3.Schema { return doc.Components.Schemas[name].Value }

func drop(doc *openapi3.T, name, property string) {
	s := schema(doc, name)
	delete(s.Properties, property)
	s.Required = without(s.Required, []string{property})
}

func me(doc *openapi3.T) *openapi3.Operation { return doc.Paths.Value("/me").Get }

// daysFromNow returns a date in the format of the extensions.
func daysFromNow(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }

func deprecate(sunset any) func(*openapi3.T) {
	return func(doc *openapi3.T) {
		me(doc).Deprecated = true
		if sunset != nil {
			me(doc).Extensions["x-sunset"] = sunset
		}
	}
}

func removeMe(doc *openapi3.T) { doc.Paths.Value("/me").Get = nil }

func setList(extension string, values ...any) func(*openapi3.T) {
	return func(doc *openapi3.T) { me(doc).Extensions[extension] = values }
}

func TestCompare_FindsBreakingChanges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before, now func(*openapi3.T)
		where, text string // parts of the report
	}{
		"a property is removed from a response": {nil, func(d *openapi3.T) { drop(d, "Me", "email") }, "GET /me", "`email`"},
		"a property is renamed in a response": {nil, func(d *openapi3.T) {
			schema(d, "Me").Properties["mail"] = schema(d, "Me").Properties["email"]
			schema(d, "Me").Required = append(schema(d, "Me").Required, "mail")
			drop(d, "Me", "email")
		}, "GET /me", "`email`"},
		"a property is removed below a nullable reference": {nil, func(d *openapi3.T) { drop(d, "BatchSummary", "name") }, "GET /me", "name`"},
		"a property of a response becomes nullable":        {nil, func(d *openapi3.T) { schema(d, "Me").Properties["email"].Value.Nullable = true }, "GET /me", "nullable"},
		"a property is removed from a request":             {nil, func(d *openapi3.T) { drop(d, "ProfilePatch", "name") }, "PATCH /me", "`name`"},
		"a property becomes required in a request":         {nil, func(d *openapi3.T) { schema(d, "ProfilePatch").Required = []string{"name"} }, "PATCH /me", "`name`"},
		"a query parameter is removed": {nil, func(d *openapi3.T) {
			op := d.Paths.Value("/batches").Get
			op.Parameters = slices.DeleteFunc(op.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.Name == "status" })
		}, "GET /batches", "`status`"},
		"a value of a parameter is removed": {nil, func(d *openapi3.T) {
			schema(d, "BatchStatus").Enum = []any{"active"}
		}, "GET /batches", "`ended`"},
		"an operation is removed":                            {nil, removeMe, "GET /me", "without deprecation"},
		"an operation is removed before its sunset":          {deprecate(daysFromNow(20)), removeMe, "GET /me", "before the sunset"},
		"a deprecation without a sunset":                     {nil, deprecate(nil), "GET /me", "sunset"},
		"a deprecation with an early sunset":                 {nil, deprecate(daysFromNow(minDeprecation - 5)), "GET /me", "sunset"},
		"a sunset is moved to an earlier date":               {deprecate(daysFromNow(300)), deprecate(daysFromNow(100)), "GET /me", "sunset"},
		"a parameter is deprecated without a sunset":         {nil, func(d *openapi3.T) { d.Paths.Value("/batches").Get.Parameters[0].Value.Deprecated = true }, "GET /batches", "sunset"},
		"a property is deprecated without a sunset":          {nil, func(d *openapi3.T) { schema(d, "ProfilePatch").Properties["name"].Value.Deprecated = true }, "PATCH /me", "sunset"},
		"a success status is removed":                        {nil, func(d *openapi3.T) { me(d).Responses.Delete("200") }, "GET /me", "`200`"},
		"an operationId is renamed":                          {nil, func(d *openapi3.T) { me(d).OperationID = "ReadMe" }, "GET /me", "`GetMe`"},
		"a role loses access":                                {nil, setList("x-roles", "student", "instructor", "admin"), "GET /me", "`member`"},
		"a problem code is removed from an operation":        {nil, setList("x-problem-codes", "invalid_request"), "GET /me", "`session_expired`"},
		"a problem code is removed from the document's root": {nil, func(d *openapi3.T) { d.Extensions["x-problem-codes"] = []any{"internal"} }, "the whole API", "`not_found`"},
		"the status of a problem code changes":               {nil, func(d *openapi3.T) { statusOf(d)["batch_full"] = 422 }, "the whole API", "`batch_full`"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := compare(spec(t, tt.before), spec(t, tt.now))
			if err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(list.of(breaking).entries(), func(c change) bool {
				return strings.Contains(c.where, tt.where) && strings.Contains(c.text, tt.text)
			})
			if !found {
				t.Errorf("no breaking change of %s about %s; found:\n%s", tt.where, tt.text, list.lines())
			}
		})
	}
}

func TestCompare_AllowsCompatibleChanges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before, now func(*openapi3.T)
		text        string // a part of the changelog; empty if it must be empty
	}{
		"no change": {nil, nil, ""},
		"a property is added to a response": {nil, func(d *openapi3.T) {
			schema(d, "Me").Properties["pronouns"] = openapi3.NewStringSchema().NewRef()
			schema(d, "Me").Required = append(schema(d, "Me").Required, "pronouns")
		}, "`pronouns`"},
		"an optional property is added to a request": {nil, func(d *openapi3.T) {
			schema(d, "ProfilePatch").Properties["pronouns"] = openapi3.NewStringSchema().NewRef()
		}, "`pronouns`"},
		"an optional parameter is added": {nil, func(d *openapi3.T) {
			me(d).AddParameter(openapi3.NewQueryParameter("lang").WithSchema(openapi3.NewStringSchema()))
		}, "`lang`"},
		"an operation is added":                    {removeMe, nil, "GET /me"},
		"a value is added to a response":           {nil, func(d *openapi3.T) { schema(d, "BatchStatus").Enum = append(schema(d, "BatchStatus").Enum, "paused") }, "`paused`"},
		"a problem code is added":                  {nil, func(d *openapi3.T) { schema(d, "ProblemCode").Enum = append(schema(d, "ProblemCode").Enum, "tired") }, "`tired`"},
		"a problem code is added to an operation":  {setList("x-problem-codes", "invalid_request"), nil, "`session_expired`"},
		"a role gains access":                      {setList("x-roles", "admin"), nil, "`student`"},
		"everybody gains access":                   {nil, setList("x-roles", "anyone"), "`anyone`"},
		"a deprecation with a late sunset":         {nil, deprecate(daysFromNow(minDeprecation + 5)), "deprecated"},
		"an operation is removed after its sunset": {deprecate(daysFromNow(-1)), removeMe, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := compare(spec(t, tt.before), spec(t, tt.now))
			if err != nil {
				t.Fatal(err)
			}
			if len(list.of(breaking)) > 0 {
				t.Errorf("these changes are compatible:\n%s", list.of(breaking).lines())
			}
			if text := list.markdown(); !strings.Contains(text, tt.text) || (tt.text == "") != (text == "") {
				t.Errorf("the changelog is %q, want %q in it", text, tt.text)
			}
		})
	}
}

// A new code appears in the responses of all operations, in each status.
func TestMarkdown_MergesEqualChanges(t *testing.T) {
	t.Parallel()
	list, err := compare(spec(t, nil), spec(t, func(d *openapi3.T) {
		schema(d, "ProblemCode").Enum = append(schema(d, "ProblemCode").Enum, "tired")
		me(d).OperationID = "ReadMe"
	}))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(list.markdown()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "- **Breaking:** `GET /me`: ") || !strings.Contains(lines[1], " operations: ") {
		t.Errorf("want the breaking change first and one line for the code:\n%s", strings.Join(lines, "\n"))
	}
}

func TestOverdue_ListsOperationsAfterTheirSunset(t *testing.T) {
	t.Parallel()
	if list := overdue(spec(t, deprecate(daysFromNow(-2)))); len(list) != 1 || !strings.Contains(list[0], "GET /me") {
		t.Errorf("overdue returned %q", list)
	}
	if list := overdue(spec(t, deprecate(daysFromNow(0)))); len(list) != 0 {
		t.Errorf("overdue returned %q on the day of the sunset", list)
	}
}
