package site

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gradus-dev/gradus/docs"
)

// guides makes the pages below GuidesPath. The index names the guides in the order in
// which they are read.
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
		p := page{Title: d.title, Menu: "Guides", Links: slices.Clone(menu), Body: d.body}
		if i := slices.IndexFunc(menu, func(l link) bool { return l.Path == at }); i >= 0 {
			p.Links[i].Here, p.Links[i].Parts = true, d.headings
			p.Before, p.After = neighbour(menu, i-1), neighbour(menu, i+1)
		}
		if site[at], err = p.html(); err != nil {
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

// unlisted refuses guides that nobody would find.
func unlisted(listed map[string]document) error {
	files, err := docs.Guides.ReadDir("guides")
	var faults []error
	for _, f := range files {
		if at := served(path.Base(f.Name())); listed[at].title == "" {
			faults = append(faults, fmt.Errorf("README.md does not link to %s, or it has no heading", f.Name()))
		}
	}
	return errors.Join(append(faults, err)...)
}

func neighbour(menu []link, i int) *link {
	if i < 0 || i >= len(menu) {
		return nil
	}
	return &menu[i]
}
