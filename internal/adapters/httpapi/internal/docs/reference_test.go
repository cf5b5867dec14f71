package docs_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

func TestContract_IsServed(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	asYAML := s.Do(t, servertest.Document("/openapi.yaml").With("Origin", "https://client.example"))
	if asYAML.StatusCode != http.StatusOK || asYAML.Text != string(api.Spec) || asYAML.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("the YAML returned %d %s", asYAML.StatusCode, asYAML.Header.Get("Content-Type"))
	}
	asJSON := s.Do(t, servertest.Document("/openapi.json"))
	if asJSON.StatusCode != http.StatusOK || asJSON.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the JSON returned %d %s", asJSON.StatusCode, asJSON.Header.Get("Content-Type"))
	}
	for name, got := range map[string]servertest.Response{"YAML": asYAML, "JSON": asJSON} {
		if v := got.Header.Get("Access-Control-Allow-Origin"); v != "*" {
			t.Errorf("%s: Access-Control-Allow-Origin is %q; tools on other origins fetch the contract", name, v)
		}
	}
	var fromYAML, want, got any
	if err := yaml.Unmarshal(api.Spec, &fromYAML); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(json.Unmarshal(text, &want), json.Unmarshal([]byte(asJSON.Text), &got)); err != nil {
		t.Fatal(err)
	}
	withoutSamples(t, got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the JSON differs, samples aside (-YAML +JSON):\n%.3000s", diff)
	}
}

// Readers show operations, properties and examples in the order of the document.
func TestContract_HasTheOrderOfItsSourceInJSON(t *testing.T) {
	t.Parallel()
	asJSON := servertest.Start(t).Do(t, servertest.Document("/openapi.json")).Text
	if start := `{"openapi":"3.0.3","info":{"title":`; !strings.HasPrefix(asJSON, start) {
		t.Errorf("the document starts with %.60s, want %s", asJSON, start)
	}
	want, got := keys(t, string(api.Spec)), keys(t, asJSON)
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 1000 {
		t.Errorf("the keys of the JSON have another order (-YAML +JSON):\n%.3000s", diff)
	}
}

// keys returns the keys of a document in their order, without those of code samples.
func keys(t *testing.T, text string) []string {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	var all []string
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		for i, child := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 {
				if child.Value != "x-codeSamples" {
					all = append(all, child.Value)
				}
				continue
			}
			if n.Kind != yaml.MappingNode || n.Content[i-1].Value != "x-codeSamples" {
				visit(child)
			}
		}
	}
	visit(&doc)
	return all
}

// The reference works offline: it refers only to this server.
func TestReference(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	html := s.Do(t, servertest.Document("/docs"))
	if html.StatusCode != http.StatusOK || html.Header.Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Errorf("/docs returned %d %s", html.StatusCode, html.Header.Get("Content-Type"))
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(html.Text, -1)
	if len(links) < 3 {
		t.Fatalf("/docs only refers to %v", links)
	}
	for _, l := range links {
		if l[1] == "data:," {
			continue
		}
		got := s.Do(t, servertest.Document(l[1]))
		if got.StatusCode != http.StatusOK {
			t.Errorf("/docs refers to %s, which returned %d", l[1], got.StatusCode)
		}
		if strings.HasSuffix(l[1], ".js") && got.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%s is %s", l[1], got.Header.Get("Content-Type"))
		}
	}
	start := s.Do(t, servertest.Document("/docs/start.js"))
	if strings.Contains(html.Text+start.Text, "://") || strings.Contains(html.Text, "<style") || regexp.MustCompile(`<script>|\son\w+=`).MatchString(html.Text) {
		t.Error("/docs refers to another host, or has code that its policy forbids")
	}
	if !strings.Contains(start.Text, "'../openapi.json'") {
		t.Error("the reference does not load the contract")
	}
}

func TestReferenceScript_IsCompressed(t *testing.T) {
	t.Parallel()
	compressed, err := os.ReadFile("assets/scalar.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	decompressed, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(decompressed)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		accept, encoding string
		want             []byte
	}{
		"gzip":     {"br, gzip", "gzip", compressed},
		"identity": {"identity", "", plain},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := servertest.Start(t).Do(t, servertest.Document("/docs/scalar.js").With("Accept-Encoding", tt.accept))
			if got.StatusCode != http.StatusOK || got.Header.Get("Content-Encoding") != tt.encoding || got.Text != string(tt.want) {
				t.Errorf("the response is %d %q of %d bytes, want %d", got.StatusCode, got.Header.Get("Content-Encoding"), len(got.Text), len(tt.want))
			}
			if got.Header.Get("Vary") != "Accept-Encoding" || got.Header.Get("Cache-Control") != "public, max-age=86400" {
				t.Errorf("the headers are %v", got.Header)
			}
		})
	}
}

func TestRoot_ListsTheDocuments(t *testing.T) {
	t.Parallel()
	servertest.Start(t).Do(t, servertest.Document("/")).Want(t, 200, `{"service": "gradus", "docs": "/docs", "guides": "/docs/guides", "llms": "/llms.txt", "openapi": "/openapi.yaml", "api": "/api/v1"}`)
}
