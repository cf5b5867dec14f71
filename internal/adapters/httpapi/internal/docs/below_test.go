package docs_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

const prefix = "/gradus"

// belowPrefix starts a server below a path.
func belowPrefix(t *testing.T) *servertest.Server {
	t.Helper()
	return servertest.Start(t, func(c *httpapi.Config) { c.PublicURL = &url.URL{Scheme: "https", Host: "school.example", Path: prefix} }).Raw(t)
}

var (
	inHTML = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	inText = regexp.MustCompile(`\]\((/[^)]*)\)`)
)

// Below a path, every link of every document leads to another document of this server.
// The documents are found like a browser does, from the root.
func TestDocuments_LinkBelowThePrefix(t *testing.T) {
	t.Parallel()
	s := belowPrefix(t)
	queue, seen := []string{prefix + "/docs", prefix + "/openapi.yaml", prefix + "/llms.txt"}, map[string]bool{}
	for len(queue) > 0 {
		page := queue[0]
		queue = queue[1:]
		if seen[page] {
			continue
		}
		seen[page] = true
		got := s.Do(t, servertest.Document(page))
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s returned %d", page, got.StatusCode)
			continue
		}
		if strings.HasSuffix(page, ".js") {
			continue
		}
		for _, m := range append(inHTML.FindAllStringSubmatch(got.Text, -1), inText.FindAllStringSubmatch(got.Text, -1)...) {
			at, err := (&url.URL{Scheme: "https", Host: "school.example", Path: page}).Parse(m[1])
			switch {
			case err != nil:
				t.Errorf("%s links to %s: %v", page, m[1], err)
			case at.Host != "school.example":
			case !strings.HasPrefix(at.Path, prefix+"/"):
				t.Errorf("%s links to %s, which is not below %s", page, m[1], prefix)
			default:
				queue = append(queue, at.EscapedPath())
			}
		}
	}
	for _, want := range []string{"/docs/guides/errors", "/problems/batch_full", "/docs/style.css", "/docs/reference.css", "/docs/start.js", "/docs/operations/GetMe.md", "/problems/batch_full.md"} {
		if !seen[prefix+want] {
			t.Errorf("no document links to %s", want)
		}
	}
}

// The contract names the server, so that tools which load it send their requests there.
func TestContract_NamesTheServerBelowThePrefix(t *testing.T) {
	t.Parallel()
	s := belowPrefix(t)
	for _, path := range []string{"/openapi.yaml", "/openapi.json"} {
		doc, err := openapi3.NewLoader().LoadFromData([]byte(s.Do(t, servertest.Document(prefix+path)).Text))
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Servers[0].URL; got != prefix+"/api/v1" {
			t.Errorf("%s: the server is %s", path, got)
		}
	}
	s.Do(t, servertest.Document(prefix)).Want(t, 200, `{"service": "gradus", "docs": "/gradus/docs", "guides": "/gradus/docs/guides", "llms": "/gradus/llms.txt", "openapi": "/gradus/openapi.yaml", "api": "/gradus/api/v1"}`)
}
