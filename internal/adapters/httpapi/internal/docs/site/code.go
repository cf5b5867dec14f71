package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"sync"

	"github.com/alecthomas/chroma/v2"
	formatter "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// lexerFiles define the languages of code blocks. The package lexers of chroma would add
// 29 ms to each start of the program.
//
//go:embed lexers/*.xml
var lexerFiles embed.FS

// languages maps the languages of code blocks to files of lexerFiles.
var languages = map[string]string{
	"json": "json", "sh": "bash", "ts": "typescript", "tsx": "typescript", "js": "typescript", "go": "go", "python": "python",
	"sql": "sql", "yaml": "yaml", "diff": "diff", "ini": "ini", "env": "ini",
}

var loadLexers = sync.OnceValues(func() (map[string]chroma.Lexer, error) {
	lexers := map[string]chroma.Lexer{}
	for language, file := range languages {
		l, err := chroma.NewXMLLexer(lexerFiles, "lexers/"+file+".xml")
		if err != nil {
			return nil, fmt.Errorf("lexer %s: %w", file, err)
		}
		lexers[language] = chroma.Coalesce(l)
	}
	return lexers, nil
})

// The classes of the tokens are those of Pygments. style.css has their colors.
var (
	formatCode = formatter.New(formatter.WithClasses(true), formatter.PreventSurroundingPre(true))
	noStyle    = chroma.MustNewStyle("none", chroma.StyleEntries{})
)

// highlight returns code as HTML, with a class for each token. It returns code in a
// language without a lexer as it is.
func highlight(language, code string) (template.HTML, error) {
	lexers, err := loadLexers()
	if err != nil {
		return "", err
	}
	lexer := lexers[language]
	if lexer == nil {
		return template.HTML(template.HTMLEscapeString(code)), nil //nolint:gosec // escaped
	}
	tokens, err := lexer.Tokenise(nil, code)
	if err != nil {
		return "", fmt.Errorf("highlight %s: %w", language, err)
	}
	var b bytes.Buffer
	err = formatCode.Format(&b, noStyle, tokens)
	return template.HTML(b.String()), err //nolint:gosec // escaped by the formatter
}

// codeRenderer renders code blocks with highlight.
type codeRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (c codeRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, c.render)
}

func (codeRenderer) render(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.FencedCodeBlock)
	language := string(n.Language(source))
	html, err := highlight(language, string(n.Lines().Value(source)))
	if err != nil {
		return ast.WalkStop, err
	}
	pre := "<pre>"
	if language == "json" { // its texts are long
		pre = `<pre class="wrap">`
	}
	_, err = w.WriteString(pre + "<code>" + string(html) + "</code></pre>\n")
	return ast.WalkSkipChildren, err
}
