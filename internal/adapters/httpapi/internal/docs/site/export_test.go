package site

import "github.com/getkin/kin-openapi/openapi3"

// Render turns Markdown into HTML as that of the guides is, for a contract with one
// problem code.
func Render(spec *openapi3.T, code, text string) (string, error) {
	d, err := newWriter(spec, map[string]entry{code: {}}).document([]byte(text))
	return string(d.body), err
}

// Unlisted looks for guides when the index alone is listed.
func Unlisted() error { return unlisted(map[string]document{GuidesPath: {title: "Guides"}}) }
