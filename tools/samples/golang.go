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

// goClient is what the generated client declares.
type goClient struct {
	methods map[string][]field           // the arguments between the context and the options
	structs map[string]map[string]field  // by type, then by the plain name of the field
	enums   map[string]map[string]string // by type, then by value: the constant
}

type field struct{ name, kind string }

// plain makes batch_id and BatchID equal.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

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
			all[plain(key)] = field{name.Name, types.ExprString(f.Type)}
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

// sample shows a call with the Go client, as the body of a function that returns an error.
func (c goClient) sample(o operation) (string, error) {
	name := o.id
	if o.item != "" {
		name = "All" + strings.TrimPrefix(strings.TrimPrefix(o.id, "List"), "Get")
	}
	wanted, ok := c.methods[name]
	if !ok {
		return "", fmt.Errorf("the Go client has no method %s; run make clients-go first", name)
	}
	before, args, err := c.arguments(o, wanted)
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
	switch answer := camel(cmp.Or(o.item, o.answer, "x")); {
	case o.item != "":
		use = fmt.Sprintf("for %s, err := range %s {\n%sfmt.Println(%s)\n}\n", answer, call, failed, answer)
	case o.answer != "":
		use = fmt.Sprintf("%s, err := %s\n%sfmt.Println(%s)\n", answer, call, failed, answer)
	default:
		use = strings.Replace(failed, "err !=", "err := "+call+"; err !=", 1)
	}
	return formatted(fmt.Sprintf("client := gradus.New(%q%s)\n\n%s%s", api, token, before, use))
}

// formatted lays the body of a function out as gofmt does.
func formatted(body string) (string, error) {
	text, err := format.Source([]byte("package p\n\nfunc f() {\n" + body + "}\n"))
	if err != nil {
		return "", fmt.Errorf("%w in\n%s", err, body)
	}
	_, inside, _ := strings.Cut(string(text), "{\n")
	lines := strings.Split(strings.TrimSuffix(inside, "}\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "\t")
	}
	return strings.Join(lines, "\n"), nil
}

// arguments returns what a call is given, and the lines that make it: what stands in the
// path is named, because an id says nothing.
func (c goClient) arguments(o operation, wanted []field) (before string, args []string, err error) {
	path := slices.Clone(o.path)
	for _, w := range wanted {
		var literal string
		switch bare := strings.TrimPrefix(w.kind, "*"); {
		case w.kind == o.bodyType:
			literal, err = c.object(w.kind, o.body)
			args = append(args, "gradus."+literal)
		case strings.HasSuffix(bare, "Params") && len(o.query) == 0:
			args = append(args, "nil")
		case strings.HasSuffix(bare, "Params"):
			literal, err = c.object(bare, o.query)
			args = append(args, "&gradus."+literal)
		case len(path) == 0:
			err = fmt.Errorf("there is nothing to give for %s", w.name)
		default:
			literal, err = c.literal(w.kind, path[0].value)
			before += w.name + " := " + literal + "\n"
			args, path = append(args, w.name), path[1:]
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
		f, ok := c.structs[kind][plain(v.name)]
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
	t, timed := moment(v)
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
	return "", fmt.Errorf("how does one write %v as %s?", v, kind)
}
