package docs_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// The contract is fetched by tools again and again: an ETag spares them the text.
func TestContract_isSentAsTheClientTakesIt(t *testing.T) {
	t.Parallel()
	for path, mediaType := range map[string]string{"/openapi.yaml": "application/yaml", "/openapi.json": "application/json"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).Raw(t)
			plain := s.Do(t, servertest.Document(path))
			packed := s.Do(t, servertest.Document(path).With("Accept-Encoding", "gzip"))
			if packed.Unzipped(t) != plain.Text || len(packed.Text)*4 > len(plain.Text) {
				t.Errorf("%d bytes are packed into %d, or others", len(plain.Text), len(packed.Text))
			}
			if path == "/openapi.yaml" && plain.Text != string(api.Spec) {
				t.Error("this is another contract")
			}
			plainTag, packedTag := plain.Header.Get("ETag"), packed.Header.Get("ETag")
			if len(plainTag) != 34 || packedTag != strings.TrimSuffix(plainTag, `"`)+`-gzip"` {
				t.Errorf("the ETags are %s and %s", plainTag, packedTag)
			}
			for name, got := range map[string]servertest.Response{"plain": plain, "packed": packed} {
				if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != mediaType || got.ContentLength != int64(len(got.Text)) || !got.Varies("Accept-Encoding") ||
					got.Header.Get("Cache-Control") != "public, no-cache" || got.Header.Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("%s: the answer of %d bytes is %d with %v", name, len(got.Text), got.StatusCode, got.Header)
				}
			}
			tests := map[string]struct {
				call servertest.Call
				want int
			}{
				"a client that has it":                  {servertest.Document(path).With("If-None-Match", plainTag), 304},
				"a client that has it packed":           {servertest.Document(path).With("If-None-Match", packedTag).With("Accept-Encoding", "gzip"), 304},
				"a client that has it among others":     {servertest.Document(path).With("If-None-Match", `"x", W/`+plainTag), 304},
				"a client that has something":           {servertest.Document(path).With("If-None-Match", "*"), 304},
				"a client that has another one":         {servertest.Document(path).With("If-None-Match", `"x"`), 200},
				"a client that has it in another form":  {servertest.Document(path).With("If-None-Match", plainTag).With("Accept-Encoding", "gzip"), 200},
				"a client that only asks":               {servertest.Call{Method: "HEAD", Path: path}, 200},
				"a client that only asks, and has it":   {servertest.Call{Method: "HEAD", Path: path}.With("If-None-Match", plainTag), 304},
				"a client that wants a part":            {servertest.Document(path).With("Range", "bytes=0-9"), 206},
				"a client that wants a part beyond all": {servertest.Document(path).With("Range", "bytes=99999999-"), 416},
			}
			for name, tt := range tests {
				got := s.Do(t, tt.call)
				if got.StatusCode != tt.want {
					t.Errorf("%s is answered with %d, want %d", name, got.StatusCode, tt.want)
				}
				if tt.want == 304 && (got.Text != "" || got.Header.Get("ETag") == "" || got.Header.Get("Access-Control-Allow-Origin") != "*") {
					t.Errorf("%s: 304 has %d bytes and %v", name, len(got.Text), got.Header)
				}
				if tt.call.Method == http.MethodHead && tt.want == 200 && (got.Text != "" || got.ContentLength != int64(len(plain.Text))) {
					t.Errorf("%s: HEAD answers %d bytes, of %d", name, len(got.Text), got.ContentLength)
				}
			}
		})
	}
}
