// Package internal_test checks the rules that all packages follow.
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gradus-dev/gradus"

// law lists, for each package or tree of packages, which packages of this module it may
// import, and whether it may import third-party modules. The longest matching path applies.
var law = map[string]rule{
	"api":                 {},                                                   // the embedded contract
	"db":                  {},                                                   // the embedded schema
	"docs":                {},                                                   // the embedded guides
	"internal/domain":     {modules: []string{"golang.org/x/text/"}},            // nouns; Unicode is data, like time zones
	"internal/domain/*":   {may: []string{"internal/domain", "internal/ports"}}, // use cases
	"internal/ports":      {may: []string{"internal/domain"}},                   // interfaces
	"internal/ports/mock": {may: []string{"internal/domain", "internal/ports"}, thirdParty: true},
	"internal/adapters/*": {may: []string{"internal/domain", "internal/ports", "internal/conformance", "internal/adapters/internal/*", "api", "db", "docs", "."}, thirdParty: true},
	"internal/fakewaka":   {thirdParty: true},
	"internal/fakemail":   {thirdParty: true},
	"internal/config":     {may: []string{"internal/domain", "internal/adapters/*"}, thirdParty: true},
	"internal/wiring":     {may: []string{"internal/domain", "internal/domain/*", "internal/ports", "internal/adapters/*", "internal/config"}, thirdParty: true},
	"internal/testkit/*":  {may: []string{"internal/*", "api", "db"}, thirdParty: true, testing: true},
	"cmd/*":               {may: []string{"internal/domain", "internal/ports", "internal/democlass", "internal/fakemail", "internal/wiring", "internal/config", "api"}, thirdParty: true},
	"bench":               {may: []string{"internal/*", "db"}, thirdParty: true},
	"test/*":              {may: []string{"internal/*", "api", "db"}, thirdParty: true},
	"tools/*":             {thirdParty: true},

	"internal/testkit/apiclient": {modules: []string{"github.com/pquerna/otp"}, testing: true}, // calls any server
	"internal/testkit/fixture":   {may: []string{"internal/testkit/apiclient"}, thirdParty: true, testing: true},

	"internal/democlass":   {may: []string{"internal/domain", "internal/ports", "internal/fakewaka", "internal/config", "internal/wiring"}},
	"internal/democlass/*": {may: []string{"internal/*"}, thirdParty: true, testing: true},
	"internal/conformance": {may: []string{"internal/domain", "api"}, thirdParty: true}, // responses against the contract

	"internal/adapters/httpapi/internal/servertest": {may: []string{".", "internal/domain", "internal/ports", "internal/ports/mock", "internal/testkit/contract", "internal/testkit/fake", "internal/testkit/operations", "api"}, thirdParty: true, testing: true},
}

const httpInternal = "internal/adapters/httpapi/internal/"

// httpLayers are the packages below httpInternal, from the bottom up. Each may import
// those of lower layers.
var httpLayers = [][]string{
	{"api", "exchange", "spec", "accept", "compress", "entitytag", "location", "prefer", "metrics"},
	{"problem", "probes", "deprecation"},
	{"router", "session", "limit", "validate", "cors", "buffer", "edge", "docs/site", "connect", "account"},
	{"idempotency", "docs", "listener", "mockserver"},
	{"servertest"},
}

type rule struct {
	may        []string // "." is the adapter's own tree
	thirdParty bool
	modules    []string // prefixes of third-party packages that are allowed nevertheless
	testing    bool     // files other than _test.go may import testing
}

// ioPackages are the standard packages for input and output, which the domain must not
// use.
var ioPackages = []string{"database/sql", "encoding/json", "log", "log/slog", "net", "net/http", "os"}

// excluded are directories that contain other modules or third-party code.
var excluded = []string{".git", ".gradus", "node_modules", "clients"}

func TestImports_FollowTheLaw(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains(excluded, d.Name()) {
			return filepath.SkipDir
		}
		pkg := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), ".."+string(filepath.Separator)))
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || pkg == ".." {
			return nil
		}
		seen++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			if why := violation(pkg, imp); why != "" {
				t.Errorf("%s imports %s: %s", path, imp, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Fatalf("only %d files were checked, want more: the path is wrong", seen)
	}
}

func TestImports_ViolationsAreFound(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ pkg, imp string }{
		"the domain must not import ports":                     {"internal/domain", module + "/internal/ports"},
		"the domain must not import third-party modules":       {"internal/domain", "github.com/google/uuid"},
		"the domain must not use the network":                  {"internal/domain", "net/http"},
		"a slice must not import another slice":                {"internal/domain/batches", module + "/internal/domain/accounts"},
		"a use case must not import an adapter":                {"internal/domain/batches", module + "/internal/adapters/postgres"},
		"a use case must not import third-party modules":       {"internal/domain/batches", "github.com/google/uuid"},
		"an adapter must not import another adapter":           {"internal/adapters/httpapi", module + "/internal/adapters/postgres"},
		"a layer of the server must not import a higher layer": {"internal/adapters/httpapi/internal/problem", module + "/internal/adapters/httpapi/internal/edge"},
		"packages of one layer must not import each other":     {"internal/adapters/httpapi/internal/cors", module + "/internal/adapters/httpapi/internal/edge"},
		"a package of the server must have a layer":            {"internal/adapters/httpapi/internal/cache", "fmt"},
		"a command must not bypass the wiring":                 {"cmd/gradus", module + "/internal/adapters/postgres"},
		"the fake server must not import the application":      {"internal/fakewaka", module + "/internal/domain"},
		"the fake mail server must not import the application": {"internal/fakemail", module + "/internal/domain"},
		"production code must not import testing":              {"internal/democlass", "testing"},
		"the binary must not link test code":                   {"cmd/gradus", module + "/internal/democlass/classtest"},
		"a package without a rule is rejected":                 {"pkg/util", "fmt"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if violation(tt.pkg, tt.imp) == "" {
				t.Errorf("%s may import %s", tt.pkg, tt.imp)
			}
		})
	}
}

// violation returns why pkg must not import imp, or the empty string if it may.
func violation(pkg, imp string) string {
	name, r := ruleFor(pkg)
	if name == "" {
		return "there is no rule for this package; add one to law in internal/arch_test.go"
	}
	inner, ours := strings.CutPrefix(imp, module+"/")
	if strings.HasPrefix(pkg, httpInternal) {
		switch from := httpLayer(pkg); {
		case from < 0:
			return "this package has no layer; add it to httpLayers in internal/arch_test.go"
		case strings.HasPrefix(inner, httpInternal) && httpLayer(inner) >= from:
			return "a package of httpapi may import only packages of lower layers: see httpLayers"
		}
	}
	switch {
	case ours && !slices.ContainsFunc(r.may, func(may string) bool { return covers(may, inner, pkg) }):
		return name + " may import only: " + strings.Join(r.may, ", ")
	case !ours && strings.Contains(strings.Split(imp, "/")[0], ".") && !r.allows(imp):
		return name + " may not import third-party modules"
	case imp == "testing" && !r.testing:
		return "the binary must not link testing"
	case strings.HasPrefix(name, "internal/domain") && slices.Contains(ioPackages, imp):
		return "the domain must not use input and output"
	}
	return ""
}

// allows reports whether r allows a third-party package.
func (r rule) allows(imp string) bool {
	return r.thirdParty || slices.ContainsFunc(r.modules, func(m string) bool { return strings.HasPrefix(imp, m) })
}

// httpLayer returns the layer of a package of httpapi, or -1 if it has none.
func httpLayer(pkg string) int {
	name := strings.TrimPrefix(pkg, httpInternal)
	return slices.IndexFunc(httpLayers, func(layer []string) bool { return slices.Contains(layer, name) })
}

func ruleFor(pkg string) (name string, r rule) {
	for n, candidate := range law {
		if covers(n, pkg, "") && len(n) > len(name) {
			name, r = n, candidate
		}
	}
	return name, r
}

// covers reports whether pattern (exact, or a tree ending in /*) matches pkg.
func covers(pattern, pkg, self string) bool {
	if pattern == "." {
		parts := strings.SplitN(self, "/", 4)
		own := strings.Join(parts[:min(3, len(parts))], "/") // internal/adapters/postgres
		return pkg == own || strings.HasPrefix(pkg, own+"/")
	}
	tree, ok := strings.CutSuffix(pattern, "/*")
	return pkg == pattern || ok && strings.HasPrefix(pkg, tree+"/")
}

// Long files are hard to read: split them.
func TestFiles_AreShort(t *testing.T) {
	t.Parallel()
	const limit = 400
	listing := filepath.Join("..", "docs", "slice.md") // shows a file of each layer of a slice
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains(excluded, d.Name()) {
			return filepath.SkipDir
		}
		if d.IsDir() || !handWritten(path) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := strings.Count(string(text), "\n"); n > limit && path != listing {
			t.Errorf("%s has %d lines; the limit is %d: split it", path, n, limit)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func handWritten(path string) bool {
	switch filepath.Ext(path) {
	case ".go", ".sql", ".yaml", ".md":
	default:
		return false
	}
	for _, generated := range []string{".gen.", "_gen.go", "/internal/sqlc/", "/ports/mock/", "/testdata/", "/api/released/"} {
		if strings.Contains(filepath.ToSlash(path), generated) {
			return false
		}
	}
	return true
}
