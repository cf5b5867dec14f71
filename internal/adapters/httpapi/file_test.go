package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/api"
)

// The contract is fetched by tools again and again: an ETag spares them the text.
func TestContract_isSentAsTheClientTakesIt(t *testing.T) {
	t.Parallel()
	for path, mediaType := range map[string]string{"/openapi.yaml": "application/yaml", "/openapi.json": "application/json"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := serve(t).raw(t)
			plain := s.do(t, page(path))
			packed := s.do(t, page(path).with("Accept-Encoding", "gzip"))
			if packed.unpacked(t) != plain.body || len(packed.body)*4 > len(plain.body) {
				t.Errorf("%d bytes are packed into %d, or others", len(plain.body), len(packed.body))
			}
			if path == "/openapi.yaml" && plain.body != string(api.Spec) {
				t.Error("this is another contract")
			}
			plainTag, packedTag := plain.Header.Get("ETag"), packed.Header.Get("ETag")
			if len(plainTag) != 34 || packedTag != strings.TrimSuffix(plainTag, `"`)+`-gzip"` {
				t.Errorf("the ETags are %s and %s", plainTag, packedTag)
			}
			for name, got := range map[string]reply{"plain": plain, "packed": packed} {
				if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != mediaType || got.ContentLength != int64(len(got.body)) || !varies(got, "Accept-Encoding") ||
					got.Header.Get("Cache-Control") != "public, no-cache" || got.Header.Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("%s: the answer of %d bytes is %d with %v", name, len(got.body), got.StatusCode, got.Header)
				}
			}
			tests := map[string]struct {
				call call
				want int
			}{
				"a client that has it":                  {page(path).with("If-None-Match", plainTag), 304},
				"a client that has it packed":           {page(path).with("If-None-Match", packedTag).with("Accept-Encoding", "gzip"), 304},
				"a client that has it among others":     {page(path).with("If-None-Match", `"x", W/`+plainTag), 304},
				"a client that has something":           {page(path).with("If-None-Match", "*"), 304},
				"a client that has another one":         {page(path).with("If-None-Match", `"x"`), 200},
				"a client that has it in another form":  {page(path).with("If-None-Match", plainTag).with("Accept-Encoding", "gzip"), 200},
				"a client that only asks":               {call{method: "HEAD", path: path}, 200},
				"a client that only asks, and has it":   {call{method: "HEAD", path: path}.with("If-None-Match", plainTag), 304},
				"a client that wants a part":            {page(path).with("Range", "bytes=0-9"), 206},
				"a client that wants a part beyond all": {page(path).with("Range", "bytes=99999999-"), 416},
			}
			for name, tt := range tests {
				got := s.do(t, tt.call)
				if got.StatusCode != tt.want {
					t.Errorf("%s is answered with %d, want %d", name, got.StatusCode, tt.want)
				}
				if tt.want == 304 && (got.body != "" || got.Header.Get("ETag") == "" || got.Header.Get("Access-Control-Allow-Origin") != "*") {
					t.Errorf("%s: 304 has %d bytes and %v", name, len(got.body), got.Header)
				}
				if tt.call.method == "HEAD" && tt.want == 200 && (got.body != "" || got.ContentLength != int64(len(plain.body))) {
					t.Errorf("%s: HEAD answers %d bytes, of %d", name, len(got.body), got.ContentLength)
				}
			}
		})
	}
}
