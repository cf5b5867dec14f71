package site

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gradus-dev/gradus/docs"
)

// section is a part of the site whose pages are files of the folder docs.
type section struct {
	menu, path, folder string
}

var sections = []section{
	{"Guides", GuidesPath, "guides"},
	{"Operate", OperatePath, "operate"},
}

// places returns the path of the page of each file in docs.Pages.
func places() (map[string]string, error) {
	out := map[string]string{}
	err := fs.WalkDir(docs.Pages, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		folder, name := path.Split(strings.TrimSuffix(file, ".md"))
		at := OperatePath // of the files in docs itself
		if folder == "guides/" {
			at = GuidesPath
		}
		if name != "README" {
			at += "/" + name
		}
		out[file] = at
		return nil
	})
	return out, err
}

// section renders the pages of a section. Its index, README.md, links to the others in
// reading order.
func (w *writer) section(s section) ([]page, error) {
	index, err := w.file(s.folder + "/README.md")
	if err != nil {
		return nil, err
	}
	var menu []link
	texts := map[string]document{s.path: index}
	for _, l := range index.links {
		at := strings.TrimSuffix(l, "/")
		file, ok := w.files[at]
		if !ok || !strings.HasPrefix(at, s.path+"/") {
			continue
		}
		d, err := w.file(file)
		if err != nil {
			return nil, err
		}
		texts[at] = d
		menu = append(menu, link{Path: at, Title: d.title})
	}
	if err := w.unlisted(s, texts); err != nil {
		return nil, err
	}
	pages := []page{w.page(s, index, menu, -1)}
	for i, l := range menu {
		pages = append(pages, w.page(s, texts[l.Path], menu, i))
	}
	return pages, nil
}

// page returns the page number i of a menu; the index is -1.
func (w *writer) page(s section, d document, menu []link, i int) page {
	a := article{Title: d.title, Menu: s.menu, Links: slices.Clone(menu), Body: d.body}
	at := s.path
	if i >= 0 {
		at = menu[i].Path
		a.Links[i].Here, a.Links[i].Parts = true, d.headings
		a.Before, a.After = neighbour(menu, i-1), neighbour(menu, i+1)
	}
	return page{path: at, kind: s.menu, document: d, article: a}
}

func (w *writer) file(file string) (document, error) {
	source, err := docs.Pages.ReadFile(file)
	if err != nil {
		return document{}, err
	}
	d, err := w.document(file, source)
	if err != nil {
		return document{}, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

// unlisted returns an error for each page of a section that its index does not link to.
func (w *writer) unlisted(s section, listed map[string]document) error {
	var errs []error
	for file, at := range w.places {
		if (at == s.path || strings.HasPrefix(at, s.path+"/")) && listed[at].title == "" {
			errs = append(errs, fmt.Errorf("%s/README.md does not link to %s, or it has no heading", s.folder, file))
		}
	}
	return errors.Join(errs...)
}

func neighbour(menu []link, i int) *link {
	if i < 0 || i >= len(menu) {
		return nil
	}
	return &menu[i]
}
