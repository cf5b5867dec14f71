// Package site renders articles about the API as HTML and Markdown: the guides of
// docs/guides, the pages for operators of docs/operate, and one for each problem in
// api/problems. It also renders the reference of each operation as Markdown, llms.txt, and
// the documents that the search finds.
package site

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

// The paths of the articles and of the reference.
const (
	ReferencePath  = "/docs"
	GuidesPath     = "/docs/guides"
	OperatePath    = "/docs/operate"
	OperationsPath = "/docs/operations" // Markdown alone
	ProblemsPath   = problem.DocsPath
)

// Policy is the Content-Security-Policy of the articles: text with our own stylesheet, and
// scripts that search, copy code, and never parse text as HTML.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Style is the stylesheet of all articles.
//
//go:embed style.css
var Style []byte

// Site holds everything that is rendered.
type Site struct {
	Pages  map[string]Page // by path
	Search []byte          // documents for the search, as JSON
	LLMs   []byte          // llms.txt
}

// Page is an article. The reference of an operation has no HTML.
type Page struct{ HTML, Markdown []byte }

// page is an article that is being rendered.
type page struct {
	path string
	kind string // of the search result
	name string // of a problem
	document
	article article
}

// New renders everything. details holds the default detail of each problem code, and url is
// that of the server.
func New(spec *openapi3.T, details map[string]string, url string) (Site, error) {
	table, err := readProblems()
	if err != nil {
		return Site{}, err
	}
	at, err := places()
	if err != nil {
		return Site{}, err
	}
	w := newWriter(spec, table, at)
	w.api = url + spec.Servers[0].URL
	var all []page
	for _, s := range sections {
		pages, err := w.section(s)
		if err != nil {
			return Site{}, fmt.Errorf("docs/%s: %w", s.folder, err)
		}
		all = append(all, pages...)
	}
	problems, err := w.problems(spec, details)
	if err != nil {
		return Site{}, fmt.Errorf("api/problems: %w", err)
	}
	all = append(all, problems...)
	reference, err := w.reference(spec, url)
	if err != nil {
		return Site{}, fmt.Errorf("reference: %w", err)
	}
	return w.site(spec, all, reference)
}

func (w *writer) site(spec *openapi3.T, pages []page, reference []operationPage) (Site, error) {
	out := Site{Pages: map[string]Page{}, LLMs: w.llms(spec, pages, reference)}
	for _, p := range pages {
		p.article.Path = p.path
		html, err := p.article.html()
		if err != nil {
			return Site{}, err
		}
		out.Pages[p.path] = Page{html, p.markdown}
	}
	for _, o := range reference {
		out.Pages[o.path] = Page{Markdown: o.markdown}
	}
	var err error
	out.Search, err = json.Marshal(append(findOperations(spec, reference), findPages(pages)...))
	return out, err
}

//go:embed layout.html
var layoutHTML string

var layoutTemplate = template.Must(template.New("layout").Parse(layoutHTML))

// article is the data of layout.html.
type article struct {
	Path   string
	Title  string
	Menu   string // the heading of Links
	Links  []link // to all pages of the section
	Body   template.HTML
	Before *link
	After  *link
}

// link is an entry of a menu.
type link struct {
	Path, Title string
	Here        bool
	Parts       []link // the headings of the current article
}

func (a article) html() ([]byte, error) {
	var b bytes.Buffer
	if err := layoutTemplate.Execute(&b, a); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
