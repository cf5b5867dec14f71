package listener_test

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// answer is a response with its body.
type answer struct {
	*http.Response

	text string
}

// exchange sends the text of a request on a connection of its own, and reads the response.
func exchange(t *testing.T, s *servertest.Server, request string) answer {
	t.Helper()
	conn := s.Dial(t)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(body)}
}

// ofTheResponse are the headers that differ between responses.
var ofTheResponse = []string{"Content-Length", "Date", "Vary"}

// What net/http rejects has the headers and the problem of every other response.
func TestRejectedRequests_HaveAProblem(t *testing.T) {
	t.Parallel()
	const get = "GET /api/v1/me HTTP/1.1\r\nHost: x\r\n"
	tests := map[string]struct {
		request string
		status  int
		code    string
		detail  string // a part of it
	}{
		"an invalid path":               {"GET /api/v1/users/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request", "not valid HTTP"},
		"a space in the path":           {"GET /api/v1/users/a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request", "not valid HTTP"},
		"no HTTP at all":                {"hello\r\n\r\n", 400, "malformed_request", "not valid HTTP"},
		"TLS":                           {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed_request", "not valid HTTP"},
		"no Host":                       {"GET /api/v1/me HTTP/1.1\r\n\r\n", 400, "malformed_request", "missing required Host header"},
		"two Hosts":                     {get + "Host: y\r\n\r\n", 400, "malformed_request", "not valid HTTP"},
		"an invalid header name":        {get + "a b: c\r\n\r\n", 400, "malformed_request", "not valid HTTP"},
		"an invalid header value":       {get + "a: \x01\r\n\r\n", 400, "malformed_request", "not valid HTTP"},
		"two lengths":                   {get + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "malformed_request", "not valid HTTP"},
		"an unknown transfer coding":    {get + "Transfer-Encoding: xchunked\r\n\r\n{}", 400, "malformed_request", "Transfer-Encoding"},
		"an unknown expectation":        {get + "Expect: a-miracle\r\n\r\n", 400, "malformed_request", "Expect"},
		"an unknown version of HTTP":    {"GET /api/v1/me HTTP/9.9\r\nHost: x\r\n\r\n", 400, "malformed_request", "unsupported protocol version"},
		"headers that are too large":    {get + "Cookie: " + strings.Repeat("a", 40<<10) + "\r\n\r\n", 431, "headers_too_large", "too large"},
		"a URL larger than all headers": {"GET /api/v1/me?" + strings.Repeat("a", 40<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, "headers_too_large", "too large"},
	}
	ordinary := servertest.Start(t).Raw(t)
	want := ordinary.Do(t, servertest.Document("/api/v1/nowhere")).Header
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			resp := exchange(t, s, tt.request)
			var p struct {
				Code, Detail string
				Status       int
			}
			if err := json.Unmarshal([]byte(resp.text), &p); err != nil {
				t.Fatalf("the body of the %d is %q: %v", resp.StatusCode, resp.text, err)
			}
			if resp.StatusCode != tt.status || p.Status != tt.status || p.Code != tt.code || !strings.Contains(p.Detail, tt.detail) || !resp.Close {
				t.Errorf("the response is %d, closing: %t: %s", resp.StatusCode, resp.Close, resp.text)
			}
			if resp.Header.Get("Date") == "" {
				t.Error("the response has no date")
			}
			for name := range want {
				if got := resp.Header.Get(name); !slices.Contains(ofTheResponse, name) && got != want.Get(name) {
					t.Errorf("%s is %q, want %q", name, got, want.Get(name))
				}
			}
			if line := s.LogLines(t)[0]; line["code"] != tt.code || line["address"] != "127.0.0.1" {
				t.Errorf("the log is %v", line)
			}
		})
	}
}

// Responses of handlers are sent as they are, also in the face of the same status.
func TestOtherResponses_AreUnchanged(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).Raw(t)
	requests := map[string]struct {
		request string
		status  int
	}{
		"a problem":       {"GET /api/v1/me?%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"a long document": {"GET /openapi.yaml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200},
		"100 Continue":    {"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", 100},
		"OPTIONS *":       {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404},
	}
	for name, tt := range requests {
		conn := s.Dial(t)
		if _, err := io.WriteString(conn, tt.request); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		headers := slices.Sorted(maps.Keys(resp.Header))
		if resp.StatusCode != tt.status || tt.status != 100 && !slices.Contains(headers, "X-Content-Type-Options") {
			t.Errorf("%s: the response is %d with %v", name, resp.StatusCode, headers)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
