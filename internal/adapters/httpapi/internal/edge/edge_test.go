package edge_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// securityHeaders are the headers of every API response.
var securityHeaders = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
	"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
	"X-Request-Id":                 operations.RequestID,
	"Cache-Control":                "no-store",
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call   servertest.Call
		status int
		other  map[string]string // where it differs
	}{
		"200":                    {servertest.Get("/me"), 200, nil},
		"204":                    {servertest.Post("/auth/logout", ""), 204, nil},
		"204 of OPTIONS":         {servertest.Call{Method: "OPTIONS", Path: "/api/v1/me"}, 204, nil},
		"400":                    {servertest.Get("/me?a=%zz"), 400, nil},
		"401":                    {servertest.Get("/me").SignedOut(), 401, nil},
		"403":                    {servertest.Post("/auth/logout", "").SignedOut().With("Origin", "https://evil.example"), 403, nil},
		"404":                    {servertest.Get("/nowhere"), 404, nil},
		"404 outside of the API": {servertest.Call{Method: "GET", Path: "/nowhere"}, 404, nil},
		"405":                    {servertest.Put("/me", ""), 405, nil},
		"406":                    {servertest.Get("/me").With("Accept", "text/html"), 406, nil},
		"413":                    {servertest.Post("/batches", strings.Repeat(" ", 1<<18+1)), 413, nil},
		"414":                    {servertest.Get("/" + strings.Repeat("a", 1<<13)), 414, nil},
		"415":                    {servertest.Post("/batches", "{}").With("Content-Type", "text/plain"), 415, nil},
		"422":                    {servertest.Post("/batches", "{}"), 422, nil},
		"500":                    {servertest.Get("/me/today"), 500, nil},
		"503":                    {servertest.Get("/me/wakatime"), 503, nil},
		"a probe":                {servertest.Call{Method: "GET", Path: "/readyz"}, 200, nil},
		"the root":               {servertest.Call{Method: "GET", Path: "/"}, 200, map[string]string{"Cache-Control": ""}},
		"an article on a problem": {servertest.Call{Method: "GET", Path: "/problems/busy"}, 200, map[string]string{
			"Cache-Control": "",
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
				"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		}},
		"the contract": {servertest.Call{Method: "GET", Path: "/openapi.yaml"}, 200, map[string]string{"Cache-Control": "public, no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}},
		"the reference": {servertest.Call{Method: "GET", Path: "/docs"}, 200, map[string]string{
			"Cache-Control": "",
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
				"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil).AnyTimes()
			s.Sessions.EXPECT().SignOut(servertest.Anything, servertest.Anything).Return(nil).AnyTimes()
			s.Tracking.EXPECT().Today(servertest.Anything, servertest.Anything).Return(domain.StudentCoverage{}, errors.New("broken")).AnyTimes()
			s.Connections.EXPECT().Connection(servertest.Anything, servertest.Anything).Return(domain.ConnectionReport{}, domain.ErrUnavailable).AnyTimes()
			got := s.Do(t, tt.call)
			if got.StatusCode != tt.status {
				t.Fatalf("the response is %d, want %d: %s", got.StatusCode, tt.status, got.Text)
			}
			for header, want := range securityHeaders {
				if other, differs := tt.other[header]; differs {
					want = other
				}
				if v := got.Header.Get(header); v != want {
					t.Errorf("%s is %q, want %q", header, v, want)
				}
			}
			if v := got.Header.Get("Server") + got.Header.Get("X-Powered-By"); v != "" {
				t.Errorf("the Server header is %q", v)
			}
		})
	}
}

// Browsers ignore the header over plain HTTP, and a trial on localhost must not force TLS.
func TestHSTS_RequiresTLS(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, func(c *httpapi.Config) { c.PublicURL = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"} })
	if v := s.Do(t, servertest.Get("/nowhere")).Header.Get("Strict-Transport-Security"); v != "" {
		t.Errorf("Strict-Transport-Security is %q", v)
	}
}

func TestNew_RejectsAPublicURLWithoutHost(t *testing.T) {
	t.Parallel()
	cfg := servertest.Config(t)
	cfg.PublicURL = &url.URL{Scheme: "https"}
	if _, err := httpapi.New(cfg, httpapi.UseCases{}, httpapi.Probes{}, httpapi.NewMetrics(), nil, nil, nil, nil); err == nil {
		t.Error("New returned no error")
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call servertest.Call
		want map[string]any // besides the attributes of every line
	}{
		"a signed-in caller": {
			servertest.Get("/users/" + operations.AdaID),
			map[string]any{"status": 200, "route": "/api/v1/users/:user_id", "path": "/api/v1/users/" + operations.AdaID, "user_id": operations.AdaID},
		},
		"no caller": {
			servertest.Get("/me").SignedOut(),
			map[string]any{"status": 401, "route": "/api/v1/me", "path": "/api/v1/me", "code": "unauthenticated"},
		},
		"a query is omitted": {
			servertest.Get("/users?search=ada@example.com&limit=x"),
			map[string]any{"status": 422, "route": "/api/v1/users", "path": "/api/v1/users", "user_id": operations.AdaID, "code": "invalid_request"},
		},
		"an unknown path": {
			servertest.Get("/nowhere"),
			map[string]any{"status": 404, "route": "unmatched", "path": "/api/v1/nowhere", "code": "not_found"},
		},
		"an unsupported method": {
			servertest.Delete("/me"),
			map[string]any{"status": 405, "route": "/api/v1/me", "path": "/api/v1/me", "method": "DELETE", "code": "method_not_allowed"},
		},
		"a probe is logged at the level debug": {
			servertest.Document("/livez"),
			map[string]any{"status": 200, "route": "/livez", "path": "/livez", "level": "DEBUG"},
		},
		"a trace": {
			servertest.Get("/nowhere").With("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
			map[string]any{"status": 404, "route": "unmatched", "path": "/api/v1/nowhere", "code": "not_found", "trace_id": "0af7651916cd43dd8448eb211c80319c"},
		},
		"an invalid trace": {
			servertest.Get("/nowhere").With("Traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01"),
			map[string]any{"status": 404, "route": "unmatched", "path": "/api/v1/nowhere", "code": "not_found"},
		},
		"line breaks and escape sequences in a path": {
			servertest.Get("/a%0D%0A%1B[31mb"),
			map[string]any{"status": 404, "route": "unmatched", "path": "/api/v1/a\r\n\x1b[31mb", "code": "not_found"},
		},
		"a long path": {
			servertest.Get("/" + strings.Repeat("a", 9000)),
			map[string]any{"status": 414, "route": "unmatched", "path": "/api/v1/" + strings.Repeat("a", 247) + "…", "code": "uri_too_long"},
		},
		"an internal error is logged in full": {
			servertest.Get("/me/today"),
			map[string]any{"status": 500, "route": "/api/v1/me/today", "path": "/api/v1/me/today", "user_id": operations.AdaID, "code": "internal", "err": "broken\nin two", "level": "ERROR"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(operations.Ada(), nil).AnyTimes()
			s.Tracking.EXPECT().Today(servertest.Anything, servertest.Anything).Return(domain.StudentCoverage{}, errors.New("broken\nin two")).AnyTimes()
			got := s.Do(t, tt.call)
			want := map[string]any{"level": "INFO", "msg": "request", "method": "GET", "request_id": operations.RequestID, "address": "127.0.0.1", "bytes": len(got.Text), "duration_ms": 0}
			maps.Copy(want, tt.want)
			for k, v := range want {
				want[k] = fmt.Sprint(v)
			}
			lines := s.LogLines(t)
			if len(lines) != 1 {
				t.Fatalf("one request logged %d lines:\n%s", len(lines), s.Log)
			}
			for k, v := range lines[0] {
				lines[0][k] = fmt.Sprint(v)
			}
			delete(lines[0], "time")
			if diff := cmp.Diff(want, lines[0]); diff != "" {
				t.Errorf("the line (-want +got):\n%s", diff)
			}
		})
	}
}

// A request ID that is safe in headers, logs and the audit log is kept, and others are
// replaced.
func TestRequestID(t *testing.T) {
	t.Parallel()
	for sent, kept := range map[string]bool{
		"01a13bad-ac40-7f0e-b2d6-9c3a41e85d71": true,
		"c4f8/Kx+9_a.b:c@d=":                   true,
		strings.Repeat("a", 128):               true,
		strings.Repeat("a", 129):               false,
		"":                                     false,
		"two words":                            false,
		`{"a":1}`:                              false,
		"caf\u00e9":                            false,
		"a\tb":                                 false,
	} {
		want := operations.RequestID
		if kept {
			want = sent
		}
		s := servertest.Start(t)
		got := s.Do(t, servertest.Get("/nowhere").With("X-Request-Id", sent))
		p := got.WantProblem(t, 404, "not_found")
		if logged := s.LogLines(t)[0]["request_id"]; p.RequestID != want || got.Header.Get("X-Request-Id") != want || logged != want {
			t.Errorf("%q: the body has %q, the header %q, the log %q", sent, p.RequestID, got.Header.Get("X-Request-Id"), logged)
		}
	}
}

// Headers are not logged and cannot forge log lines.
func TestDenials_AreSecurityEvents(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call servertest.Call
		want []domain.SecurityEvent // without what all of them have
	}{
		"a caller without permission": {
			servertest.Get("/audit-log"),
			[]domain.SecurityEvent{{User: operations.ID[domain.User](operations.AdaID), Reason: "forbidden"}},
		},
		"another origin": {
			servertest.Post("/auth/login", "{}").SignedOut().With("Origin", "https://evil.example"),
			[]domain.SecurityEvent{{Reason: "cross_origin"}},
		},
		"a caller who is not signed in": {servertest.Get("/me").SignedOut(), nil},
		"a caller with permission":      {servertest.Get("/users/" + operations.AdaID), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(operations.Ada(), nil).AnyTimes()
			s.Ports.AuditLog.(*mock.MockAuditLog).EXPECT().AuditEntries(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).
				Return(domain.Page[domain.AuditEntry]{}, domain.ErrForbidden).AnyTimes()
			s.Do(t, tt.call.With("User-Agent", "Firefox"))
			s.Stop()
			for i := range tt.want {
				tt.want[i].Kind, tt.want[i].Device = domain.EventAccessDenied, "Firefox"
				tt.want[i].Origin = domain.Origin{RequestID: operations.RequestID, Address: "127.0.0.1"}
			}
			if diff := cmp.Diff(tt.want, s.Events.Events(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLog_OmitsHeaders(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.SignIn{}, domain.ErrInvalidCredentials)
	s.Do(t, servertest.Post("/auth/login", `{"email": "canary@example.com", "password": "canary"}`).SignedOut().
		With("User-Agent", "canary "+strings.Repeat("x", 30_000)).
		With("Referer", "https://canary.example").
		With("X-Request-Id", "canary {").
		With("Traceparent", "canary").
		With("X-Forwarded-For", "canary").
		With("Cookie", "__Host-gradus_session=canary").With("Sec-Fetch-Site", "same-origin")).WantProblem(t, 401, "invalid_credentials")
	if lines := s.LogLines(t); len(lines) != 1 || strings.Contains(s.Log.String(), "canary") || len(s.Log.String()) > 1000 {
		t.Errorf("the log is %s", s.Log)
	}
}

// X-Forwarded-For is trusted as far as trusted proxies wrote it.
func TestAddress_TrustsOnlyTrustedProxies(t *testing.T) {
	t.Parallel()
	loopback := netip.MustParsePrefix("127.0.0.0/8")
	tests := map[string]struct {
		trusted   []netip.Prefix
		forwarded []string
		want      string
	}{
		"no trusted proxies":                        {nil, []string{"192.0.2.1"}, "127.0.0.1"},
		"another trusted proxy":                     {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, []string{"192.0.2.1"}, "127.0.0.1"},
		"an address from a trusted proxy":           {[]netip.Prefix{loopback}, []string{"192.0.2.1"}, "192.0.2.1"},
		"no address from a trusted proxy":           {[]netip.Prefix{loopback}, nil, "127.0.0.1"},
		"a forged address before that of the proxy": {[]netip.Prefix{loopback}, []string{"198.51.100.7, 192.0.2.1"}, "192.0.2.1"},
		"a forged address in a header of its own":   {[]netip.Prefix{loopback}, []string{"198.51.100.7", "192.0.2.1"}, "192.0.2.1"},
		"two trusted proxies":                       {[]netip.Prefix{loopback, netip.MustParsePrefix("2001:db8::/32")}, []string{"192.0.2.1, 2001:db8::5"}, "192.0.2.1"},
		"an untrusted private address":              {[]netip.Prefix{loopback}, []string{"192.0.2.1, 10.0.0.5"}, "10.0.0.5"},
		"not an address":                            {[]netip.Prefix{loopback}, []string{"nonsense"}, "127.0.0.1"},
		"a trusted proxy with a single address":     {[]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, []string{"192.0.2.1"}, "192.0.2.1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, func(c *httpapi.Config) { c.TrustedProxies = tt.trusted })
			var seen string
			s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).DoAndReturn(
				func(_ context.Context, a domain.Actor, _ string, _ domain.Secret, _ ports.Device) (domain.SignIn, error) {
					seen = a.Origin.Address
					return domain.SignIn{}, domain.ErrInvalidCredentials
				})
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/auth/login", strings.NewReader(operations.Credentials+"}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("X-Real-Ip", "203.0.113.9")
			for _, f := range tt.forwarded {
				req.Header.Add("X-Forwarded-For", f)
			}
			s.Send(t, req).WantProblem(t, 401, "invalid_credentials")
			if logged := s.LogLines(t)[0]["address"]; seen != tt.want || logged != tt.want {
				t.Errorf("the use case got the address %q and the log %q, want %q", seen, logged, tt.want)
			}
		})
	}
}

// Users tell their sessions apart by the whole User-Agent.
func TestUserAgent_ReachesTheUseCase(t *testing.T) {
	t.Parallel()
	const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	s := servertest.Start(t)
	s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, ports.Device{UserAgent: browser}).Return(domain.SignIn{}, domain.ErrInvalidCredentials)
	s.Do(t, servertest.Post("/auth/login", operations.Credentials+"}").SignedOut().With("User-Agent", browser)).WantProblem(t, 401, "invalid_credentials")
}

// Requests whose end is ambiguous (request smuggling) are rejected and close the connection.
func TestFraming(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"two lengths": "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"a length and an unknown transfer coding": "Content-Length: 2\r\nTransfer-Encoding: xchunked\r\n\r\n{}",
		"two transfer codings":                    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a length with a plus sign":               "Content-Length: +2\r\n\r\n{}",
		"a space before the colon":                "Content-Length : 2\r\n\r\n{}",
	}
	for name, rest := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := servertest.Start(t).Dial(t)
			if _, err := io.WriteString(conn, "POST /api/v1/auth/logout HTTP/1.1\r\nHost: x\r\n"+rest); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			rejected := resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusNotImplemented
			if !rejected || !resp.Close {
				t.Errorf("the response is %d, closing: %t", resp.StatusCode, resp.Close)
			}
		})
	}
}

// Server-Timing is off by default: an attacker could measure with it.
func TestServerTiming(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{"/api/v1/me": 401, "/livez": 200, "/api/v1/nowhere": 404} {
		var calls atomic.Int64
		clock := func() time.Time { return operations.Now.Add(time.Duration(calls.Add(1)) * 1500 * time.Microsecond) }
		on := servertest.StartAt(t, clock, func(c *httpapi.Config) { c.ServerTiming = true })
		got := on.Do(t, servertest.Document(path))
		if v := got.Header.Get("Server-Timing"); got.StatusCode != status || !strings.HasPrefix(v, "total;dur=1.5") && !strings.HasPrefix(v, "total;dur=3") {
			t.Errorf("%s: the response is %d, Server-Timing is %q", path, got.StatusCode, v)
		}
		if v := servertest.Start(t).Do(t, servertest.Document(path)).Header.Get("Server-Timing"); v != "" {
			t.Errorf("%s: Server-Timing is %q, want none", path, v)
		}
	}
}

// net/http rejects paths that are not valid in a URL.
func TestInvalidPath_IsRejected(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	conn := s.Dial(t)
	if _, err := io.WriteString(conn, "GET /api/v1/users/%zz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	start := make([]byte, 12)
	if _, err := io.ReadFull(conn, start); err != nil || !bytes.Equal(start, []byte("HTTP/1.1 400")) {
		t.Errorf("the response is %q: %v", start, err)
	}
}
