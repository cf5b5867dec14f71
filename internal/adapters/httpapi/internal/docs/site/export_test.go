package site

import "github.com/getkin/kin-openapi/openapi3"

// Render renders Markdown like a guide, for a contract with one problem code.
func Render(spec *openapi3.T, code, text string) (string, error) {
	d, err := newWriter(spec, map[string]entry{code: {}}).document([]byte(text))
	return string(d.body), err
}

// Unlisted checks the guides against an index without links.
func Unlisted() error { return unlisted(map[string]document{GuidesPath: {title: "Guides"}}) }
