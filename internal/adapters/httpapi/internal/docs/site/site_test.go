package site_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs/site"
)

func render(text string) (string, error) {
	spec := &openapi3.T{Paths: openapi3.NewPaths()}
	spec.Paths.Set("/teams/{team_id}", &openapi3.PathItem{Get: &openapi3.Operation{Tags: []string{"teams"}}})
	return site.Render(spec, "team_full", text)
}

func TestMarkdown_makesLinks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"of operations":                  {"`GET /teams/{team_id}`", `<a href="/docs#tag/teams/GET/teams/%7Bteam_id%7D"><code>GET /teams/{team_id}</code></a>`},
		"of operations across a line":    {"`GET\n/teams/{team_id}`", `<a href="/docs#tag/teams/GET/teams/%7Bteam_id%7D"><code>GET /teams/{team_id}</code></a>`},
		"of operations with a query":     {"`GET /teams/{team_id}?x=1`", `<a href="/docs#tag/teams/GET/teams/%7Bteam_id%7D">`},
		"of problem codes":               {"`team_full`", `<a href="/problems/team_full"><code>team_full</code></a>`},
		"of no name in double backticks": {"``team_full``", `<p><code>team_full</code></p>`},
		"of no other words":              {"`team`", `<p><code>team</code></p>`},
		"of names that are links once":   {"[`team_full`](errors.md)", `<p><a href="/docs/guides/errors"><code>team_full</code></a></p>`},
		"to headings of other guides":    {"[x](errors.md#again)", `<a href="/docs/guides/errors#again">`},
		"to the index":                   {"[x](README.md)", `<a href="/docs/guides">`},
		"to other servers, unchanged":    {"[x](https://a.example/b.md)", `<a href="https://a.example/b.md">`},
		"but shows no HTML of the text":  {"a <script>b</script>", "<p>a <!-- raw HTML omitted -->b<!-- raw HTML omitted --></p>"},
		"and tables without styles":      {"| a |\n| ---: |\n| b |", `<th align="right">a</th>`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := render(tt.text)
			if err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("the page is %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

func TestMarkdown_refusesOperationsThatDoNotExist(t *testing.T) {
	t.Parallel()
	if _, err := render("Call `POST /teams/{team_id}` first."); err == nil || !strings.Contains(err.Error(), "POST /teams/{team_id}") {
		t.Errorf("the error is %v; it should name the operation", err)
	}
}

func TestGuides_thatNobodyWouldFind(t *testing.T) {
	t.Parallel()
	if err := site.Unlisted(); err == nil || !strings.Contains(err.Error(), "errors.md") {
		t.Errorf("the error is %v; it should name the guides that the index leaves out", err)
	}
}
