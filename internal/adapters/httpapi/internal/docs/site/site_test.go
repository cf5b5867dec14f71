package site_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs/site"
)

func render(text string) (html, markdown string, err error) {
	spec := &openapi3.T{Paths: openapi3.NewPaths()}
	spec.Paths.Set("/teams/{team_id}", &openapi3.PathItem{Get: &openapi3.Operation{OperationID: "GetTeam", Tags: []string{"teams"}}})
	return site.Render(spec, "team_full", text)
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"an operation becomes a link":                       {"`GET /teams/{team_id}`", `<a href="/docs#tag/teams/GET/teams/%7Bteam_id%7D"><code>GET /teams/{team_id}</code></a>`},
		"an operation across two lines becomes a link":      {"`GET\n/teams/{team_id}`", `<a href="/docs#tag/teams/GET/teams/%7Bteam_id%7D"><code>GET /teams/{team_id}</code></a>`},
		"an operation with a query becomes a link":          {"`GET /teams/{team_id}?x=1`", `<a href="/docs#tag/teams/GET/teams/%7Bteam_id%7D">`},
		"a problem code becomes a link":                     {"`team_full`", `<a href="/problems/team_full"><code>team_full</code></a>`},
		"a name in double backticks becomes no link":        {"``team_full``", `<p><code>team_full</code></p>`},
		"another word becomes no link":                      {"`team`", `<p><code>team</code></p>`},
		"a name within a link stays one link":               {"[`team_full`](errors.md)", `<p><a href="/docs/guides/errors"><code>team_full</code></a></p>`},
		"a link to a heading of another guide is rewritten": {"[x](errors.md#again)", `<a href="/docs/guides/errors#again">`},
		"a link to the index is rewritten":                  {"[x](README.md)", `<a href="/docs/guides">`},
		"a link to another server is kept":                  {"[x](https://a.example/b.md)", `<a href="https://a.example/b.md">`},
		"raw HTML is omitted":                               {"a <script>b</script>", "<p>a <!-- raw HTML omitted -->b<!-- raw HTML omitted --></p>"},
		"tables are aligned without styles":                 {"| a |\n| ---: |\n| b |", `<th align="right">a</th>`},
		"cells have the heading of their column":            {"| a `b` |\n| --- |\n| c |", `<td data-label="a b">c</td>`},
		"code is highlighted with classes":                  {"```json Team\n{\"a\": null}\n```", `<pre class="wrap"><code><span class="p">{</span>`},
		"a prompt in a shell command is highlighted":        {"```sh\nA=$(curl -s \"$B\")\n```", `<span class="nv">`},
		"code of an unknown language is escaped":            {"```\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>"},
		"highlighted code is escaped":                       {"```ts\nconst a = '<b>';\n```", "&lt;b&gt;"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := render(tt.text)
			if err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("the HTML is %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

// Programs read the Markdown: its links lead to Markdown.
func TestMarkdown_LinksLeadToMarkdown(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"an operation":               {"a `GET /teams/{team_id}`.", "a [`GET /teams/{team_id}`](/docs/operations/GetTeam.md)."},
		"a problem code in a table":  {"| `team_full` |\n| --- |", "| [`team_full`](/problems/team_full.md) |\n| --- |"},
		"another guide":              {"[x](errors.md#again)", "[x](/docs/guides/errors.md#again)"},
		"the index":                  {"[x](README.md)", "[x](/docs/guides.md)"},
		"a page for operators":       {"[x](../operations.md#cors)", "[x](/docs/operate/operations.md#cors)"},
		"the reference":              {"[x](/docs)", "[x](/docs.md)"},
		"a problem":                  {"[x](/problems/team_full)", "[x](/problems/team_full.md)"},
		"a file that is not a page":  {"[x](/openapi.yaml)", "[x](/openapi.yaml)"},
		"another server":             {"[x](https://a.example/b.md)", "[x](https://a.example/b.md)"},
		"a name within a link":       {"[`team_full`](errors.md)", "[`team_full`](/docs/guides/errors.md)"},
		"a name in double backticks": {"``team_full``", "`team_full`"},
		"code blocks stay":           {"```sh\n`team_full` [x](errors.md)\n```\n", "```sh\n`team_full` [x](errors.md)\n```\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got, err := render(tt.text); err != nil || got != tt.want {
				t.Errorf("the Markdown is %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

func TestMarkdown_RejectsLinksToFilesThatAreNotServed(t *testing.T) {
	t.Parallel()
	if _, _, err := render("[x](../lessons.md)"); err == nil || !strings.Contains(err.Error(), "lessons.md") {
		t.Errorf("the error is %v; want the file", err)
	}
}

func TestMarkdown_RejectsUnknownOperations(t *testing.T) {
	t.Parallel()
	if _, _, err := render("Call `POST /teams/{team_id}` first."); err == nil || !strings.Contains(err.Error(), "POST /teams/{team_id}") {
		t.Errorf("the error is %v; want the operation", err)
	}
}

func TestGuides_RejectsUnlistedGuides(t *testing.T) {
	t.Parallel()
	if err := site.Unlisted(); err == nil || !strings.Contains(err.Error(), "errors.md") {
		t.Errorf("the error is %v; want the guides that the index does not list", err)
	}
}
