package httpapi_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
)

func checking(check httpapi.ResponseCheck) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.CheckResponses = check }
}

// off are answers that are off the contract, and what the log says about them. Only
// what use cases return can be; the rest is the code's.
var off = map[string]struct {
	call call
	port func(*server)
	says string
	hint string // what a client would see of it
}{
	"a value that is none of the enum": {get("/me"), func(s *server) {
		odd := me()
		odd.Role = "headmaster"
		s.Accounts.EXPECT().Me(anything, anything).Return(odd, nil)
	}, "/role: ", "headmaster"},
	"a text that is too long": {get("/users/" + adaID), func(s *server) {
		u := ada()
		u.Name = strings.Repeat("long", 1000)
		s.Accounts.EXPECT().User(anything, anything, anything).Return(u, nil)
	}, "/name: ", "longlong"},
	"a problem that the operation does not list": {get("/users/" + adaID), func(s *server) {
		s.Accounts.EXPECT().User(anything, anything, anything).Return(domain.User{}, domain.ErrBatchFull)
	}, "do not list", "batch_full"},
	"a fault in a part of a list": {get("/students"), func(s *server) {
		odd := student()
		odd.Email = "no address"
		s.Students.EXPECT().Students(anything, anything, anything, anything).Return(domain.Page[domain.Student]{Items: []domain.Student{student(), odd}}, nil)
	}, "/items/1/email: ", "no address"},
	"an answer that sets a cookie": {post("/auth/login", credentials+`, "carrier": "cookie"}`).signedOut(), func(s *server) {
		odd := signedIn()
		odd.Me.Role = "headmaster"
		s.Sessions.EXPECT().SignIn(anything, anything, anything, anything, anything).Return(odd, nil)
	}, "/user/role: ", "headmaster"},
}

func TestAnswersOffTheContract(t *testing.T) {
	t.Parallel()
	for name, tt := range off {
		t.Run(name+" go out when nobody looks", func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn().raw(t)
			tt.port(s)
			got := s.do(t, tt.call)
			if !strings.Contains(got.body, tt.hint) {
				t.Errorf("the answer is %d %s", got.StatusCode, got.body)
			}
			if lines := s.logLines(t); len(lines) != 1 || lines[0]["level"] != "INFO" {
				t.Errorf("the log says %v", lines)
			}
		})
		t.Run(name+" go out, and the log tells", func(t *testing.T) {
			t.Parallel()
			s := serve(t, checking(httpapi.CheckLog)).SignedIn().raw(t)
			tt.port(s)
			got := s.do(t, tt.call)
			if !strings.Contains(got.body, tt.hint) {
				t.Errorf("the answer is %d %s", got.StatusCode, got.body)
			}
			lines := s.logLines(t)
			if len(lines) != 2 || lines[0]["level"] != "ERROR" || lines[0]["request_id"] != requestID || !strings.Contains(fmt.Sprint(lines[0]["faults"]), tt.says) {
				t.Errorf("the log says %v, want %q", lines, tt.says)
			}
			if lines[1]["level"] != "INFO" {
				t.Errorf("the request is logged as %v", lines[1])
			}
		})
		t.Run(name+" are a fault, and the log tells", func(t *testing.T) {
			t.Parallel()
			s := serve(t, checking(httpapi.CheckFail)).SignedIn()
			tt.port(s)
			got := s.do(t, tt.call)
			got.refused(t, 500, "internal")
			if strings.Contains(got.body, tt.hint) || strings.Contains(got.body, tt.says) || got.Header.Get("Set-Cookie") != "" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("the answer shows %v %s", got.Header, got.body)
			}
			lines := s.logLines(t)
			if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["request_id"] != requestID || !strings.Contains(fmt.Sprint(lines[0]["err"]), tt.says) {
				t.Errorf("the log says %v, want %q", lines, tt.says)
			}
		})
	}
}

// The check has nothing against what is right: every success, by GET and by HEAD,
// packed and plain, and problems from everywhere.
func TestAnswersOnTheContract_passTheCheck(t *testing.T) {
	t.Parallel()
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, checking(httpapi.CheckFail), sharing).SignedIn()
			r.port(s)
			s.do(t, r.with("Origin", app)).is(t, r.status, r.want)
			if r.method == http.MethodGet {
				r.port(s)
				head := r.call
				head.method = http.MethodHead
				if got := s.do(t, head); got.StatusCode != r.status {
					t.Errorf("HEAD is answered with %d", got.StatusCode)
				}
			}
		})
	}
	problems := map[string]struct {
		call   call
		status int
	}{
		"signed out":       {get("/me").signedOut(), 401},
		"no such path":     {get("/nowhere"), 404},
		"no such method":   {put("/me", ""), 405},
		"not JSON":         {get("/me").with("Accept", "text/html"), 406},
		"a long address":   {get("/" + strings.Repeat("a", 1<<13)), 414},
		"a broken query":   {get("/me?a=%zz"), 400},
		"from elsewhere":   {post("/auth/logout", "").signedOut().with("Origin", "https://evil.example"), 403},
		"wrong fields":     {post("/batches", "{}"), 422},
		"OPTIONS":          {call{method: "OPTIONS", path: "/api/v1/me"}, 204},
		"OPTIONS nowhere":  {call{method: "OPTIONS", path: "/api/v1/nowhere"}, 404},
		"beside the API":   {call{method: "GET", path: "/nowhere"}, 404},
		"HEAD signed out":  {call{method: "HEAD", path: "/api/v1/me"}.signedOut(), 401},
		"HEAD where none":  {call{method: "HEAD", path: "/api/v1/auth/login"}.signedOut(), 405},
		"a document":       {call{method: "GET", path: "/openapi.json"}, 200},
		"a probe":          {call{method: "GET", path: "/readyz"}, 200},
		"a problem's page": {call{method: "GET", path: "/problems/busy"}, 200},
	}
	for name, tt := range problems {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := serve(t, checking(httpapi.CheckFail)).SignedIn().do(t, tt.call); got.StatusCode != tt.status {
				t.Errorf("the answer is %d, want %d: %s", got.StatusCode, tt.status, got.body)
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
			httpapi.Break(r, errors.New("burst"))
		},
	}
	for name, broken := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			h, err := httpapi.Around(broken, plainConfig(t), s.Metrics, func() time.Time { return now }, func() [16]byte { return id[any](requestID) }, slog.New(slog.NewJSONHandler(s.Log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/half", nil))
			got := reply{rec.Result(), rec.Body.String()}
			got.refused(t, 500, "internal")
			if got.Header.Get("Set-Cookie") != "" || strings.Contains(got.body, `{"half`) {
				t.Errorf("the answer is %v %s", got.Header, got.body)
			}
			if line := s.logLines(t)[0]; !strings.Contains(fmt.Sprint(line["err"]), "burst") || line["level"] != "ERROR" {
				t.Errorf("the log says %v", line)
			}
		})
	}
}
