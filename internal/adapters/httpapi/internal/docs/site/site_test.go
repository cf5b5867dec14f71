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
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := render(tt.text)
			if err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("the HTML is %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

func TestMarkdown_RejectsUnknownOperations(t *testing.T) {
	t.Parallel()
	if _, err := render("Call `POST /teams/{team_id}` first."); err == nil || !strings.Contains(err.Error(), "POST /teams/{team_id}") {
		t.Errorf("the error is %v; want the operation", err)
	}
}

func TestGuides_RejectsUnlistedGuides(t *testing.T) {
	t.Parallel()
	if err := site.Unlisted(); err == nil || !strings.Contains(err.Error(), "errors.md") {
		t.Errorf("the error is %v; want the guides that the index does not list", err)
	}
}
