package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// portDir holds the interfaces, whose comments are the only contract.
const portDir = "ports"

// A method that repeats the contract of its port soon differs from it.
func TestImplementations_LeaveTheContractToThePort(t *testing.T) {
	t.Parallel()
	methods := portMethods(t)
	checked := 0
	services, err := filepath.Glob("domain/*/service.go")
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob("adapters/*")
	if err != nil {
		t.Fatal(err)
	}
	dirs = slices.DeleteFunc(dirs, func(dir string) bool { return dir == "adapters/internal" }) // no Go files of its own
	for _, service := range services {
		dirs = append(dirs, filepath.Dir(service))
	}
	for _, dir := range dirs {
		files := parseDir(t, dir)
		ports := implementedPorts(files)
		for _, fn := range methodsOf(files) {
			i := slices.IndexFunc(ports[receiver(fn)], func(port string) bool { return slices.Contains(methods[port], fn.Name.Name) })
			if i < 0 {
				continue
			}
			port := ports[receiver(fn)][i]
			checked++
			if why := commentFault(fn, port); why != "" {
				t.Errorf("%s: (%s).%s %s", dir, receiver(fn), fn.Name.Name, why)
			}
		}
	}
	if checked < 80 {
		t.Errorf("checked %d methods, want at least 80", checked)
	}
}

func TestCommentFault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		comment string
		ok      bool
	}{
		"a reference to the port is accepted":           {"// User implements ports.UserStore.", true},
		"a reference and a detail are accepted":         {"// User implements ports.UserStore. It locks\n// the row.", true},
		"a missing comment is rejected":                 {"", false},
		"a promise of its own is rejected":              {"// User returns one user.", false},
		"errors of its own are rejected":                {"// User implements ports.UserStore.\n// Errors: ErrUserNotFound.", false},
		"a reference to the wrong port is rejected":     {"// User implements ports.UserStores.", false},
		"a reference with another method's is rejected": {"// Users implements ports.UserStore.", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := "package p\n\n" + tt.comment + "\nfunc (s *UserStore) User() {}\n"
			f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			why := commentFault(methodsOf([]*ast.File{f})[0], "UserStore")
			if (why == "") != tt.ok {
				t.Errorf("got %q", why)
			}
		})
	}
}

// commentFault returns what is wrong with the comment of a method of a port, or "".
func commentFault(fn *ast.FuncDecl, port string) string {
	text := fn.Doc.Text()
	want := fn.Name.Name + " implements ports." + port + "."
	switch {
	case !strings.HasPrefix(text, want):
		return "must have a comment that begins with: " + want
	case strings.Contains(text, "Errors:"):
		return "must not list errors: internal/ports does"
	}
	return ""
}

// portMethods returns the methods of each interface of the ports.
func portMethods(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, f := range parseDir(t, portDir) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if i, ok := spec.Type.(*ast.InterfaceType); ok {
				for _, m := range i.Methods.List {
					for _, name := range m.Names {
						out[spec.Name.Name] = append(out[spec.Name.Name], name.Name)
					}
				}
			}
			return true
		})
	}
	return out
}

// implementedPorts returns the ports of each type that declarations such as
// var _ ports.UserStore = (*UserStore)(nil) name.
func implementedPorts(files []*ast.File) map[string][]string {
	out := map[string][]string{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || spec.Names[0].Name != "_" || len(spec.Values) != 1 {
				return true
			}
			port, ok := spec.Type.(*ast.SelectorExpr)
			call, isCall := spec.Values[0].(*ast.CallExpr)
			if !ok || !isCall {
				return true
			}
			if paren, ok := call.Fun.(*ast.ParenExpr); ok {
				out[typeName(paren.X)] = append(out[typeName(paren.X)], port.Sel.Name)
			}
			return true
		})
	}
	return out
}

func methodsOf(files []*ast.File) []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
				out = append(out, fn)
			}
		}
	}
	return out
}

func receiver(fn *ast.FuncDecl) string { return typeName(fn.Recv.List[0].Type) }

// typeName returns the name of a type or of what a pointer points to.
func typeName(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// parseDir parses the Go files of a package, without its tests.
func parseDir(t *testing.T, dir string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	var out []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}
