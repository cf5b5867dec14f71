package site

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// writer renders Markdown as HTML. It links the names of operations and problem codes, so
// that the text needs no links of its own.
type writer struct {
	md         goldmark.Markdown
	operations map[string]string // by "GET /me": the path and fragment in the reference
	table      map[string]entry  // of problems by code
}

func newWriter(spec *openapi3.T, table map[string]entry) *writer {
	w := &writer{
		md: goldmark.New(
			// Align by attribute: Policy forbids style attributes.
			goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))),
			goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		),
		operations: map[string]string{},
		table:      table,
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			w.operations[method+" "+path] = "/docs#tag/" + op.Tags[0] + "/" + method + path
		}
	}
	return w
}

// document is a rendered text.
type document struct {
	title    string // the first heading
	body     template.HTML
	headings []link // of the second level
	links    []string
}

// document renders a text.
func (w *writer) document(source []byte) (document, error) {
	root := w.md.Parser().Parse(text.NewReader(source))
	var d document
	var errs []error
	var names []*ast.CodeSpan
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			id, _ := n.AttributeString("id")
			heading, _ := id.([]byte)
			switch n.Level {
			case 1:
				d.title = plain(n, source)
			case 2:
				d.headings = append(d.headings, link{Path: "#" + string(heading), Title: plain(n, source)})
			}
		case *ast.Link:
			n.Destination = []byte(served(string(n.Destination)))
			d.links = append(d.links, string(n.Destination))
			return ast.WalkSkipChildren, nil
		case *ast.CodeSpan:
			names = append(names, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range names {
		if !unlinked(n, source) {
			errs = append(errs, w.link(n, plain(n, source)))
		}
	}
	if err := errors.Join(append(errs, err)...); err != nil {
		return document{}, err
	}
	var b bytes.Buffer
	if err := w.md.Renderer().Render(&b, source, root); err != nil {
		return document{}, err
	}
	d.body = template.HTML(b.String()) //nolint:gosec // rendered from our own text by goldmark, which omits raw HTML
	return d, nil
}

// served returns the path at which a file of docs/guides is served.
func served(destination string) string {
	file, fragment, found := strings.Cut(destination, "#")
	name, isGuide := strings.CutSuffix(file, ".md")
	if !isGuide || strings.Contains(name, "/") {
		return destination
	}
	path := GuidesPath
	if name != "README" {
		path += "/" + name
	}
	if found {
		path += "#" + fragment
	}
	return path
}

var operationName = regexp.MustCompile(`^(?:GET|POST|PUT|PATCH|DELETE) /`)

// link turns the name of an operation, such as `GET /me`, or a problem code into a link.
func (w *writer) link(n *ast.CodeSpan, name string) error {
	name = strings.Join(strings.Fields(name), " ")
	bare, _, _ := strings.Cut(name, "?")
	target := w.operations[bare]
	if _, ok := w.table[name]; ok {
		target = ProblemsPath + "/" + name
	}
	if target == "" && operationName.MatchString(name) {
		return fmt.Errorf("there is no operation %q", name)
	}
	if target == "" {
		return nil
	}
	l := ast.NewLink()
	l.Destination = []byte(target)
	n.Parent().ReplaceChild(n.Parent(), n, l)
	l.AppendChild(l, n)
	return nil
}

// unlinked reports whether a name is between double backticks: it only looks like a name of
// the contract.
func unlinked(n *ast.CodeSpan, source []byte) bool {
	t, ok := n.FirstChild().(*ast.Text)
	return ok && bytes.HasSuffix(source[:t.Segment.Start], []byte("``"))
}

// plain returns the text of a node without markup.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
			if t.SoftLineBreak() {
				b.WriteByte(' ')
			}
			continue
		}
		b.WriteString(plain(c, source))
	}
	return b.String()
}
