// Package internal_test holds the law of the house.
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

// law says, for each part of the house, what it may import from the house, and
// whether it may import other people's modules. The longest matching path rules.
var law = map[string]part{
	"api":                 {},                                                   // the embedded contract
	"db":                  {},                                                   // the embedded schema
	"docs":                {},                                                   // the embedded guides
	"internal/domain":     {},                                                   // nouns
	"internal/domain/*":   {may: []string{"internal/domain", "internal/ports"}}, // use cases
	"internal/ports":      {may: []string{"internal/domain"}},                   // sockets
	"internal/ports/mock": {may: []string{"internal/domain", "internal/ports"}, thirdParty: true},
	"internal/adapters/*": {may: []string{"internal/domain", "internal/ports", "internal/conformance", "internal/adapters/internal/*", "api", "db", "docs", "."}, thirdParty: true},
	"internal/fakewaka":   {thirdParty: true},
	"internal/config":     {may: []string{"internal/domain", "internal/adapters/*"}, thirdParty: true},
	"internal/wiring":     {may: []string{"internal/domain", "internal/domain/*", "internal/ports", "internal/adapters/*", "internal/config"}, thirdParty: true},
	"internal/testkit/*":  {may: []string{"internal/*", "api", "db"}, thirdParty: true, testing: true},
	"cmd/*":               {may: []string{"internal/domain", "internal/ports", "internal/democlass", "internal/wiring", "internal/config", "api"}, thirdParty: true},
	"bench":               {may: []string{"internal/*", "db"}, thirdParty: true},
	"test/*":              {may: []string{"internal/*", "api", "db"}, thirdParty: true},
	"tools/*":             {thirdParty: true},

	"internal/testkit/apiclient": {testing: true}, // calls any server
	"internal/testkit/fixture":   {may: []string{"internal/testkit/apiclient"}, thirdParty: true, testing: true},

	"internal/democlass":   {may: []string{"internal/domain", "internal/ports", "internal/fakewaka", "internal/config", "internal/wiring"}},
	"internal/democlass/*": {may: []string{"internal/*"}, thirdParty: true, testing: true},
	"internal/conformance": {may: []string{"internal/domain", "api"}, thirdParty: true}, // answers against the contract

	"internal/adapters/httpapi/internal/servertest": {may: []string{".", "internal/domain", "internal/ports", "internal/ports/mock", "internal/testkit/contract", "internal/testkit/operations", "api"}, thirdParty: true, testing: true},
}

const httpInternal = "internal/adapters/httpapi/internal/"

// httpFloors are the packages below httpInternal, from the ground up. Each may import
// those of the floors below its own.
var httpFloors = [][]string{
	{"api", "exchange", "spec", "accept", "compress", "prefer", "metrics"},
	{"problem", "probes", "deprecation"},
	{"router", "session", "validate", "cors", "buffer", "edge", "docs/site"},
	{"idempotency", "docs", "mockserver"},
	{"servertest"},
}

type part struct {
	may        []string // "." is the adapter's own tree
	thirdParty bool
	testing    bool // its own files, besides _test.go files, may import testing
}

// worldly are the standard packages that would let the world into the domain.
var worldly = []string{"database/sql", "encoding/json", "log", "log/slog", "net", "net/http", "os"}

// outside are folders with Go files that are modules of their own or no code of ours.
var outside = []string{".git", ".gradus", "node_modules", "clients"}

func TestImportsObeyTheLaw(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains(outside, d.Name()) {
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
			if why := breach(pkg, imp); why != "" {
				t.Errorf("%s imports %s: %s", path, imp, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Fatalf("the law looked at %d files only: it walks the wrong tree", seen)
	}
}

func TestTheLawBites(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ pkg, imp string }{
		"a noun may not know a port":                      {"internal/domain", module + "/internal/ports"},
		"a noun may not touch the world":                  {"internal/domain", "net/http"},
		"a slice may not know another":                    {"internal/domain/batches", module + "/internal/domain/accounts"},
		"a use case may not know an adapter":              {"internal/domain/batches", module + "/internal/adapters/postgres"},
		"a use case may not use other people's modules":   {"internal/domain/batches", "github.com/google/uuid"},
		"an adapter may not know another":                 {"internal/adapters/httpapi", module + "/internal/adapters/postgres"},
		"a layer of the server may not know one above":    {"internal/adapters/httpapi/internal/problem", module + "/internal/adapters/httpapi/internal/edge"},
		"a layer of the server may not know its equals":   {"internal/adapters/httpapi/internal/cors", module + "/internal/adapters/httpapi/internal/edge"},
		"a layer of the server has its floor":             {"internal/adapters/httpapi/internal/cache", "fmt"},
		"a command may not reach past the wiring":         {"cmd/gradus", module + "/internal/adapters/postgres"},
		"the fake server knows nothing of the house":      {"internal/fakewaka", module + "/internal/domain"},
		"production code may not import testing":          {"internal/democlass", "testing"},
		"the binary may not link test code":               {"cmd/gradus", module + "/internal/democlass/classtest"},
		"a package that the law does not know is refused": {"pkg/util", "fmt"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if breach(tt.pkg, tt.imp) == "" {
				t.Errorf("%s may import %s", tt.pkg, tt.imp)
			}
		})
	}
}

// breach says why pkg may not import imp, or nothing if it may.
func breach(pkg, imp string) string {
	name, rule := ruleFor(pkg)
	if name == "" {
		return "the law has no place for this package; give it one in internal/arch_test.go"
	}
	inner, ours := strings.CutPrefix(imp, module+"/")
	if strings.HasPrefix(pkg, httpInternal) {
		switch from := httpFloor(pkg); {
		case from < 0:
			return "httpFloors in internal/arch_test.go has no place for this package; give it one"
		case strings.HasPrefix(inner, httpInternal) && httpFloor(inner) >= from:
			return "a package of httpapi may import only those of the floors below its own: see httpFloors"
		}
	}
	switch {
	case ours && !slices.ContainsFunc(rule.may, func(may string) bool { return covers(may, inner, pkg) }):
		return name + " may import only: " + strings.Join(rule.may, ", ")
	case !ours && strings.Contains(strings.Split(imp, "/")[0], ".") && !rule.thirdParty:
		return name + " may not import third-party modules"
	case imp == "testing" && !rule.testing:
		return "the binary does not link testing"
	case strings.HasPrefix(name, "internal/domain") && slices.Contains(worldly, imp):
		return "the domain does not touch the world"
	}
	return ""
}

// httpFloor returns the floor of a package of httpapi, or -1 if it has none.
func httpFloor(pkg string) int {
	name := strings.TrimPrefix(pkg, httpInternal)
	return slices.IndexFunc(httpFloors, func(floor []string) bool { return slices.Contains(floor, name) })
}

func ruleFor(pkg string) (name string, rule part) {
	for n, r := range law {
		if covers(n, pkg, "") && len(n) > len(name) {
			name, rule = n, r
		}
	}
	return name, rule
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

// A file that fits in a head: longer ones are two files.
func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	const most = 400
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains(outside, d.Name()) {
			return filepath.SkipDir
		}
		if d.IsDir() || !handWritten(path) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := strings.Count(string(text), "\n"); n > most {
			t.Errorf("%s has %d lines; at most %d", path, n, most)
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
	for _, mark := range []string{".gen.", "_gen.go", "/internal/sqlc/", "/ports/mock/", "/testdata/", "/api/released/"} {
		if strings.Contains(filepath.ToSlash(path), mark) {
			return false
		}
	}
	return true
}
