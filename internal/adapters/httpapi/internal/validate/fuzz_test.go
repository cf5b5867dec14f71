package validate_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/validate"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// Parsers agree about JSON that StrictJSON accepts: it decodes, and no keys are lost.
func FuzzStrictJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, `"x"`, `1`, `-0`, `{"a": {"b": [1, "c", true, null]}}`, `{"a": 1, "a": 2}`, `{"a":1}{}`, `[1,]`, `{"a":1,}`, `[,1]`,
		`{"a" 1}`, `{"a"}`, `{1: 2}`, `[1 2]`, `{"a": "\u0000"}`, `"\ud800"`, `"\ud83d\ude00"`, "\"\xff\"", "\ufeff{}", `1e400`, `1.0`, `01`, `nan`,
		strings.Repeat("[", 40), strings.Repeat("[", 40) + strings.Repeat("]", 40), ` { "a" : [ ] } `, `{"a/b": "\u0000", "~": 1}`, `{"":{"":""}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if validate.StrictJSON(body) != nil {
			return
		}
		if !utf8.Valid(body) || strings.Contains(string(body), `\u0000`) && !strings.Contains(string(body), `\\u0000`) {
			t.Fatalf("StrictJSON accepts %q", body)
		}
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			t.Fatalf("StrictJSON accepts %q, but it does not decode: %v", body, err)
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if keys(t, body) != keys(t, again) {
			t.Fatalf("StrictJSON accepts %q, which decodes to %q", body, again)
		}
	})
}

// keys counts the tokens of a JSON text. Decoding loses duplicate keys.
func keys(t *testing.T, text []byte) int {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	for n := 0; ; n++ {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	}
}

// No request makes the server fail.
func FuzzRequests(f *testing.F) {
	for _, seed := range [][2]string{
		{"limit=1&search=x", `{"registration_key": "x"}`},
		{"limit=%31", `{"registration_key": 1}`},
		{"batch_id=" + operations.BatchID, `[]`},
		{"connected=TRUE&connected=false", `{"registration_key": null}`},
		{"after=%00", `{"a": {"b": 1e400}}`},
		{"status=active;limit=1", `{"registration_key": "\ud800"}`},
		{"search=%C3%28", ""},
		{"&&==&", `{"registration_key": "x", "registration_key": "y"}`},
		{"limit[]=1", "\x00"},
		{"limit=１", `{"": ""}`},
	} {
		f.Add(seed[0], seed[1])
	}
	s := servertest.Start(setup{f}).SignedIn()
	s.Students.EXPECT().Students(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.Page[domain.Student]{}, nil).AnyTimes()
	s.Students.EXPECT().Join(servertest.Anything, servertest.Anything, servertest.Anything).Return(operations.Student(), nil).AnyTimes()
	f.Fuzz(func(t *testing.T, query, body string) {
		list := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/students", nil)
		list.URL = &url.URL{Path: "/api/v1/students", RawQuery: query}
		join := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/me/enrolment", strings.NewReader(body))
		join.Header.Set("Content-Type", "application/json")
		for _, req := range []*http.Request{list, join} {
			req.Header.Set("Authorization", "Bearer "+servertest.Token)
			rec := httptest.NewRecorder()
			s.Handler.ServeHTTP(rec, req)
			got := servertest.Recorded(rec)
			if got.StatusCode >= 500 {
				t.Fatalf("%s %q %q returned %d %s", req.Method, query, body, got.StatusCode, got.Text)
			}
			servertest.Decode(t, got.Text)
		}
	})
}

// setup is a testing.F whose mocks may be called by the fuzz target, where F.Helper panics.
type setup struct{ testing.TB }

// Helper does nothing.
func (setup) Helper() {}
