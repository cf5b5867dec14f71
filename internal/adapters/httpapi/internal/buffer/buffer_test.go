package buffer_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/buffer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/edge"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

func checking(check httpapi.ResponseCheck) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.CheckResponses = check }
}

// violations are responses that violate the contract because of what a use case returned,
// and what the log says about them.
var violations = map[string]struct {
	call servertest.Call
	port func(*servertest.Server)
	says string
	hint string // a part of the response
}{
	"a value outside of the enum": {servertest.Get("/me"), func(s *servertest.Server) {
		odd := operations.Me()
		odd.Role = "headmaster"
		s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(odd, nil)
	}, "/role: ", "headmaster"},
	"a string that is too long": {servertest.Get("/users/" + operations.AdaID), func(s *servertest.Server) {
		u := operations.Ada()
		u.Name = strings.Repeat("long", 1000)
		s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(u, nil)
	}, "/name: ", "longlong"},
	"a problem code that the operation does not list": {servertest.Get("/users/" + operations.AdaID), func(s *servertest.Server) {
		s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.User{}, domain.ErrBatchFull)
	}, "do not list", "batch_full"},
	"an invalid item of a list": {servertest.Get("/students"), func(s *servertest.Server) {
		odd := operations.Student()
		odd.Email = "no address"
		s.Students.EXPECT().Students(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.Page[domain.Student]{Items: []domain.Student{operations.Student(), odd}}, nil)
	}, "/items/1/email: ", "no address"},
	"a response that sets a cookie": {servertest.Post("/auth/login", operations.Credentials+`, "carrier": "cookie"}`).SignedOut(), func(s *servertest.Server) {
		odd := operations.NewSession()
		odd.Me.Role = "headmaster"
		s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.SignIn{SignedIn: odd}, nil)
	}, "/user/role: ", "headmaster"},
}

func TestResponseCheck_Violations(t *testing.T) {
	t.Parallel()
	for name, tt := range violations {
		t.Run(name+": sent without a check", func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn().Raw(t)
			tt.port(s)
			got := s.Do(t, tt.call)
			if !strings.Contains(got.Text, tt.hint) {
				t.Errorf("the response is %d %s", got.StatusCode, got.Text)
			}
			if lines := s.LogLines(t); len(lines) != 1 || lines[0]["level"] != "INFO" {
				t.Errorf("the log is %v", lines)
			}
		})
		t.Run(name+": logged and sent", func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, checking(httpapi.CheckLog)).SignedIn().Raw(t)
			tt.port(s)
			got := s.Do(t, tt.call)
			if !strings.Contains(got.Text, tt.hint) {
				t.Errorf("the response is %d %s", got.StatusCode, got.Text)
			}
			lines := s.LogLines(t)
			if len(lines) != 2 || lines[0]["level"] != "ERROR" || lines[0]["request_id"] != operations.RequestID || !strings.Contains(fmt.Sprint(lines[0]["violations"]), tt.says) {
				t.Errorf("the log is %v, want %q", lines, tt.says)
			}
			if lines[1]["level"] != "INFO" {
				t.Errorf("the request is logged as %v", lines[1])
			}
		})
		t.Run(name+": logged and replaced by a 500", func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, checking(httpapi.CheckFail)).SignedIn()
			tt.port(s)
			got := s.Do(t, tt.call)
			got.WantProblem(t, 500, "internal")
			if strings.Contains(got.Text, tt.hint) || strings.Contains(got.Text, tt.says) || got.Header.Get("Set-Cookie") != "" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("the response shows %v %s", got.Header, got.Text)
			}
			lines := s.LogLines(t)
			if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["request_id"] != operations.RequestID || !strings.Contains(fmt.Sprint(lines[0]["err"]), tt.says) {
				t.Errorf("the log is %v, want %q", lines, tt.says)
			}
		})
	}
}

// The check accepts responses of the layers, and ignores those outside of the API.
func TestResponseCheck_AcceptsOtherResponses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call   servertest.Call
		status int
	}{
		"signed out":                         {servertest.Get("/me").SignedOut(), 401},
		"an unknown path":                    {servertest.Get("/nowhere"), 404},
		"an unsupported method":              {servertest.Put("/me", ""), 405},
		"an unacceptable media type":         {servertest.Get("/me").With("Accept", "text/html"), 406},
		"a long URL":                         {servertest.Get("/" + strings.Repeat("a", 1<<13)), 414},
		"a malformed query":                  {servertest.Get("/me?a=%zz"), 400},
		"another origin":                     {servertest.Post("/auth/logout", "").SignedOut().With("Origin", "https://evil.example"), 403},
		"invalid fields":                     {servertest.Post("/batches", "{}"), 422},
		"OPTIONS":                            {servertest.Call{Method: "OPTIONS", Path: "/api/v1/me"}, 204},
		"OPTIONS of an unknown path":         {servertest.Call{Method: "OPTIONS", Path: "/api/v1/nowhere"}, 404},
		"an unknown path outside of the API": {servertest.Call{Method: "GET", Path: "/nowhere"}, 404},
		"HEAD signed out":                    {servertest.Call{Method: "HEAD", Path: "/api/v1/me"}.SignedOut(), 401},
		"HEAD without GET":                   {servertest.Call{Method: "HEAD", Path: "/api/v1/auth/login"}.SignedOut(), 405},
		"a document":                         {servertest.Call{Method: "GET", Path: "/openapi.json"}, 200},
		"a probe":                            {servertest.Call{Method: "GET", Path: "/readyz"}, 200},
		"an article on a problem":            {servertest.Call{Method: "GET", Path: "/problems/busy"}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := servertest.Start(t, checking(httpapi.CheckFail)).SignedIn().Do(t, tt.call); got.StatusCode != tt.status {
				t.Errorf("the response is %d, want %d: %s", got.StatusCode, tt.status, got.Text)
			}
		})
	}
}

// An error after the response has started discards it.
func TestBuffer_DiscardsIncompleteResponses(t *testing.T) {
	t.Parallel()
	tests := map[string]http.HandlerFunc{
		"a panic in the middle": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "half=1")
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write([]byte(`{"half`))
			panic("burst")
		},
		"an error in the middle": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "half=1")
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write([]byte(`{"half`))
			exchange.Of(r.Context()).Err = errors.New("burst")
		},
	}
	for name, broken := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			accept := func(*http.Request) error { return nil }
			buffered, err := buffer.New(buffer.CheckOff, accept, broken, problem.Writer{Now: servertest.Clock}, s.Logger())
			if err != nil {
				t.Fatal(err)
			}
			h := edge.New(edge.Config{PublicURL: &url.URL{}, RequestTimeout: time.Minute}, buffered, s.Metrics, s.Events, servertest.Clock, servertest.NewID, s.Logger())
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/half", nil))
			got := servertest.Recorded(rec)
			got.WantProblem(t, 500, "internal")
			if got.Header.Get("Set-Cookie") != "" || strings.Contains(got.Text, `{"half`) {
				t.Errorf("the response is %v %s", got.Header, got.Text)
			}
			if line := s.LogLines(t)[0]; !strings.Contains(fmt.Sprint(line["err"]), "burst") || line["level"] != "ERROR" {
				t.Errorf("the log is %v", line)
			}
		})
	}
}
