package site

import "github.com/getkin/kin-openapi/openapi3"

// Render renders Markdown like a guide, for a contract with one problem code, as HTML and as
// Markdown.
func Render(spec *openapi3.T, code, text string) (html, markdown string, err error) {
	at, err := places()
	if err != nil {
		return "", "", err
	}
	d, err := newWriter(spec, map[string]entry{code: {}}, at).document("guides/test.md", []byte(text))
	return string(d.body), string(d.markdown), err
}

// Unlisted checks the guides against an index without links.
func Unlisted() error {
	at, err := places()
	if err != nil {
		return err
	}
	w := newWriter(&openapi3.T{Paths: openapi3.NewPaths()}, nil, at)
	return w.unlisted(sections[0], map[string]document{GuidesPath: {title: "Guides"}})
}
