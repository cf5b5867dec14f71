package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// goClient contains the declarations of the generated client.
type goClient struct {
	methods map[string][]field           // the arguments between the context and the options
	structs map[string]map[string]field  // by type and normalized field name
	enums   map[string]map[string]string // the constants by type and value
}

type field struct{ name, kind string }

// normalize maps batch_id and BatchID to the same name.
func normalize(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

func readGoClient(path string) (goClient, error) {
	c := goClient{map[string][]field{}, map[string]map[string]field{}, map[string]map[string]string{}}
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return c, err
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.method(d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					c.fields(spec)
				case *ast.ValueSpec:
					c.constant(spec)
				}
			}
		}
	}
	return c, nil
}

func (c goClient) method(d *ast.FuncDecl) {
	if d.Recv == nil {
		return
	}
	var args []field
	for _, p := range d.Type.Params.List {
		for _, name := range p.Names {
			args = append(args, field{name.Name, types.ExprString(p.Type)})
		}
	}
	if len(args) > 1 && args[0].kind == "context.Context" {
		c.methods[d.Name.Name] = args[1 : len(args)-1]
	}
}

func (c goClient) fields(spec *ast.TypeSpec) {
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	all := map[string]field{}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			key := name.Name
			if f.Tag != nil {
				tag, _ := strconv.Unquote(f.Tag.Value)
				key, _, _ = strings.Cut(cmp.Or(reflect.StructTag(tag).Get("json"), key), ",")
			}
			all[normalize(key)] = field{name.Name, types.ExprString(f.Type)}
		}
	}
	c.structs[spec.Name.Name] = all
}

func (c goClient) constant(spec *ast.ValueSpec) {
	kind, ok := spec.Type.(*ast.Ident)
	if !ok || len(spec.Values) != 1 {
		return
	}
	text, ok := spec.Values[0].(*ast.BasicLit)
	if !ok {
		return
	}
	if c.enums[kind.Name] == nil {
		c.enums[kind.Name] = map[string]string{}
	}
	if s, err := strconv.Unquote(text.Value); err == nil {
		c.enums[kind.Name][s] = spec.Names[0].Name
	}
}

// sample returns a call with the Go client, as the body of a function that returns an
// error.
func (c goClient) sample(o operation) (string, error) {
	name := o.id
	if o.item != "" {
		name = "All" + strings.TrimPrefix(strings.TrimPrefix(o.id, "List"), "Get")
	}
	name = goName(name)
	params, ok := c.methods[name]
	if !ok {
		return "", fmt.Errorf("the Go client has no method %s: run make clients-go", name)
	}
	before, args, err := c.arguments(o, params)
	if err != nil {
		return "", err
	}
	token := `, gradus.WithToken(os.Getenv("GRADUS_TOKEN"))`
	if o.anonymous {
		token = ""
	}
	call := fmt.Sprintf("client.%s(%s)", name, strings.Join(append([]string{"ctx"}, args...), ", "))
	const failed = "if err != nil {\nreturn err\n}\n"
	use := ""
	switch result := camel(cmp.Or(o.item, o.response, "x")); {
	case o.item != "":
		use = fmt.Sprintf("for %s, err := range %s {\n%sfmt.Println(%s)\n}\n", result, call, failed, result)
	case o.response != "":
		use = fmt.Sprintf("%s, err := %s\n%sfmt.Println(%s)\n", result, call, failed, result)
	default:
		use = strings.Replace(failed, "err !=", "err := "+call+"; err !=", 1)
	}
	return formatted(fmt.Sprintf("client := gradus.New(%q%s)\n\n%s%s", api, token, before, use))
}

// goName spells a name of the contract as oapi-codegen does.
func goName(name string) string { return strings.ReplaceAll(name, "Api", "API") }

// formatted formats the body of a function with gofmt.
func formatted(body string) (string, error) {
	text, err := format.Source([]byte("package p\n\nfunc f() {\n" + body + "}\n"))
	if err != nil {
		return "", fmt.Errorf("%w in\n%s", err, body)
	}
	_, formattedBody, _ := strings.Cut(string(text), "{\n")
	lines := strings.Split(strings.TrimSuffix(formattedBody, "}\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "\t")
	}
	return strings.Join(lines, "\n"), nil
}

// arguments returns the arguments of a call and the lines that define them. Path parameters
// get a variable, because an ID alone is not readable.
func (c goClient) arguments(o operation, params []field) (before string, args []string, err error) {
	path := slices.Clone(o.path)
	for _, p := range params {
		var literal string
		switch bare := strings.TrimPrefix(p.kind, "*"); {
		case p.kind == goName(o.bodyType):
			literal, err = c.object(p.kind, o.body)
			args = append(args, "gradus."+literal)
		case bare == o.bodyType:
			literal, err = c.object(bare, o.body)
			args = append(args, "&gradus."+literal)
		case strings.HasSuffix(bare, "Params") && len(o.query) == 0:
			args = append(args, "nil")
		case strings.HasSuffix(bare, "Params"):
			literal, err = c.object(bare, o.query)
			args = append(args, "&gradus."+literal)
		case len(path) == 0:
			err = fmt.Errorf("no example for the argument %s", p.name)
		default:
			literal, err = c.literal(p.kind, path[0].value)
			before += p.name + " := " + literal + "\n"
			args, path = append(args, p.name), path[1:]
		}
		if err != nil {
			return "", nil, err
		}
	}
	return before, args, nil
}

func (c goClient) object(kind string, values []value) (string, error) {
	var parts []string
	for _, v := range values {
		f, ok := c.structs[kind][normalize(v.name)]
		if !ok {
			return "", fmt.Errorf("%s has no field for %s", kind, v.name)
		}
		if v.value == nil && strings.HasPrefix(f.kind, "*") {
			continue
		}
		literal, err := c.literal(f.kind, v.value)
		if err != nil {
			return "", fmt.Errorf("%s.%s: %w", kind, f.name, err)
		}
		parts = append(parts, f.name+": "+literal)
	}
	if inline := kind + "{" + strings.Join(parts, ", ") + "}"; len(parts) < 2 || len(inline) <= 50 {
		return inline, nil
	}
	return kind + "{\n" + strings.Join(parts, ",\n") + ",\n}", nil
}

// list returns the literal of a slice.
func (c goClient) list(kind string, values []any) (string, error) {
	literals := make([]string, len(values))
	for i, v := range values {
		var err error
		if literals[i], err = c.literal(kind, v); err != nil {
			return "", err
		}
	}
	if c.enums[kind] != nil {
		kind = "gradus." + kind
	}
	return "[]" + kind + "{" + strings.Join(literals, ", ") + "}", nil
}

func (c goClient) literal(kind string, v any) (string, error) {
	if inner, ok := strings.CutPrefix(kind, "*"); ok {
		literal, err := c.literal(inner, v)
		return "new(" + literal + ")", err
	}
	if inner, ok := strings.CutPrefix(kind, "nullable.Nullable["); ok {
		inner = strings.TrimSuffix(inner, "]")
		if v == nil {
			return "nullable.NewNullNullable[" + inner + "]()", nil
		}
		literal, err := c.literal(inner, v)
		return "nullable.NewNullableWithValue(" + literal + ")", err
	}
	if values, ok := v.([]any); ok {
		return c.list(strings.TrimPrefix(kind, "[]"), values)
	}
	t, timed := parseTime(v)
	switch {
	case kind == "string":
		return strconv.Quote(fmt.Sprint(v)), nil
	case kind == "int" || kind == "bool":
		return fmt.Sprint(v), nil
	case kind == "uuid.UUID":
		return fmt.Sprintf("uuid.MustParse(%q)", v), nil
	case kind == "Date" && timed:
		return fmt.Sprintf("gradus.Date{Year: %d, Month: time.%s, Day: %d}", t.Year(), t.Month(), t.Day()), nil
	case kind == "time.Time" && timed:
		return fmt.Sprintf("time.Date(%d, time.%s, %d, %d, %d, 0, 0, time.UTC)", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute()), nil
	}
	if name := c.enums[kind][fmt.Sprint(v)]; name != "" {
		return "gradus." + name, nil
	}
	return "", fmt.Errorf("cannot write %v as %s", v, kind)
}
