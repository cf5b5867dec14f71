package site

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gradus-dev/gradus/docs"
)

// guides renders the articles below GuidesPath. The index, README.md, links to the guides in
// reading order.
func (w *writer) guides() (Site, error) {
	index, err := w.guide("README")
	if err != nil {
		return nil, err
	}
	var menu []link
	texts := map[string]document{GuidesPath: index}
	for _, l := range index.links {
		name, ok := strings.CutPrefix(l, GuidesPath+"/")
		if !ok {
			continue
		}
		d, err := w.guide(name)
		if err != nil {
			return nil, err
		}
		texts[l] = d
		menu = append(menu, link{Path: l, Title: d.title})
	}
	if err := unlisted(texts); err != nil {
		return nil, err
	}
	site := Site{}
	for at, d := range texts {
		a := article{Title: d.title, Menu: "Guides", Links: slices.Clone(menu), Body: d.body}
		if i := slices.IndexFunc(menu, func(l link) bool { return l.Path == at }); i >= 0 {
			a.Links[i].Here, a.Links[i].Parts = true, d.headings
			a.Before, a.After = neighbour(menu, i-1), neighbour(menu, i+1)
		}
		if site[at], err = a.html(); err != nil {
			return nil, err
		}
	}
	return site, nil
}

func (w *writer) guide(name string) (document, error) {
	source, err := docs.Guides.ReadFile("guides/" + name + ".md")
	if err != nil {
		return document{}, err
	}
	d, err := w.document(source)
	if err != nil {
		return document{}, fmt.Errorf("%s.md: %w", name, err)
	}
	return d, nil
}

// unlisted returns an error for each guide that the index does not link to.
func unlisted(listed map[string]document) error {
	files, err := docs.Guides.ReadDir("guides")
	var errs []error
	for _, f := range files {
		if at := served(path.Base(f.Name())); listed[at].title == "" {
			errs = append(errs, fmt.Errorf("README.md does not link to %s, or it has no heading", f.Name()))
		}
	}
	return errors.Join(append(errs, err)...)
}

func neighbour(menu []link, i int) *link {
	if i < 0 || i >= len(menu) {
		return nil
	}
	return &menu[i]
}
