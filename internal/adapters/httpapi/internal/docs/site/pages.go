// Package site makes the HTML that people read about the API: the guides of
// docs/guides, and a page for each problem of api/problems.
package site

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
)

// Where the pages are.
const (
	GuidesPath   = "/docs/guides"
	ProblemsPath = problem.DocsPath
	StylePath    = "/docs/style.css"
)

// Policy is the Content-Security-Policy of the pages: they show text with our own
// stylesheet, and nothing else.
const Policy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Style is the stylesheet of all pages.
//
//go:embed style.css
var Style []byte

// Site is every page, by its path.
type Site map[string][]byte

// New makes all pages. details gives the sentence that each problem code comes with.
func New(spec *openapi3.T, details map[string]string) (Site, error) {
	table, err := readProblems()
	if err != nil {
		return nil, err
	}
	w := newWriter(spec, table)
	guides, err := w.guides()
	if err != nil {
		return nil, fmt.Errorf("docs/guides: %w", err)
	}
	problems, err := w.problems(spec, details)
	if err != nil {
		return nil, fmt.Errorf("api/problems: %w", err)
	}
	maps.Copy(guides, problems)
	return guides, nil
}

//go:embed page.html
var pageHTML string

//go:embed problem.html
var problemHTML string

var (
	pageTemplate    = template.Must(template.New("page").Parse(pageHTML))
	problemTemplate = template.Must(template.New("problem").Parse(problemHTML))
)

// page is one page as the template sees it.
type page struct {
	Title  string
	Menu   string // the heading of Links
	Links  []link // to the pages of the same kind
	Body   template.HTML
	Before *link
	After  *link
}

// link is a line of a menu.
type link struct {
	Path, Title string
	Here        bool
	Parts       []link // the headings of the page that is shown
}

func (p page) html() ([]byte, error) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
