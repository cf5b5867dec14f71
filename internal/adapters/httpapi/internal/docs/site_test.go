package docs_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
)

// The type of each problem links to an article.
func TestProblems_HaveArticles(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	list := s.Do(t, servertest.Document("/problems"))
	codes, statuses := servertest.ProblemCodes(t)
	for _, code := range codes {
		got := s.Do(t, servertest.Document("/problems/"+code))
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/html; charset=UTF-8" {
			t.Errorf("%s returned %d %s", code, got.StatusCode, got.Text)
		}
		want := fmt.Sprintf("<p><code>%s</code> has the status %v ", code, statuses[code])
		if !strings.Contains(got.Text, want) {
			t.Errorf("the article on %s lacks %q:\n%s", code, want, got.Text)
		}
		if link := `<a href="/problems/` + code + `"><code>`; !strings.Contains(list.Text, link) {
			t.Errorf("the list of problems has no %s", link)
		}
		exampleOf(t, got, code)
	}
	s.Do(t, servertest.Document("/problems/nonsense")).WantProblem(t, 404, "not_found")
}

// exampleOf parses the example in the article on a problem and checks it against the contract.
func exampleOf(t *testing.T, r servertest.Response, code string) servertest.Problem {
	t.Helper()
	m := regexp.MustCompile(`(?s)<h2 id="example-response">.*?<pre class="wrap"><code>(.*?)</code></pre>`).FindStringSubmatch(r.Text)
	if m == nil {
		t.Fatalf("the article on %s has no example:\n%s", code, r.Text)
	}
	text := html.UnescapeString(tag.ReplaceAllString(m[1], ""))
	var p servertest.Problem
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("the example of %s: %v\n%s", code, err, text)
	}
	if err := servertest.Spec(t).Components.Schemas["Problem"].Value.VisitJSON(decoded(t, text)); err != nil || p.Code != code || p.Detail == "" {
		t.Errorf("the example of %s is not a response with it: %v\n%s", code, err, text)
	}
	return p
}

var tag = regexp.MustCompile(`<[^>]*>`)

func decoded(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestProblems_ListWhereTheyOccur(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	tests := map[string]struct {
		code string
		want []string
	}{
		"in operations, with links to them": {"batch_full", []string{
			`<a href="/docs#tag/students/POST/me/enrolment"><code>POST /me/enrolment</code></a>: Join a batch`,
		}},
		"at any path": {"internal", []string{"Any path can return it."}},
		"in a field":  {"registration_key_invalid", []string{"&#34;pointer&#34;: &#34;/registration_key&#34;", domain.ErrRegistrationKeyInvalid.Detail}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.Do(t, servertest.Document("/problems/"+tt.code))
			for _, want := range tt.want {
				if !strings.Contains(tag.ReplaceAllString(got.Text, ""), want) && !strings.Contains(got.Text, want) {
					t.Errorf("the article on %s lacks %q:\n%s", tt.code, want, got.Text)
				}
			}
		})
	}
}

func TestProblems_FillInThePathOfTheExample(t *testing.T) {
	t.Parallel()
	shown := exampleOf(t, servertest.Start(t).Do(t, servertest.Document("/problems/last_admin")), "last_admin")
	if !regexp.MustCompile(`^/api/v1/users/[0-9a-f-]{36}/(role|suspension)$`).MatchString(shown.Instance) {
		t.Errorf("the instance is %s", shown.Instance)
	}
}

// The example has the same errors as the server returns.
func TestProblems_ShowTheFieldOfTheResponse(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Students.EXPECT().Join(servertest.Anything, s.Actor, "x").Return(domain.Student{}, domain.ErrRegistrationKeyInvalid)
	returned := s.Do(t, servertest.Post("/me/enrolment", `{"registration_key": "x"}`)).WantProblem(t, 422, "registration_key_invalid")
	shown := exampleOf(t, s.Do(t, servertest.Document("/problems/registration_key_invalid")), "registration_key_invalid")
	if fmt.Sprint(returned.Errors) != fmt.Sprint(shown.Errors) || len(shown.Errors) != 1 {
		t.Errorf("the server returned the errors %v, the article shows %v", returned.Errors, shown.Errors)
	}
}

func TestPages_AreAlsoMarkdown(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	tests := map[string]struct{ path, accept, want, mediaType string }{
		"a guide":                           {"/docs/guides/errors.md", "", "# Errors\n", "text/markdown; charset=utf-8"},
		"a page for operators":              {"/docs/operate/install.md", "text/html", "# Install\n", "text/markdown; charset=utf-8"},
		"a problem":                         {"/problems/busy.md", "", "## What to do\n", "text/markdown; charset=utf-8"},
		"the reference":                     {"/docs.md", "", "](/docs/operations/CreateBatch.md)", "text/markdown; charset=utf-8"},
		"an operation":                      {"/docs/operations/CreateBatch.md", "", "# Create a batch\n", "text/markdown; charset=utf-8"},
		"the index of the guides":           {"/docs/guides.md", "", "# Guides\n", "text/markdown; charset=utf-8"},
		"a client that asks for Markdown":   {"/docs/guides/errors", "text/markdown, text/html;q=0.9", "# Errors\n", "text/markdown; charset=utf-8"},
		"a client that rejects Markdown":    {"/docs/guides/errors", "text/markdown;q=0, */*", "<!doctype html>", "text/html; charset=UTF-8"},
		"a browser":                         {"/docs/guides/errors", "text/html,application/xhtml+xml,*/*;q=0.8", "<!doctype html>", "text/html; charset=UTF-8"},
		"an operation has no HTML":          {"/docs/operations/CreateBatch", "", "not_found", "application/problem+json"},
		"there is no Markdown of nonsense":  {"/docs/guides/nonsense.md", "", "not_found", "application/problem+json"},
		"one suffix is enough":              {"/docs/guides/errors.md.md", "", "not_found", "application/problem+json"},
		"the list of all pages":             {"/llms.txt", "", "](/docs/guides/errors.md): ", "text/plain; charset=utf-8"},
		"the documents that the search has": {"/docs/search.json", "", `"title":"Create a batch"`, "application/json"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.Do(t, servertest.Document(tt.path).With("Accept", tt.accept))
			if !strings.Contains(got.Text, tt.want) || got.Header.Get("Content-Type") != tt.mediaType {
				t.Errorf("%s returned %d %s without %q:\n%.500s", tt.path, got.StatusCode, got.Header.Get("Content-Type"), tt.want, got.Text)
			}
			if strings.HasPrefix(tt.path, "/docs/guides/errors") && got.StatusCode == http.StatusOK && !got.Varies("Accept") {
				t.Errorf("the response varies by %q", got.Header.Values("Vary"))
			}
		})
	}
}

func TestGuides_AreServed(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	got := s.Do(t, servertest.Document("/docs/guides/authentication"))
	for _, want := range []string{
		"<h1 id=\"authentication\">Authentication</h1>",                                  // the text
		`<a href="/docs#tag/accounts/POST/auth/login"><code>POST /auth/login</code></a>`, // links to operations
		`<a href="/problems/cross_origin"><code>cross_origin</code></a>`,                 // and to problem codes
		`aria-current="page">Authentication</a>`,                                         // the current article in the menu
		`href="#csrf-protection"`,                                                        // and its headings
		`rel="prev">← Getting started</a>`, `rel="next">Two-factor authentication →</a>`,
	} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the guide lacks %s", want)
		}
	}
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Errorf("the guide returned %d %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
	s.Do(t, servertest.Document("/docs/guides/nonsense")).WantProblem(t, 404, "not_found")
	s.Do(t, servertest.Document("/docs/guides/README")).WantProblem(t, 404, "not_found")
}

const strictPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// connectPage is not an article. It has a policy and tests of its own.
const connectPage = "/wakatime"

var (
	reference = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	anchor    = regexp.MustCompile(`\sid="([^"]*)"`)
	forbidden = regexp.MustCompile(`<script>|<script [^>]*[^/>]>[^<]|<style|\sstyle=|\son\w+=|<iframe|<img`)
)

// All links work, including those to headings, and the articles comply with their policy.
func TestArticles_HaveNoDeadLinks(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	places := map[string]bool{} // of the reference
	for path, item := range servertest.Spec(t).Paths.Map() {
		for method, op := range item.Operations() {
			places["tag/"+op.Tags[0]+"/"+method+path] = true
		}
	}
	type link struct{ from, to string }
	var anchored []link
	anchors, seen := map[string]map[string]bool{}, map[string]bool{}
	for queue := []link{{"", "/docs/guides"}, {"", "/docs/operate"}, {"", "/problems"}}; len(queue) > 0; queue = queue[1:] {
		from, to := queue[0].from, queue[0].to
		path, fragment, found := strings.Cut(to, "#")
		if path == "" {
			path = from
		}
		if found {
			anchored = append(anchored, link{from, path + "#" + fragment})
		}
		if seen[path] || strings.HasPrefix(path, "https://") || path == "data:," || path == connectPage {
			continue
		}
		seen[path] = true
		got := s.Do(t, servertest.Document(path))
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s links to %s, which returned %d", from, to, got.StatusCode)
		}
		if path == "/docs" || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
			continue
		}
		anchors[path] = map[string]bool{}
		for _, m := range anchor.FindAllStringSubmatch(got.Text, -1) {
			anchors[path][m[1]] = true
		}
		for _, m := range reference.FindAllStringSubmatch(got.Text, -1) {
			queue = append(queue, link{path, html.UnescapeString(m[1])})
		}
		if bad := forbidden.FindString(got.Text); bad != "" {
			t.Errorf("%s has %q, which its policy forbids", path, bad)
		}
		if p := got.Header.Get("Content-Security-Policy"); p != strictPolicy {
			t.Errorf("the policy of %s is %q", path, p)
		}
	}
	for _, l := range anchored {
		path, fragment, _ := strings.Cut(l.to, "#")
		place, err := url.PathUnescape(fragment)
		if err != nil || !anchors[path][fragment] && (path != "/docs" || !places[place]) {
			t.Errorf("%s links to %s, which does not exist", l.from, l.to)
		}
	}
	if codes, _ := servertest.ProblemCodes(t); len(anchors) < len(codes)+12 || len(anchored) < 100 {
		t.Errorf("found only %d articles and %d anchors", len(anchors), len(anchored))
	}
}
