package site

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"path"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// writer renders Markdown as HTML. It links the names of operations and problem codes, so
// that the text needs no links of its own.
type writer struct {
	md         goldmark.Markdown
	operations map[string]target // by "GET /me"
	table      map[string]entry  // of problems by code
	api        string            // the URL of the API
	places     map[string]string // the path of the page of each file in docs
	files      map[string]string // the reverse of places
}

// target is where an operation is described.
type target struct {
	html, markdown string
}

func newWriter(spec *openapi3.T, table map[string]entry, places map[string]string) *writer {
	w := &writer{
		md: goldmark.New(
			// Align by attribute: Policy forbids style attributes.
			goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))),
			goldmark.WithParserOptions(parser.WithAutoHeadingID()),
			goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(codeRenderer{}, 100))), // before the default
		),
		operations: map[string]target{},
		table:      table,
		places:     places,
		files:      map[string]string{},
	}
	for file, at := range places {
		w.files[at] = file
	}
	for p, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			w.operations[method+" "+p] = target{
				"/docs#tag/" + op.Tags[0] + "/" + method + p, OperationsPath + "/" + op.OperationID + ".md",
			}
		}
	}
	return w
}

// document is a rendered text.
type document struct {
	title    string // the first heading
	lead     string // the first paragraph
	body     template.HTML
	markdown []byte // with links to Markdown
	headings []link // of the second level
	links    []string
	about    map[string]string // what a table says about the page that its first column links to
	parts    []part
}

// part is what follows a heading, for the search.
type part struct{ id, title, text string }

// document renders a text. file is where it is in the folder docs, to which its links are
// relative.
func (w *writer) document(file string, source []byte) (document, error) {
	root := w.md.Parser().Parse(text.NewReader(source))
	d := document{markdown: w.markdown(file, source), parts: parts(root, source)}
	var errs []error
	var names []*ast.CodeSpan
	var about []*tables.TableRow
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			switch n.Level {
			case 1:
				d.title = plain(n, source)
			case 2:
				d.headings = append(d.headings, link{Path: "#" + headingID(n), Title: plain(n, source)})
			}
		case *ast.Paragraph:
			if d.lead == "" {
				d.lead = plain(n, source)
			}
		case *tables.Table:
			labelCells(n, source)
		case *tables.TableRow:
			about = append(about, n)
		case *ast.Link:
			at, err := w.served(file, string(n.Destination))
			errs = append(errs, err)
			n.Destination = []byte(at)
			d.links = append(d.links, at)
			return ast.WalkSkipChildren, nil
		case *ast.CodeSpan:
			names = append(names, n)
		}
		return ast.WalkContinue, nil
	})
	d.about = descriptions(about, source)
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

// served returns the path that a link of a file leads to.
func (w *writer) served(file, destination string) (string, error) {
	name, fragment, found := strings.Cut(destination, "#")
	if name == "" || strings.HasPrefix(name, "/") || strings.Contains(name, ":") {
		return destination, nil
	}
	at, ok := w.places[path.Join(path.Dir(file), name)]
	if !ok {
		return "", fmt.Errorf("%s links to %s, which the server does not serve", file, destination)
	}
	if found {
		at += "#" + fragment
	}
	return at, nil
}

// labelCells gives each cell the heading of its column, which style.css shows on small
// screens, where each row becomes a list.
func labelCells(table *tables.Table, source []byte) {
	var labels []string
	for c := table.FirstChild().FirstChild(); c != nil; c = c.NextSibling() {
		labels = append(labels, plain(c, source))
	}
	for row := table.FirstChild().NextSibling(); row != nil; row = row.NextSibling() {
		i := 0
		for c := row.FirstChild(); c != nil && i < len(labels); c = c.NextSibling() {
			c.SetAttributeString("data-label", []byte(labels[i]))
			i++
		}
	}
}

// descriptions returns the second cell of each row whose first cell is a link.
func descriptions(rows []*tables.TableRow, source []byte) map[string]string {
	out := map[string]string{}
	for _, row := range rows {
		l, ok := row.FirstChild().FirstChild().(*ast.Link)
		if second := row.FirstChild().NextSibling(); ok && second != nil {
			out[string(l.Destination)] = plain(second, source)
		}
	}
	return out
}

var operationName = regexp.MustCompile(`^(?:GET|POST|PUT|PATCH|DELETE) /`)

// link turns the name of an operation, such as `GET /me`, or a problem code into a link.
func (w *writer) link(n *ast.CodeSpan, name string) error {
	to, err := w.named(name)
	if err != nil || to.html == "" {
		return err
	}
	l := ast.NewLink()
	l.Destination = []byte(to.html)
	n.Parent().ReplaceChild(n.Parent(), n, l)
	l.AppendChild(l, n)
	return nil
}

// named returns where the operation or problem with a name is described, if it is one.
func (w *writer) named(name string) (target, error) {
	name = strings.Join(strings.Fields(name), " ")
	if _, ok := w.table[name]; ok {
		at := ProblemsPath + "/" + name
		return target{at, at + MarkdownSuffix}, nil
	}
	bare, _, _ := strings.Cut(name, "?")
	to, ok := w.operations[bare]
	if !ok && operationName.MatchString(name) {
		return target{}, fmt.Errorf("there is no operation %q", name)
	}
	return to, nil
}

// unlinked reports whether a name is between double backticks: it only looks like a name of
// the contract.
func unlinked(n *ast.CodeSpan, source []byte) bool {
	t, ok := n.FirstChild().(*ast.Text)
	return ok && bytes.HasSuffix(source[:t.Segment.Start], []byte("``"))
}

// parts returns the text below each heading of the second and third level.
func parts(root ast.Node, source []byte) []part {
	all := []part{{}}
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		last := &all[len(all)-1]
		h, ok := n.(*ast.Heading)
		switch {
		case n.Kind() == ast.KindHTMLBlock: // a comment
		case ok && h.Level == 1:
			last.title = plain(h, source)
		case ok && h.Level <= 3:
			all = append(all, part{id: headingID(h), title: plain(h, source)})
		default:
			last.text += plain(n, source) + " "
		}
	}
	return all
}

func headingID(h *ast.Heading) string {
	id, _ := h.AttributeString("id")
	text, _ := id.([]byte)
	return string(text)
}

// plain returns the text of a node without markup.
func plain(n ast.Node, source []byte) string {
	if n.Type() == ast.TypeBlock && n.FirstChild() == nil {
		return string(n.Lines().Value(source)) // code
	}
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
		if c.Type() == ast.TypeBlock {
			b.WriteByte(' ')
		}
	}
	return b.String()
}
