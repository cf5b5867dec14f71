package site_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs/site"
)

var ours = sync.OnceValues(func() (site.Site, error) {
	spec, err := contract()
	if err != nil {
		return site.Site{}, err
	}
	return site.New(spec, nil, "https://school.example/gradus")
})

var contract = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(api.Spec) })

func load(t *testing.T) site.Site {
	t.Helper()
	s, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	destination = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	code        = regexp.MustCompile("(?s)```.*?```")
)

// All links of Markdown lead to Markdown, to the contract, or to other servers.
func TestMarkdown_HasNoDeadLinks(t *testing.T) {
	t.Parallel()
	s := load(t)
	sources := map[string]string{"/llms.txt": string(s.LLMs)}
	for path, p := range s.Pages {
		if len(p.Markdown) == 0 || !strings.HasPrefix(string(p.Markdown), "# ") {
			t.Errorf("%s.md does not start with a heading: %.100q", path, p.Markdown)
		}
		sources[path] = string(p.Markdown)
	}
	links := 0
	for path, text := range sources {
		for _, m := range destination.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			to, _, _ := strings.Cut(m[1], "#")
			page, isMarkdown := strings.CutSuffix(to, ".md")
			switch _, found := s.Pages[page]; {
			case isMarkdown && found:
				links++
			case strings.HasPrefix(to, "https://"), to == "", to == "/openapi.yaml", to == "/wakatime":
			default:
				t.Errorf("%s links to %s", path, m[1])
			}
		}
	}
	if links < 500 {
		t.Errorf("there are only %d links", links)
	}
}

func TestLLMs_ListsEveryPage(t *testing.T) {
	t.Parallel()
	s := load(t)
	text := string(s.LLMs)
	if !regexp.MustCompile(`^# Gradus\n\n> [^\n]+\n\n`).MatchString(text) {
		t.Errorf("llms.txt starts with %.200q", text)
	}
	for path := range s.Pages {
		if n := strings.Count(text, "]("+path+".md): "); n != 1 {
			t.Errorf("llms.txt lists %s.md %d times", path, n)
		}
	}
	if want := "- [Getting started](/docs/guides/getting-started.md): Make your first requests"; !strings.Contains(text, want) {
		t.Errorf("llms.txt lacks %q, the description in the index", want)
	}
	if bad := regexp.MustCompile(`\n- \[[^\]]*\]\([^)]*\): *\n`).FindString(text); bad != "" {
		t.Errorf("llms.txt does not describe %q", bad)
	}
}

func TestReference_DescribesEveryOperation(t *testing.T) {
	t.Parallel()
	s := load(t)
	spec, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			text := string(s.Pages["/docs/operations/"+op.OperationID].Markdown)
			want := []string{"# " + op.Summary + "\n", "`" + method + " https://school.example/gradus/api/v1" + path + "`", "## Responses", "```ts\n", "```go\n", "```python\n"}
			for _, p := range op.Parameters {
				want = append(want, "- `"+p.Value.Name+"` (")
			}
			codes, _ := op.Extensions["x-problem-codes"].([]any)
			for _, c := range codes {
				want = append(want, fmt.Sprintf("(/problems/%v.md)", c))
			}
			if op.RequestBody != nil {
				want = append(want, "## Request body", "```json\n")
			}
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("the reference of %s lacks %q", op.OperationID, w)
				}
			}
		}
	}
	if me := string(s.Pages["/docs/operations/GetMe"].Markdown); !strings.Contains(me, "- `batch` (object or null, required)") || !strings.Contains(me, "  - `name` (string") {
		t.Errorf("the reference of GetMe does not describe a nullable object:\n%.3000s", me)
	}
	for path, p := range s.Pages {
		if strings.Contains(string(p.Markdown), "(any value") {
			t.Errorf("%s.md has a property without a type", path)
		}
	}
	create := string(s.Pages["/docs/operations/CreateBatch"].Markdown)
	for _, want := range []string{"- `name` (string, at most 100 characters, required)", "- `ends_on` (string, date, required)"} {
		if !strings.Contains(create, want) {
			t.Errorf("the reference of CreateBatch lacks %q:\n%.3000s", want, create)
		}
	}
}

// The search finds every page, and every setting.
func TestSearch_HasEveryPage(t *testing.T) {
	t.Parallel()
	s := load(t)
	var documents []struct{ Kind, Title, Name, Path, Text string }
	if err := json.Unmarshal(s.Search, &documents); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range documents {
		page, _, _ := strings.Cut(d.Path, "#")
		seen[page], seen[d.Title] = true, true
		if d.Title == "" || d.Kind == "" || d.Text == "" && d.Kind != "Guides" && d.Kind != "Operate" {
			t.Errorf("a document is incomplete: %+v", d)
		}
		if page != "/docs" && s.Pages[page].HTML == nil {
			t.Errorf("the search leads to %s", d.Path)
		}
	}
	for path, p := range s.Pages {
		if p.HTML != nil && !seen[path] {
			t.Errorf("the search has no document of %s", path)
		}
	}
	for _, title := range []string{"Create a batch", "GRADUS_PUBLIC_URL", "CSRF protection", "Account is connected to another user"} {
		if !seen[title] {
			t.Errorf("the search does not find %q", title)
		}
	}
}
