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

// spec reads the contract once; tests only read it.
var spec = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(api.Spec)
})

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := spec()
	if err != nil {
		t.Fatalf("the bundle cannot be read; mend the sources under api/ and run make generate: %v", err)
	}
	return doc
}

// operation is one operation of the contract with where it stands.
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

// list reads an extension that holds a list of words.
func list(t *testing.T, extensions map[string]any, name string) []string {
	t.Helper()
	raw, _ := extensions[name].([]any)
	var words []string
	for _, v := range raw {
		words = append(words, fmt.Sprint(v))
	}
	if len(words) == 0 {
		t.Errorf("add %s with at least one word", name)
	}
	return words
}

func TestSpec_isValidOpenAPI(t *testing.T) {
	t.Parallel()
	if err := load(t).Validate(t.Context()); err != nil {
		t.Errorf("mend what the contract breaks of OpenAPI 3.0.3 under api/: %v", err)
	}
}

// The bundler names a component after its key alone, so two files with one key
// would lose one of the two in silence.
func TestSources_nameEveryComponentOnce(t *testing.T) {
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
	pascalCase = regexp.MustCompile(`^([A-Z][a-z]+|API|ID)+$`)
	snakeCase  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	trainCase  = regexp.MustCompile(`^[A-Z][a-z]+(-[A-Z][a-z]+)*$`)
	kebabPath  = regexp.MustCompile(`^(/([a-z]+(-[a-z]+)*|\{[a-z]+(_[a-z]+)*\}))+$`)
)

func TestOperations_areDescribed(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for _, o := range operations(doc) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			if len(o.Tags) != 1 || doc.Tags.Get(o.Tags[0]) == nil {
				t.Errorf("tags are %v; give exactly one, of the list in openapi.yaml", o.Tags)
			}
			if !pascalCase.MatchString(o.OperationID) {
				t.Errorf("operationId is %q; make it VerbNoun in PascalCase", o.OperationID)
			}
			if n := len(o.Summary); n == 0 || n > 60 || strings.HasSuffix(o.Summary, ".") {
				t.Errorf("summary is %q; give a title of 1 to 60 characters without a full stop", o.Summary)
			}
			if !kebabPath.MatchString(o.path) {
				t.Errorf("the path is %s; use kebab-case, and snake_case for parameters", o.path)
			}
			for _, p := range o.params() {
				style := snakeCase
				if p.Value.In == openapi3.ParameterInHeader {
					style = trainCase
				}
				if !style.MatchString(p.Value.Name) || p.Value.Description == "" {
					t.Errorf("parameter %q: name it in snake_case, or Train-Case in a header, and describe it", p.Value.Name)
				}
			}
		})
	}
}

func TestOperations_haveAnIDOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]operation{}
	for _, o := range operations(load(t)) {
		if other, taken := seen[o.OperationID]; taken {
			t.Errorf("%s and %s are both called %s; rename the younger one", other, o, o.OperationID)
		}
		seen[o.OperationID] = o
	}
}

// The last paragraph of a description names the roles, for people; x-roles names
// them for programs. They must say the same.
func TestOperations_sayWhoMayCallThem(t *testing.T) {
	t.Parallel()
	known := []string{"anyone", "member", "student", "instructor", "admin"}
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			roles := list(t, o.Extensions, "x-roles")
			for _, r := range roles {
				if !slices.Contains(known, r) {
					t.Errorf("x-roles has %q; use %v", r, known)
				}
			}
			public := o.Security != nil && len(*o.Security) == 0
			if public != slices.Equal(roles, []string{"anyone"}) {
				t.Error("x-roles is [anyone] exactly when security is []; mend one of the two")
			}
			intro, last, found := strings.Cut(strings.TrimSpace(o.Description), "\n\nRoles: ")
			said := regexp.MustCompile(`\([^)]*\)|[ .]`).ReplaceAllString(last, "")
			if !found || len(intro) < 40 || said != strings.Join(roles, ",") {
				t.Errorf("say what it does, and end the description with a paragraph \"Roles: %s.\"; it ends with %q",
					strings.Join(roles, ", "), last)
			}
		})
	}
}

// statuses reads which status each problem code comes with.
func statuses(t *testing.T, doc *openapi3.T) map[string]string {
	t.Helper()
	raw, _ := doc.Components.Schemas["ProblemCode"].Value.Extensions["x-statuses"].(map[string]any)
	of := map[string]string{}
	for code, status := range raw {
		of[code] = fmt.Sprint(status)
	}
	return of
}

func TestProblemCodes_haveAStatusEach(t *testing.T) {
	t.Parallel()
	doc := load(t)
	var codes []string
	for _, c := range doc.Components.Schemas["ProblemCode"].Value.Enum {
		codes = append(codes, fmt.Sprint(c))
	}
	if want := slices.Sorted(maps.Keys(statuses(t, doc))); !slices.Equal(codes, want) {
		t.Errorf("the enum of ProblemCode and its x-statuses must list the same codes, sorted:\nenum     %v\nstatuses %v", codes, want)
	}
	for _, c := range list(t, doc.Extensions, "x-problem-codes") {
		if !slices.Contains(codes, c) {
			t.Errorf("x-problem-codes of openapi.yaml has %q, which is not in ProblemCode", c)
		}
	}
}

func TestOperations_listTheirProblems(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for _, o := range operations(doc) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			of := statuses(t, doc)
			codes := list(t, o.Extensions, "x-problem-codes")
			if !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
				t.Errorf("sort x-problem-codes and list each code once: %v", codes)
			}
			justified := map[string]bool{"default": true}
			for _, c := range codes {
				switch status := of[c]; {
				case status == "":
					t.Errorf("x-problem-codes has %q, which is not in ProblemCode", c)
				case o.Responses.Value(status) == nil:
					t.Errorf("%s comes with %s; add that response by reference to problem.yaml", c, status)
				default:
					justified[status] = true
				}
			}
			if o.Responses.Default() == nil {
				t.Error("add a default response: ../components/problem.yaml#/ProblemDefault")
			}
			for status, r := range o.Responses.Map() {
				if strings.HasPrefix(status, "2") {
					continue
				}
				if !strings.HasPrefix(r.Ref, "#/components/responses/Problem") {
					t.Errorf("%s: refer to a response of problem.yaml", status)
				}
				if !justified[status] {
					t.Errorf("%s: no code of x-problem-codes comes with it; list the code or drop the response", status)
				}
			}
		})
	}
}

func TestOperations_answerByTheConventions(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			for status, r := range o.Responses.Map() {
				location := r.Value.Headers["Location"]
				if (status == "201" || status == "202") && (location == nil || !location.Value.Required) {
					t.Errorf("%s: declare the header Location, required", status)
				}
				if status == "204" && len(r.Value.Content) > 0 {
					t.Error("204 has no body; drop its content or answer 200")
				}
			}
			if o.RequestBody == nil {
				return
			}
			want := "application/json"
			if o.method == "PATCH" {
				want = "application/merge-patch+json"
			}
			if got := slices.Collect(maps.Keys(o.RequestBody.Value.Content)); !slices.Equal(got, []string{want}) || !o.RequestBody.Value.Required {
				t.Errorf("the body of %s is %s and required; it has %v", o.method, want, got)
			}
		})
	}
}

// formats are what this contract means by them. The library checks few, and its
// pattern for UUIDs knows no version 7.
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

func TestBodies_haveExamplesThatFit(t *testing.T) {
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
		t.Errorf("%s: add an example under examples, by reference to a file of api/examples, and run make generate", what)
	}
	if m.Example != nil {
		checkExample(t, what, m.Schema.Value, m.Example, side)
	}
	for name, e := range m.Examples {
		if e.Value.Summary == "" {
			t.Errorf("%s: give the example %s a summary", what, name)
		}
		checkExample(t, what+", example "+name, m.Schema.Value, e.Value.Value, side)
	}
}

func checkExample(t *testing.T, what string, schema *openapi3.Schema, value any, opts ...openapi3.SchemaValidationOption) {
	t.Helper()
	opts = append(opts, openapi3.MultiErrors(), openapi3.EnableFormatValidation(), openapi3.WithStringFormatValidators(formats))
	if err := schema.VisitJSON(value, opts...); err != nil {
		t.Errorf("%s: the example does not fit its schema; mend one of the two: %v", what, err)
	}
}
