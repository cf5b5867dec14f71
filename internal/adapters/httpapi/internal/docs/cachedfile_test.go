package docs_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// Tools fetch the contract repeatedly: compression and ETags make that cheap.
func TestContract_IsCompressedAndCached(t *testing.T) {
	t.Parallel()
	for path, mediaType := range map[string]string{"/openapi.yaml": "application/yaml", "/openapi.json": "application/json"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).Raw(t)
			plain := s.Do(t, servertest.Document(path))
			compressed := s.Do(t, servertest.Document(path).With("Accept-Encoding", "gzip"))
			if compressed.Unzipped(t) != plain.Text || len(compressed.Text)*4 > len(plain.Text) {
				t.Errorf("%d bytes are compressed to %d, or differ", len(plain.Text), len(compressed.Text))
			}
			if path == "/openapi.yaml" && plain.Text != string(api.Spec) {
				t.Error("the contract differs")
			}
			plainTag, compressedTag := plain.Header.Get("ETag"), compressed.Header.Get("ETag")
			if len(plainTag) != 34 || compressedTag != strings.TrimSuffix(plainTag, `"`)+`-gzip"` {
				t.Errorf("the ETags are %s and %s", plainTag, compressedTag)
			}
			for name, got := range map[string]servertest.Response{"plain": plain, "compressed": compressed} {
				if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != mediaType || got.ContentLength != int64(len(got.Text)) || !got.Varies("Accept-Encoding") ||
					got.Header.Get("Cache-Control") != "public, no-cache" || got.Header.Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("%s: the response of %d bytes is %d with %v", name, len(got.Text), got.StatusCode, got.Header)
				}
			}
			tests := map[string]struct {
				call servertest.Call
				want int
			}{
				"the same ETag":                   {servertest.Document(path).With("If-None-Match", plainTag), 304},
				"the ETag of the compressed file": {servertest.Document(path).With("If-None-Match", compressedTag).With("Accept-Encoding", "gzip"), 304},
				"one of several ETags":            {servertest.Document(path).With("If-None-Match", `"x", W/`+plainTag), 304},
				"any ETag":                        {servertest.Document(path).With("If-None-Match", "*"), 304},
				"another ETag":                    {servertest.Document(path).With("If-None-Match", `"x"`), 200},
				"the ETag of the other coding":    {servertest.Document(path).With("If-None-Match", plainTag).With("Accept-Encoding", "gzip"), 304},
				"an ETag that nginx made weak":    {servertest.Document(path).With("If-None-Match", "W/"+compressedTag), 304},
				"the ETag of Brotli at a proxy":   {servertest.Document(path).With("If-None-Match", strings.Replace(compressedTag, "gzip", "br", 1)), 304},
				"HEAD":                            {servertest.Call{Method: "HEAD", Path: path}, 200},
				"HEAD with the same ETag":         {servertest.Call{Method: "HEAD", Path: path}.With("If-None-Match", plainTag), 304},
				"a range":                         {servertest.Document(path).With("Range", "bytes=0-9"), 206},
				"a range after the end":           {servertest.Document(path).With("Range", "bytes=99999999-"), 416},
			}
			for name, tt := range tests {
				got := s.Do(t, tt.call)
				if got.StatusCode != tt.want {
					t.Errorf("%s returned %d, want %d", name, got.StatusCode, tt.want)
				}
				if tt.want == 304 && (got.Text != "" || got.Header.Get("ETag") == "" || got.Header.Get("Access-Control-Allow-Origin") != "*") {
					t.Errorf("%s: 304 has %d bytes and %v", name, len(got.Text), got.Header)
				}
				if tt.call.Method == http.MethodHead && tt.want == 200 && (got.Text != "" || got.ContentLength != int64(len(plain.Text))) {
					t.Errorf("%s: HEAD returned %d bytes, Content-Length is %d", name, len(got.Text), got.ContentLength)
				}
			}
		})
	}
}
