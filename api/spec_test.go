package api_test

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
)

// spec parses the contract once for all tests, which only read it.
var spec = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(api.Spec)
})

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := spec()
	if err != nil {
		t.Fatalf("cannot parse the bundle; fix the sources in api/ and run make generate: %v", err)
	}
	return doc
}

// operation is an operation of the contract with its place.
type operation struct {
	*openapi3.Operation

	method, path string
	item         *openapi3.PathItem
}

func operations(doc *openapi3.T) []operation {
	var all []operation
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all = append(all, operation{op, method, path, item})
		}
	}
	return all
}

func (o operation) String() string { return o.method + " " + o.path }

func (o operation) params() openapi3.Parameters {
	return slices.Concat(o.item.Parameters, o.Parameters)
}

// list returns the values of an extension.
func list(t *testing.T, extensions map[string]any, name string) []string {
	t.Helper()
	raw, _ := extensions[name].([]any)
	var words []string
	for _, v := range raw {
		words = append(words, fmt.Sprint(v))
	}
	if len(words) == 0 {
		t.Errorf("add %s with at least one value", name)
	}
	return words
}

func TestSpec_IsValidOpenAPI(t *testing.T) {
	t.Parallel()
	if err := load(t).Validate(t.Context()); err != nil {
		t.Errorf("the contract is not valid OpenAPI 3.0.3; fix it in api/: %v", err)
	}
}

// The bundler names a component after its key alone, so a key in two files would silently
// drop one of them.
func TestSources_HaveUniqueComponentNames(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"components", "examples"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in api/%s: %v", folder, err)
		}
		from := map[string]string{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^(\w+):`).FindAllSubmatch(text, -1) {
				name := string(m[1])
				if other, taken := from[name]; taken {
					t.Errorf("%s and %s both define %s; rename one", other, file, name)
				}
				from[name] = file
			}
		}
	}
}

var (
	pascalCase = regexp.MustCompile(`^([A-Z][a-z]+|AI|API|ID)+$`)
	snakeCase  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	trainCase  = regexp.MustCompile(`^[A-Z][a-z]+(-[A-Z][a-z]+)*$`)
	kebabPath  = regexp.MustCompile(`^(/([a-z]+(-[a-z]+)*|\{[a-z]+(_[a-z]+)*\}))+$`)
)

// verbs lists the words that a summary can start with. Add a verb only if none of these
// fits: readers search for the standard ones.
var verbs = []string{
	"Archive", "Assign", "Cancel", "Change", "Complete", "Connect", "Create", "Delete", "Disable", "Disconnect",
	"Enable", "Export", "Get", "Import", "Join", "List", "Reinstate", "Remove", "Restore", "Retry", "Revoke",
	"Rotate", "Sign", "Start", "Suspend", "Sync", "Update",
}

func TestOperations_AreDescribed(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for _, o := range operations(doc) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			if len(o.Tags) != 1 || doc.Tags.Get(o.Tags[0]) == nil {
				t.Errorf("tags are %v; use exactly one of the tags in openapi.yaml", o.Tags)
			}
			if !pascalCase.MatchString(o.OperationID) {
				t.Errorf("operationId is %q; use VerbNoun in PascalCase", o.OperationID)
			}
			if n := len(o.Summary); n == 0 || n > 60 || strings.HasSuffix(o.Summary, ".") {
				t.Errorf("summary is %q; use 1 to 60 characters without a full stop", o.Summary)
			}
			if verb, _, _ := strings.Cut(o.Summary, " "); !slices.Contains(verbs, verb) {
				t.Errorf("summary is %q; start it with the verb that a programmer searches for: %s", o.Summary, strings.Join(verbs, ", "))
			}
			if !kebabPath.MatchString(o.path) {
				t.Errorf("the path is %s; use kebab-case for segments and snake_case for parameters", o.path)
			}
			for _, p := range o.params() {
				style := snakeCase
				if p.Value.In == openapi3.ParameterInHeader {
					style = trainCase
				}
				if !style.MatchString(p.Value.Name) || p.Value.Description == "" {
					t.Errorf("parameter %q: use snake_case, or Train-Case for a header, and add a description", p.Value.Name)
				}
			}
		})
	}
}

func TestOperations_HaveUniqueIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]operation{}
	for _, o := range operations(load(t)) {
		if other, taken := seen[o.OperationID]; taken {
			t.Errorf("%s and %s both have the operationId %s; rename one of them", other, o, o.OperationID)
		}
		seen[o.OperationID] = o
	}
}

// The last paragraph of a description lists the roles for people, and x-roles lists them
// for programs. They must match.
func TestOperations_ListTheirRoles(t *testing.T) {
	t.Parallel()
	known := []string{"anyone", "member", "student", "instructor", "admin"}
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			roles := list(t, o.Extensions, "x-roles")
			for _, r := range roles {
				if !slices.Contains(known, r) {
					t.Errorf("x-roles has %q; use one of %v", r, known)
				}
			}
			public := o.Security != nil && len(*o.Security) == 0
			if public != slices.Equal(roles, []string{"anyone"}) {
				t.Error("x-roles is [anyone] if and only if security is []; change one of them")
			}
			intro, last, found := strings.Cut(strings.TrimSpace(o.Description), "\n\nRoles: ")
			listed := regexp.MustCompile(`\([^)]*\)|[ .]`).ReplaceAllString(last, "")
			if !found || len(intro) < 40 || listed != strings.Join(roles, ",") {
				t.Errorf("describe what it does, and end the description with the paragraph \"Roles: %s.\"; it ends with %q",
					strings.Join(roles, ", "), last)
			}
		})
	}
}

// statuses returns the status of each problem code.
func statuses(t *testing.T, doc *openapi3.T) map[string]string {
	t.Helper()
	raw, _ := doc.Components.Schemas["ProblemCode"].Value.Extensions["x-statuses"].(map[string]any)
	of := map[string]string{}
	for code, status := range raw {
		of[code] = fmt.Sprint(status)
	}
	return of
}

func TestProblemCodes_HaveAStatus(t *testing.T) {
	t.Parallel()
	doc := load(t)
	var codes []string
	for _, c := range doc.Components.Schemas["ProblemCode"].Value.Enum {
		codes = append(codes, fmt.Sprint(c))
	}
	if want := slices.Sorted(maps.Keys(statuses(t, doc))); !slices.Equal(codes, want) {
		t.Errorf("the enum of ProblemCode and its x-statuses must list the same codes in alphabetical order; run make generate:\nenum     %v\nstatuses %v", codes, want)
	}
	for _, c := range list(t, doc.Extensions, "x-problem-codes") {
		if !slices.Contains(codes, c) {
			t.Errorf("x-problem-codes of openapi.yaml has %q, which no file of api/problems defines", c)
		}
	}
}

func TestOperations_ListTheirProblems(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for _, o := range operations(doc) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			of := statuses(t, doc)
			codes := list(t, o.Extensions, "x-problem-codes")
			if !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
				t.Errorf("the codes are not sorted or not unique; run make generate: %v", codes)
			}
			justified := map[string]bool{"default": true}
			for _, c := range codes {
				switch status := of[c]; {
				case status == "":
					t.Errorf("x-problem-codes has %q, which no file of api/problems defines", c)
				case o.Responses.Value(status) == nil:
					t.Errorf("%s has the status %s, which has no response; run make generate, and fix tools/bundle/derive.go if that does not help", c, status)
				default:
					justified[status] = true
				}
			}
			if o.Responses.Default() == nil {
				t.Error("the default response is missing; run make generate")
			}
			for status, r := range o.Responses.Map() {
				if strings.HasPrefix(status, "2") {
					continue
				}
				if !strings.HasPrefix(r.Ref, "#/components/responses/Problem") {
					t.Errorf("%s is not a response of problem.yaml; run make generate", status)
				}
				if !justified[status] {
					t.Errorf("%s is the status of none of its codes; run make generate", status)
				}
			}
		})
	}
}

// byMail lists the operations whose outcome is in a mail. There is nothing to poll: it would
// tell the caller what only the owner of the mailbox may know.
var byMail = []string{"RequestPasswordReset", "RequestEmailChange"}

func TestOperations_FollowTheHTTPConventions(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			for status, r := range o.Responses.Map() {
				location := r.Value.Headers["Location"]
				if slices.Contains(byMail, o.OperationID) && status == "202" {
					continue
				}
				if (status == "201" || status == "202") && (location == nil || !location.Value.Required) {
					t.Errorf("%s: declare the header Location, required", status)
				}
				if status == "204" && len(r.Value.Content) > 0 {
					t.Error("204 has no body; remove its content or return 200")
				}
			}
			if o.RequestBody == nil {
				return
			}
			want := "application/json"
			if o.method == "PATCH" {
				want = "application/merge-patch+json"
			}
			if got := slices.Collect(maps.Keys(o.RequestBody.Value.Content)); !slices.Equal(got, []string{want}) {
				t.Errorf("the body of %s must be %s; it is %v", o.method, want, got)
			}
			// A PATCH without a body would change nothing.
			fields := o.RequestBody.Value.Content.Get(want).Schema.Value.Required
			if mandatory := o.method == "PATCH" || len(fields) > 0; mandatory != o.RequestBody.Value.Required {
				t.Errorf("the body of %s has the required properties %v, and its required is %t; change one of them", o.method, fields, !mandatory)
			}
		})
	}
}

// formats validates the formats of this contract. The library validates only some of them,
// and its pattern for UUIDs does not accept version 7.
var formats = map[string]openapi3.StringFormatValidator{
	"uuid":  openapi3.NewRegexpFormatValidator(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
	"email": openapi3.NewRegexpFormatValidator(`^[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]+$`),
	"uri": openapi3.NewCallbackValidator(func(s string) error {
		u, err := url.Parse(s)
		if err == nil && !u.IsAbs() {
			err = fmt.Errorf("%q has no scheme", s)
		}
		return err
	}),
	"uri-reference": openapi3.NewCallbackValidator(func(s string) error {
		_, err := url.Parse(s)
		return err
	}),
}

func TestBodies_HaveValidExamples(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			if o.RequestBody != nil {
				for media, m := range o.RequestBody.Value.Content {
					checkExamples(t, "the request as "+media, m, openapi3.VisitAsRequest())
				}
			}
			for status, r := range o.Responses.Map() {
				for media, m := range r.Value.Content {
					checkExamples(t, status+" as "+media, m, openapi3.VisitAsResponse())
				}
				for name, h := range r.Value.Headers {
					checkExample(t, "header "+name, h.Value.Schema.Value, h.Value.Example)
				}
			}
			for _, p := range o.params() {
				if p.Value.Example != nil {
					checkExample(t, "parameter "+p.Value.Name, p.Value.Schema.Value, p.Value.Example)
				}
			}
		})
	}
}

func checkExamples(t *testing.T, what string, m *openapi3.MediaType, side openapi3.SchemaValidationOption) {
	t.Helper()
	if m.Example == nil && len(m.Examples) == 0 {
		t.Errorf("%s: add an example under examples by a reference to a file in api/examples, and run make generate", what)
	}
	if m.Example != nil {
		checkExample(t, what, m.Schema.Value, m.Example, side)
	}
	for name, e := range m.Examples {
		if e.Value.Summary == "" {
			t.Errorf("%s: add a summary to the example %s", what, name)
		}
		checkExample(t, what+", example "+name, m.Schema.Value, e.Value.Value, side)
	}
}

func checkExample(t *testing.T, what string, schema *openapi3.Schema, value any, opts ...openapi3.SchemaValidationOption) {
	t.Helper()
	opts = append(opts, openapi3.MultiErrors(), openapi3.EnableFormatValidation(), openapi3.WithStringFormatValidators(formats))
	if err := schema.VisitJSON(value, opts...); err != nil {
		t.Errorf("%s: the example does not match its schema; fix one of them: %v", what, err)
	}
}
