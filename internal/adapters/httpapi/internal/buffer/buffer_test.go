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
)

func checking(check httpapi.ResponseCheck) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.CheckResponses = check }
}

// off are answers that are off the contract, and what the log says about them. Only
// what use cases return can be; the rest is the code's.
var off = map[string]struct {
	call servertest.Call
	port func(*servertest.Server)
	says string
	hint string // what a client would see of it
}{
	"a value that is none of the enum": {servertest.Get("/me"), func(s *servertest.Server) {
		odd := servertest.Me()
		odd.Role = "headmaster"
		s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(odd, nil)
	}, "/role: ", "headmaster"},
	"a text that is too long": {servertest.Get("/users/" + servertest.AdaID), func(s *servertest.Server) {
		u := servertest.Ada()
		u.Name = strings.Repeat("long", 1000)
		s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(u, nil)
	}, "/name: ", "longlong"},
	"a problem that the operation does not list": {servertest.Get("/users/" + servertest.AdaID), func(s *servertest.Server) {
		s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.User{}, domain.ErrBatchFull)
	}, "do not list", "batch_full"},
	"a fault in a part of a list": {servertest.Get("/students"), func(s *servertest.Server) {
		odd := servertest.Student()
		odd.Email = "no address"
		s.Students.EXPECT().Students(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.Page[domain.Student]{Items: []domain.Student{servertest.Student(), odd}}, nil)
	}, "/items/1/email: ", "no address"},
	"an answer that sets a cookie": {servertest.Post("/auth/login", servertest.Credentials+`, "carrier": "cookie"}`).SignedOut(), func(s *servertest.Server) {
		odd := servertest.NewSession()
		odd.Me.Role = "headmaster"
		s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(odd, nil)
	}, "/user/role: ", "headmaster"},
}

func TestAnswersOffTheContract(t *testing.T) {
	t.Parallel()
	for name, tt := range off {
		t.Run(name+" go out when nobody looks", func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn().Raw(t)
			tt.port(s)
			got := s.Do(t, tt.call)
			if !strings.Contains(got.Text, tt.hint) {
				t.Errorf("the answer is %d %s", got.StatusCode, got.Text)
			}
			if lines := s.LogLines(t); len(lines) != 1 || lines[0]["level"] != "INFO" {
				t.Errorf("the log says %v", lines)
			}
		})
		t.Run(name+" go out, and the log tells", func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, checking(httpapi.CheckLog)).SignedIn().Raw(t)
			tt.port(s)
			got := s.Do(t, tt.call)
			if !strings.Contains(got.Text, tt.hint) {
				t.Errorf("the answer is %d %s", got.StatusCode, got.Text)
			}
			lines := s.LogLines(t)
			if len(lines) != 2 || lines[0]["level"] != "ERROR" || lines[0]["request_id"] != servertest.RequestID || !strings.Contains(fmt.Sprint(lines[0]["violations"]), tt.says) {
				t.Errorf("the log says %v, want %q", lines, tt.says)
			}
			if lines[1]["level"] != "INFO" {
				t.Errorf("the request is logged as %v", lines[1])
			}
		})
		t.Run(name+" are a fault, and the log tells", func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, checking(httpapi.CheckFail)).SignedIn()
			tt.port(s)
			got := s.Do(t, tt.call)
			got.WantProblem(t, 500, "internal")
			if strings.Contains(got.Text, tt.hint) || strings.Contains(got.Text, tt.says) || got.Header.Get("Set-Cookie") != "" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("the answer shows %v %s", got.Header, got.Text)
			}
			lines := s.LogLines(t)
			if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["request_id"] != servertest.RequestID || !strings.Contains(fmt.Sprint(lines[0]["err"]), tt.says) {
				t.Errorf("the log says %v, want %q", lines, tt.says)
			}
		})
	}
}

// The check has nothing against what comes from outside of the operations.
func TestProblemsAndDocuments_passTheCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call   servertest.Call
		status int
	}{
		"signed out":       {servertest.Get("/me").SignedOut(), 401},
		"no such path":     {servertest.Get("/nowhere"), 404},
		"no such method":   {servertest.Put("/me", ""), 405},
		"not JSON":         {servertest.Get("/me").With("Accept", "text/html"), 406},
		"a long address":   {servertest.Get("/" + strings.Repeat("a", 1<<13)), 414},
		"a broken query":   {servertest.Get("/me?a=%zz"), 400},
		"from elsewhere":   {servertest.Post("/auth/logout", "").SignedOut().With("Origin", "https://evil.example"), 403},
		"wrong fields":     {servertest.Post("/batches", "{}"), 422},
		"OPTIONS":          {servertest.Call{Method: "OPTIONS", Path: "/api/v1/me"}, 204},
		"OPTIONS nowhere":  {servertest.Call{Method: "OPTIONS", Path: "/api/v1/nowhere"}, 404},
		"beside the API":   {servertest.Call{Method: "GET", Path: "/nowhere"}, 404},
		"HEAD signed out":  {servertest.Call{Method: "HEAD", Path: "/api/v1/me"}.SignedOut(), 401},
		"HEAD where none":  {servertest.Call{Method: "HEAD", Path: "/api/v1/auth/login"}.SignedOut(), 405},
		"a document":       {servertest.Call{Method: "GET", Path: "/openapi.json"}, 200},
		"a probe":          {servertest.Call{Method: "GET", Path: "/readyz"}, 200},
		"a problem's page": {servertest.Call{Method: "GET", Path: "/problems/busy"}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := servertest.Start(t, checking(httpapi.CheckFail)).SignedIn().Do(t, tt.call); got.StatusCode != tt.status {
				t.Errorf("the answer is %d, want %d: %s", got.StatusCode, tt.status, got.Text)
			}
		})
	}
}

// What breaks while an answer of the API is made leaves nothing of it behind.
func TestAnswers_areWholeOrNot(t *testing.T) {
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
			h := edge.New(edge.Config{PublicURL: &url.URL{}, RequestTimeout: time.Minute}, buffered, s.Metrics, servertest.Clock, servertest.NewID, s.Logger())
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/half", nil))
			got := servertest.Recorded(rec)
			got.WantProblem(t, 500, "internal")
			if got.Header.Get("Set-Cookie") != "" || strings.Contains(got.Text, `{"half`) {
				t.Errorf("the answer is %v %s", got.Header, got.Text)
			}
			if line := s.LogLines(t)[0]; !strings.Contains(fmt.Sprint(line["err"]), "burst") || line["level"] != "ERROR" {
				t.Errorf("the log says %v", line)
			}
		})
	}
}
