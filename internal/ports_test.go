package internal_test

import (
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A method's comment promises what it does and ends with the errors it returns.
func TestPorts_PromiseTheirErrors(t *testing.T) {
	t.Parallel()
	codes := domainErrors(t)
	methods := interfaceMethods(t)
	if len(methods) < 50 {
		t.Fatalf("found %d methods only: the test reads the wrong files", len(methods))
	}
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		m := methods[name]
		if _, method, _ := strings.Cut(name, "."); !strings.HasPrefix(m.doc, method+" ") {
			t.Errorf("ports.%s: add a comment that starts with the name of the method and says what it promises", name)
		}
		if m.errors == nil {
			t.Errorf("ports.%s: end the comment with a line \"Errors: ErrX, ErrY.\" or \"Errors: none.\"", name)
		}
		for _, e := range m.errors {
			if codes[e] == "" && !slices.Contains(otherErrors, e) {
				t.Errorf("ports.%s: internal/domain does not declare %s", name, e)
			}
		}
	}
}

// The errors that a driving port promises are the problem codes of the operations behind
// which it works: what one side says, the other must say too.
func TestPorts_PromiseTheProblemCodesOfTheirOperations(t *testing.T) {
	t.Parallel()
	codes, methods, handlers, operations := domainErrors(t), interfaceMethods(t), handlerCalls(t), problemCodes(t)
	behind := map[string][]string{} // port method -> operations
	for _, op := range slices.Sorted(maps.Keys(operations)) {
		calls := handlers[strings.ReplaceAll(op, "Api", "API")] // as oapi-codegen writes it
		if len(calls) != 1 {
			t.Errorf("%s: give its handler in internal/adapters/httpapi/<slice>.go one call of a port; it has %d: %v", op, len(calls), calls)
			continue
		}
		behind[calls[0]] = append(behind[calls[0]], op)
	}
	for _, name := range slices.Sorted(maps.Keys(behind)) {
		m, ops := methods[name], behind[name]
		promised, published := map[string]bool{}, map[string]bool{}
		for _, e := range m.errors {
			if !slices.Contains(transportErrors, e) {
				promised[codes[e]] = true
			}
		}
		for _, op := range ops {
			for _, code := range operations[op] {
				published[code] = true
			}
		}
		for e, code := range codes {
			switch {
			case slices.Contains(transportErrors, e):
			case promised[code] && !published[code]:
				t.Errorf("ports.%s returns %s, but %v does not have the code %s: add it to x-problem-codes in api/paths, or remove it from the Errors: line",
					name, e, ops, code)
			case published[code] && !promised[code]:
				t.Errorf("%v has the code %s, but ports.%s does not return %s: add it to the Errors: line, or remove it from x-problem-codes in api/paths",
					ops, code, name, e)
			}
		}
	}
}

// transportErrors can come from the transport, regardless of the use case: an operation
// has their codes because of its shape (tools/bundle/derive.go).
var transportErrors = []string{
	"ErrInvalid", "ErrUnavailable", "ErrRateLimited", "ErrUnauthenticated", "ErrSessionExpired", "ErrTokenExpired", "ErrTOTPRequired", "ErrIdempotencyKeyInUse", "ErrIdempotencyKeyReused",
	"ErrAPITokenInvalid", "ErrInsufficientScope", "ErrSessionRequired",
}

// otherErrors are what a port may promise besides the errors of internal/domain.
var otherErrors = []string{"*domain.MailError", "*domain.UpstreamError", "those of fn"}

// portMethod is a method of an interface in internal/ports.
type portMethod struct {
	doc    string
	errors []string // nil without an Errors: line; empty for "none"
}

// interfaceMethods returns the methods of all interfaces in internal/ports by "Interface.Method".
func interfaceMethods(t *testing.T) map[string]portMethod {
	t.Helper()
	out := map[string]portMethod{}
	for _, file := range parseDir(t, portDir) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if face, ok := spec.Type.(*ast.InterfaceType); ok {
				for _, m := range face.Methods.List {
					if len(m.Names) == 1 {
						out[spec.Name.Name+"."+m.Names[0].Name] = portMethod{m.Doc.Text(), promisedErrors(m.Doc.Text())}
					}
				}
			}
			return false
		})
	}
	return out
}

var remark = regexp.MustCompile(`\s*\([^)]*\)`)

// promisedErrors reads the Errors: line that ends a comment. It may have remarks in
// parentheses.
func promisedErrors(doc string) []string {
	_, list, found := strings.Cut(doc, "\nErrors: ")
	list, ended := strings.CutSuffix(strings.TrimSpace(strings.ReplaceAll(remark.ReplaceAllString(list, ""), "\n", " ")), ".")
	switch {
	case !found || !ended:
		return nil
	case list == "none":
		return []string{}
	}
	return strings.Split(list, ", ")
}

// domainErrors returns the codes of the errors that internal/domain declares by name. The
// code of an error that the API does not publish is its name.
func domainErrors(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, file := range parseDir(t, "domain") {
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, s := range group.Specs {
				v, _ := s.(*ast.ValueSpec)
				if name := v.Names[0].Name; strings.HasPrefix(name, "Err") && len(v.Values) == 1 {
					out[name] = definedCode(v.Values[0], name)
				}
			}
		}
	}
	return out
}

// definedCode finds the code in define(kind, "code", ...), or returns name.
func definedCode(value ast.Expr, name string) string {
	code := name
	ast.Inspect(value, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "define" {
			if lit, ok := call.Args[1].(*ast.BasicLit); ok {
				code = strings.Trim(lit.Value, `"`)
			}
		}
		return true
	})
	return code
}

// handlerCalls returns the port methods that each method of a handlers struct calls, as
// "Interface.Method" by the name of the handler's method.
func handlerCalls(t *testing.T) map[string][]string {
	t.Helper()
	fields := map[string]map[string]string{} // handlers struct -> field -> interface
	files := parseDir(t, "adapters/httpapi")
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !strings.HasSuffix(spec.Name.Name, "Handlers") {
				return true
			}
			s, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			fields[spec.Name.Name] = map[string]string{}
			for _, f := range s.Fields.List {
				if port, ok := f.Type.(*ast.SelectorExpr); ok && isIdent(port.X, "ports") {
					for _, name := range f.Names {
						fields[spec.Name.Name][name.Name] = port.Sel.Name
					}
				}
			}
			return true
		})
	}
	calls := map[string][]string{}
	for _, file := range files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil || len(f.Recv.List[0].Names) == 0 {
				continue
			}
			recv, _ := f.Recv.List[0].Type.(*ast.Ident)
			if recv == nil || fields[recv.Name] == nil {
				continue
			}
			self := f.Recv.List[0].Names[0].Name
			ast.Inspect(f.Body, func(n ast.Node) bool {
				method, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if field, ok := method.X.(*ast.SelectorExpr); ok && isIdent(field.X, self) && fields[recv.Name][field.Sel.Name] != "" {
					call := fields[recv.Name][field.Sel.Name] + "." + method.Sel.Name
					if !slices.Contains(calls[f.Name.Name], call) {
						calls[f.Name.Name] = append(calls[f.Name.Name], call)
					}
				}
				return true
			})
		}
	}
	return calls
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// problemCodes returns the problem codes of each operation of the contract.
func problemCodes(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "api", "openapi.gen.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]yaml.Node `yaml:"paths"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, item := range doc.Paths {
		for _, node := range item {
			var op struct {
				ID    string   `yaml:"operationId"`
				Codes []string `yaml:"x-problem-codes"`
			}
			if node.Kind == yaml.MappingNode && node.Decode(&op) == nil && op.ID != "" {
				out[op.ID] = op.Codes
			}
		}
	}
	return out
}
