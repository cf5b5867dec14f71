// Package site renders HTML articles about the API: the guides of docs/guides, and one for
// each problem in api/problems.
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

// The paths of the articles and their stylesheet.
const (
	GuidesPath   = "/docs/guides"
	ProblemsPath = problem.DocsPath
	StylePath    = "/docs/style.css"
)

// Policy is the Content-Security-Policy of the articles: text with our own stylesheet, and
// nothing else.
const Policy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Style is the stylesheet of all articles.
//
//go:embed style.css
var Style []byte

// Site holds all articles by path.
type Site map[string][]byte

// New renders all articles. details holds the default detail of each problem code.
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

//go:embed layout.html
var layoutHTML string

//go:embed problem.html
var problemHTML string

var (
	layoutTemplate  = template.Must(template.New("layout").Parse(layoutHTML))
	problemTemplate = template.Must(template.New("problem").Parse(problemHTML))
)

// article is the data of layout.html.
type article struct {
	Title  string
	Menu   string // the heading of Links
	Links  []link // to all guides, or to all problems
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
