package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"context"
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
)

func page(path string) call { return call{method: "GET", path: path}.signedOut() }

func TestContract_isServed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	asYAML := s.do(t, page("/openapi.yaml").with("Origin", "https://client.example"))
	if asYAML.StatusCode != http.StatusOK || asYAML.body != string(api.Spec) || asYAML.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("the YAML is answered with %d %s", asYAML.StatusCode, asYAML.Header.Get("Content-Type"))
	}
	asJSON := s.do(t, page("/openapi.json"))
	if asJSON.StatusCode != http.StatusOK || asJSON.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the JSON is answered with %d %s", asJSON.StatusCode, asJSON.Header.Get("Content-Type"))
	}
	for name, got := range map[string]reply{"YAML": asYAML, "JSON": asJSON} {
		if v := got.Header.Get("Access-Control-Allow-Origin"); v != "*" {
			t.Errorf("%s: Access-Control-Allow-Origin is %q; tools on other pages read the contract", name, v)
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
	if err := errors.Join(json.Unmarshal(text, &want), json.Unmarshal([]byte(asJSON.body), &got)); err != nil {
		t.Fatal(err)
	}
	withoutSamples(t, got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the JSON is another contract but for its samples (-YAML +JSON):\n%.3000s", diff)
	}
}

// The reference works without the internet, and sends nothing there.
func TestReference(t *testing.T) {
	t.Parallel()
	s := serve(t)
	html := s.do(t, page("/docs"))
	if html.StatusCode != http.StatusOK || html.Header.Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Errorf("/docs is answered with %d %s", html.StatusCode, html.Header.Get("Content-Type"))
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(html.body, -1)
	if len(links) < 3 {
		t.Fatalf("/docs refers to %v only", links)
	}
	for _, l := range links {
		if l[1] == "data:," {
			continue
		}
		got := s.do(t, page(l[1]))
		if got.StatusCode != http.StatusOK {
			t.Errorf("/docs refers to %s, which is answered with %d", l[1], got.StatusCode)
		}
		if strings.HasSuffix(l[1], ".js") && got.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%s is %s", l[1], got.Header.Get("Content-Type"))
		}
	}
	start := s.do(t, page("/docs/start.js"))
	if strings.Contains(html.body+start.body, "://") || strings.Contains(html.body, "<style") || regexp.MustCompile(`<script>|\son\w+=`).MatchString(html.body) {
		t.Error("/docs holds an address of another host, or code that its policy forbids")
	}
	if !strings.Contains(start.body, "'/openapi.json'") {
		t.Error("the reference does not show the contract")
	}
}

func TestReferenceScript_isSentAsTheClientTakesIt(t *testing.T) {
	t.Parallel()
	packed, err := os.ReadFile("internal/docs/assets/scalar.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		accept, encoding string
		want             []byte
	}{
		"packed":   {"br, gzip", "gzip", packed},
		"unpacked": {"identity", "", plain},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := serve(t).do(t, page("/docs/scalar.js").with("Accept-Encoding", tt.accept))
			if got.StatusCode != http.StatusOK || got.Header.Get("Content-Encoding") != tt.encoding || got.body != string(tt.want) {
				t.Errorf("the answer is %d %q of %d bytes, want %d", got.StatusCode, got.Header.Get("Content-Encoding"), len(got.body), len(tt.want))
			}
			if got.Header.Get("Vary") != "Accept-Encoding" || got.Header.Get("Cache-Control") != "public, max-age=86400" {
				t.Errorf("the headers are %v", got.Header)
			}
		})
	}
}

func TestFrontPage_showsTheWay(t *testing.T) {
	t.Parallel()
	serve(t).do(t, page("/")).is(t, 200, `{"service": "gradus", "docs": "/docs", "guides": "/docs/guides", "openapi": "/openapi.yaml", "api": "/api/v1"}`)
}

func TestLivez_isAliveWhateverElseIsNot(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.Probes.Ready["database"] = func(context.Context) error { return errors.New("down") }
	s.Probes.Draining.Store(true)
	s.do(t, page("/livez")).is(t, 200, `{"status": "ok"}`)
}

func TestReadyz(t *testing.T) {
	t.Parallel()
	fine := func(context.Context) error { return nil }
	down := func(context.Context) error { return errors.New("connect to canary.internal: refused") }
	tests := map[string]struct {
		database, worker func(context.Context) error
		draining         bool
		status           int
		want             string
		logged           []string
	}{
		"everything is":               {fine, fine, false, 200, `{"ready": true, "parts": {"database": "ok", "worker": "ok"}}`, nil},
		"the database is not":         {down, fine, false, 503, `{"ready": false, "parts": {"database": "failed", "worker": "ok"}}`, []string{"database: connect to canary.internal"}},
		"nothing is":                  {down, down, false, 503, `{"ready": false, "parts": {"database": "failed", "worker": "failed"}}`, []string{"database: ", "worker: "}},
		"the process is about to end": {fine, fine, true, 503, `{"ready": false, "parts": {"database": "ok", "worker": "ok", "process": "stopping"}}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			s.Probes.Ready["database"], s.Probes.Ready["worker"] = tt.database, tt.worker
			s.Probes.Draining.Store(tt.draining)
			got := s.do(t, page("/readyz"))
			got.is(t, tt.status, tt.want)
			if got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control is %q", got.Header.Get("Cache-Control"))
			}
			s.logLines(t)
			for _, want := range tt.logged {
				if !strings.Contains(s.Log.String(), want) {
					t.Errorf("the log lacks %q:\n%s", want, s.Log)
				}
			}
		})
	}
}
