package docs_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"github.com/gradus-dev/gradus/api"
)

// file holds what the tests check in a Markdown file.
type file struct {
	links    []string
	anchors  map[string]bool
	examples []example
}

// example is a JSON code block. Its info string may name the schema that it must match,
// as in "json Problem".
type example struct{ text, schema string }

func read(t *testing.T, path string) file {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := file{anchors: map[string]bool{}}
	root := goldmark.New(goldmark.WithParserOptions(parser.WithAutoHeadingID())).Parser().Parse(text.NewReader(source))
	err = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			id, _ := n.AttributeString("id")
			f.anchors[string(id.([]byte))] = true
		case *ast.Link:
			f.links = append(f.links, string(n.Destination))
		case *ast.FencedCodeBlock:
			if string(n.Language(source)) == "json" {
				_, schema, _ := strings.Cut(string(n.Info.Value(source)), " ")
				f.examples = append(f.examples, example{string(n.Lines().Value(source)), schema})
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// markdownFiles returns the paths of the Markdown files in the repository.
func markdownFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{".", "../clients"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case d.Name() == "node_modules" || d.Name() != "." && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
				return filepath.SkipDir
			case strings.HasSuffix(path, ".md"):
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 20 {
		t.Fatalf("found only %d Markdown files: the test searches the wrong folder", len(files))
	}
	return files
}

// Checks links between files. A test of the HTTP adapter checks links to pages that the
// server renders.
func TestLinks_ResolveToFilesAndHeadings(t *testing.T) {
	t.Parallel()
	for _, path := range markdownFiles(t) {
		f := read(t, path)
		for _, link := range f.links {
			if strings.Contains(link, "://") || strings.HasPrefix(link, "/") {
				continue
			}
			to, anchor, anchored := strings.Cut(link, "#")
			target, there := path, f
			if to != "" {
				target = filepath.Join(filepath.Dir(path), to)
				if _, err := os.Stat(target); err != nil {
					t.Errorf("%s links to %s, which does not exist", path, link)
					continue
				}
				if strings.HasSuffix(to, ".md") {
					there = read(t, target)
				}
			}
			if anchored && !there.anchors[anchor] {
				t.Errorf("%s links to %s, but %s has no such heading", path, link, target)
			}
		}
	}
}

func TestExamples_MatchTheContract(t *testing.T) {
	t.Parallel()
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, path := range markdownFiles(t) {
		for _, e := range read(t, path).examples {
			var value any
			if err := json.Unmarshal([]byte(e.text), &value); err != nil {
				t.Errorf("%s: a JSON code block is not valid JSON: %v\n%s", path, err, e.text)
				continue
			}
			if e.schema == "" {
				continue
			}
			checked++
			schema := spec.Components.Schemas[e.schema]
			if schema == nil {
				t.Errorf("%s: the contract has no schema %s", path, e.schema)
			} else if err := schema.Value.VisitJSON(value); err != nil {
				t.Errorf("%s: an example does not match the schema %s: %v", path, e.schema, err)
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d examples name a schema", checked)
	}
}
