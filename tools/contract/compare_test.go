package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

const bundle = "../../api/openapi.gen.yaml"

// spec returns a copy of the contract that a test may change.
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

// daysFromNow is a date as the extensions write it.
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

func relist(extension string, words ...any) func(*openapi3.T) {
	return func(doc *openapi3.T) { me(doc).Extensions[extension] = words }
}

func TestCompare_findsWhatBreaksClients(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before, now func(*openapi3.T)
		where, text string // parts of what it says
	}{
		"a property that is removed from an answer": {nil, func(d *openapi3.T) { drop(d, "Me", "email") }, "GET /me", "`email`"},
		"a property that is renamed in an answer": {nil, func(d *openapi3.T) {
			schema(d, "Me").Properties["mail"] = schema(d, "Me").Properties["email"]
			schema(d, "Me").Required = append(schema(d, "Me").Required, "mail")
			drop(d, "Me", "email")
		}, "GET /me", "`email`"},
		"a property that is removed below a reference that may be null": {nil, func(d *openapi3.T) { drop(d, "BatchSummary", "name") }, "GET /me", "name`"},
		"a property of an answer that may be null from now on":          {nil, func(d *openapi3.T) { schema(d, "Me").Properties["email"].Value.Nullable = true }, "GET /me", "nullable"},
		"a property that requests may not have any more":                {nil, func(d *openapi3.T) { drop(d, "ProfilePatch", "name") }, "PATCH /me", "`name`"},
		"a property that requests have to have from now on":             {nil, func(d *openapi3.T) { schema(d, "ProfilePatch").Required = []string{"name"} }, "PATCH /me", "`name`"},
		"a query parameter that is removed": {nil, func(d *openapi3.T) {
			op := d.Paths.Value("/batches").Get
			op.Parameters = slices.DeleteFunc(op.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.Name == "status" })
		}, "GET /batches", "`status`"},
		"a value that a parameter does not take any more": {nil, func(d *openapi3.T) {
			schema(d, "BatchStatus").Enum = []any{"active"}
		}, "GET /batches", "`ended`"},
		"an operation that is removed":                        {nil, removeMe, "GET /me", "without deprecation"},
		"an operation that is removed before its sunset":      {deprecate(daysFromNow(20)), removeMe, "GET /me", "before the sunset"},
		"a deprecation without a sunset":                      {nil, deprecate(nil), "GET /me", "sunset"},
		"a deprecation with a sunset that comes too soon":     {nil, deprecate(daysFromNow(window - 5)), "GET /me", "sunset"},
		"a sunset that is brought forward":                    {deprecate(daysFromNow(300)), deprecate(daysFromNow(100)), "GET /me", "sunset"},
		"a parameter that is deprecated without a sunset":     {nil, func(d *openapi3.T) { d.Paths.Value("/batches").Get.Parameters[0].Value.Deprecated = true }, "GET /batches", "sunset"},
		"a property that is deprecated without a sunset":      {nil, func(d *openapi3.T) { schema(d, "ProfilePatch").Properties["name"].Value.Deprecated = true }, "PATCH /me", "sunset"},
		"a status of success that is removed":                 {nil, func(d *openapi3.T) { me(d).Responses.Delete("200") }, "GET /me", "`200`"},
		"an operationId that is renamed":                      {nil, func(d *openapi3.T) { me(d).OperationID = "ReadMe" }, "GET /me", "`GetMe`"},
		"a role that loses access":                            {nil, relist("x-roles", "student", "instructor", "admin"), "GET /me", "`member`"},
		"a problem code that an operation has no more":        {nil, relist("x-problem-codes", "invalid_request"), "GET /me", "`session_expired`"},
		"a problem code that the document's root has no more": {nil, func(d *openapi3.T) { d.Extensions["x-problem-codes"] = []any{"internal"} }, "the whole API", "`not_found`"},
		"a problem code that comes with another status":       {nil, func(d *openapi3.T) { statusOf(d)["batch_full"] = 422 }, "the whole API", "`batch_full`"},
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
				t.Errorf("no break of %s about %s; what was found:\n%s", tt.where, tt.text, list.lines())
			}
		})
	}
}

func TestCompare_letsTheContractGrow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before, now func(*openapi3.T)
		text        string // a part of what the changelog says; empty when it has nothing to say
	}{
		"nothing": {nil, nil, ""},
		"a new property in an answer": {nil, func(d *openapi3.T) {
			schema(d, "Me").Properties["pronouns"] = openapi3.NewStringSchema().NewRef()
			schema(d, "Me").Required = append(schema(d, "Me").Required, "pronouns")
		}, "`pronouns`"},
		"a new property that requests may have": {nil, func(d *openapi3.T) {
			schema(d, "ProfilePatch").Properties["pronouns"] = openapi3.NewStringSchema().NewRef()
		}, "`pronouns`"},
		"a new parameter that requests may have": {nil, func(d *openapi3.T) {
			me(d).AddParameter(openapi3.NewQueryParameter("lang").WithSchema(openapi3.NewStringSchema()))
		}, "`lang`"},
		"a new operation":                               {removeMe, nil, "GET /me"},
		"a new value in an answer":                      {nil, func(d *openapi3.T) { schema(d, "BatchStatus").Enum = append(schema(d, "BatchStatus").Enum, "paused") }, "`paused`"},
		"a new problem code":                            {nil, func(d *openapi3.T) { schema(d, "ProblemCode").Enum = append(schema(d, "ProblemCode").Enum, "tired") }, "`tired`"},
		"a new problem code of an operation":            {relist("x-problem-codes", "invalid_request"), nil, "`session_expired`"},
		"a role that gains access":                      {relist("x-roles", "admin"), nil, "`student`"},
		"access for anyone":                             {nil, relist("x-roles", "anyone"), "`anyone`"},
		"a deprecation with a sunset that is far away":  {nil, deprecate(daysFromNow(window + 5)), "deprecated"},
		"an operation that is removed after its sunset": {deprecate(daysFromNow(-1)), removeMe, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := compare(spec(t, tt.before), spec(t, tt.now))
			if err != nil {
				t.Fatal(err)
			}
			if len(list.of(breaking)) > 0 {
				t.Errorf("these are no breaks:\n%s", list.of(breaking).lines())
			}
			if said := list.markdown(); !strings.Contains(said, tt.text) || (tt.text == "") != (said == "") {
				t.Errorf("the changelog says %q; want %q in it", said, tt.text)
			}
		})
	}
}

// A new code is in the answers of all operations, in each status.
func TestMarkdown_joinsEqualChanges(t *testing.T) {
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
		t.Errorf("want the break first and one line for the code:\n%s", strings.Join(lines, "\n"))
	}
}

func TestOverdue_namesOperationsAfterTheirSunset(t *testing.T) {
	t.Parallel()
	if list := overdue(spec(t, deprecate(daysFromNow(-2)))); len(list) != 1 || !strings.Contains(list[0], "GET /me") {
		t.Errorf("overdue says %q", list)
	}
	if list := overdue(spec(t, deprecate(daysFromNow(0)))); len(list) != 0 {
		t.Errorf("overdue says %q on the day itself", list)
	}
}
