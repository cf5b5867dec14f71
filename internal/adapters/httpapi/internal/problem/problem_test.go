package problem_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// The contract promises a closed list of codes.
func TestByCode_MatchesTheContract(t *testing.T) {
	t.Parallel()
	got, _ := servertest.ProblemCodes(t)
	want := slices.Sorted(maps.Keys(problem.ByCode()))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ProblemCode of the contract (-code +contract):\n%s", diff)
	}
}

func TestRender_ReturnsTheStatusOfTheContract(t *testing.T) {
	t.Parallel()
	_, statuses := servertest.ProblemCodes(t)
	kinds := map[domain.Kind]bool{}
	for _, e := range domain.Errors() {
		kinds[e.Kind] = true
		if got, _ := problem.Render(fmt.Errorf("somewhere: %w", e), http.MethodGet); fmt.Sprint(got) != fmt.Sprint(statuses[e.Code]) {
			t.Errorf("%s has the status %d, want %v", e.Code, got, statuses[e.Code])
		}
	}
	for k := domain.KindInvalid; k <= domain.KindUnavailable; k++ {
		if !kinds[k] {
			t.Errorf("no error has the kind %d; remove it", k)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call   servertest.Call
		port   func(s *servertest.Server)
		status int
		code   string
		fields []string
		header map[string]string
	}{
		"an invalid field of a body has a pointer": {
			call: servertest.Post("/me/enrolment", `{"registration_key": "x"}`),
			port: func(s *servertest.Server) {
				s.Students.EXPECT().Join(servertest.Anything, s.Actor, "x").Return(domain.Student{}, domain.ErrRegistrationKeyInvalid)
			},
			status: 422, code: "registration_key_invalid", fields: []string{"/registration_key registration_key_invalid"},
		},
		"an invalid field of a query is a parameter": {
			call: servertest.Get("/me/days"),
			port: func(s *servertest.Server) {
				s.Tracking.EXPECT().Days(servertest.Anything, s.Actor, s.Actor.UserID, domain.DayQuery{}, time.Time{}).Return(domain.StudentCoverage{}, domain.ErrInvalid.At("from"))
			},
			status: 422, code: "invalid_request", fields: []string{"from invalid_request"},
		},
		"an invalid field of an optional body has a pointer": {
			call: servertest.Post("/me/wakatime/sync", `{"from": "2026-11-21", "to": "2026-11-20"}`),
			port: func(s *servertest.Server) {
				s.Tracking.EXPECT().RequestSync(servertest.Anything, s.Actor, s.Actor.UserID, servertest.Anything).Return(domain.ErrInvalid.At("from"))
			},
			status: 422, code: "invalid_request", fields: []string{"/from invalid_request"},
		},
		"wrong credentials are 401 with a challenge": {
			call: servertest.Post("/auth/login", operations.Credentials+`}`).SignedOut(),
			port: func(s *servertest.Server) {
				s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.SignIn{}, domain.ErrInvalidCredentials)
			},
			status: 401, code: "invalid_credentials", header: map[string]string{"WWW-Authenticate": `Bearer realm="gradus"`, "Set-Cookie": ""},
		},
		"a forbidden action is 403": {
			call: servertest.Get("/admin/dashboard"),
			port: func(s *servertest.Server) {
				s.Insights.EXPECT().Dashboard(servertest.Anything, s.Actor).Return(domain.Dashboard{}, domain.ErrForbidden)
			},
			status: 403, code: "forbidden",
		},
		"a hidden resource is 404": {
			call: servertest.Get("/batches/" + operations.BatchID),
			port: func(s *servertest.Server) {
				s.Batches.EXPECT().Batch(servertest.Anything, s.Actor, operations.ID[domain.Batch](operations.BatchID)).Return(domain.Batch{}, domain.ErrBatchNotFound)
			},
			status: 404, code: "batch_not_found",
		},
		"a conflict is 409": {
			call: servertest.Post("/me/enrolment", `{"registration_key": "x"}`),
			port: func(s *servertest.Server) {
				s.Students.EXPECT().Join(servertest.Anything, s.Actor, "x").Return(domain.Student{}, domain.ErrBatchFull)
			},
			status: 409, code: "batch_full",
		},
		"an unavailable dependency is 503 with Retry-After": {
			call: servertest.Get("/me"),
			port: func(s *servertest.Server) {
				s.Accounts.EXPECT().Me(servertest.Anything, s.Actor).Return(domain.Me{}, domain.ErrUnavailable)
			},
			status: 503, code: "unavailable", header: map[string]string{"Retry-After": "1"},
		},
		"Retry-After is rounded up to whole seconds": {
			call: servertest.Post("/auth/login", operations.Credentials+`}`).SignedOut(),
			port: func(s *servertest.Server) {
				s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).
					Return(domain.SignIn{}, fmt.Errorf("hash: %w", domain.ErrBusy.After(1500*time.Millisecond)))
			},
			status: 503, code: "busy", header: map[string]string{"Retry-After": "2"},
		},
		"a timeout is 503 with Retry-After": {
			call: servertest.Get("/me"),
			port: func(s *servertest.Server) {
				s.Accounts.EXPECT().Me(servertest.Anything, s.Actor).Return(domain.Me{}, fmt.Errorf("query: %w", context.DeadlineExceeded))
			},
			status: 503, code: "unavailable", header: map[string]string{"Retry-After": "1"},
		},
		"an unknown path is 404":  {call: servertest.Get("/nowhere"), status: 404, code: "not_found"},
		"a trailing slash is 404": {call: servertest.Get("/me/"), status: 404, code: "not_found"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			if tt.port != nil {
				tt.port(s)
			}
			got := s.Do(t, tt.call)
			p := got.WantProblem(t, tt.status, tt.code)
			if diff := cmp.Diff(tt.fields, p.Fields()); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			for name, want := range tt.header {
				if v := got.Header.Get(name); v != want {
					t.Errorf("%s is %q, want %q", name, v, want)
				}
			}
			if p.RequestID != operations.RequestID || got.Header.Get("X-Request-Id") != operations.RequestID || p.Instance != tt.call.Path {
				t.Errorf("request ID %q, instance %q: %s", p.RequestID, p.Instance, got.Text)
			}
		})
	}
}

func TestInternalErrors_AreLoggedButNotSent(t *testing.T) {
	t.Parallel()
	tests := map[string]func(s *servertest.Server) (domain.Me, error){
		"an unknown error": func(*servertest.Server) (domain.Me, error) { return domain.Me{}, errors.New("canary in table users") },
		"a panic":          func(*servertest.Server) (domain.Me, error) { panic("canary in a panic") },
		"an error that looks like one of the router": func(*servertest.Server) (domain.Me, error) {
			return domain.Me{}, &http.MaxBytesError{Limit: 7331}
		},
	}
	for name, fail := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			first := s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).DoAndReturn(func(context.Context, domain.Actor) (domain.Me, error) { return fail(s) })
			s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).After(first.Call).Return(operations.Me(), nil)
			got := s.Do(t, servertest.Get("/me"))
			p := got.WantProblem(t, 500, "internal")
			if p.RequestID != operations.RequestID || strings.Contains(got.Text, "canary") || strings.Contains(got.Text, "7331") || len(p.Errors) > 0 {
				t.Errorf("the response reveals too much, or lacks the request ID: %s", got.Text)
			}
			s.Do(t, servertest.Get("/me")).Want(t, 200, operations.MeJSON) // the server keeps running
			lines := s.LogLines(t)
			if err := fmt.Sprint(lines[0]["err"]); lines[0]["level"] != "ERROR" || !strings.Contains(err, "canary") && !strings.Contains(err, "too large") {
				t.Errorf("the log is %v", lines[0])
			}
		})
	}
}

// A client that disconnects during the response is logged, but not as an error.
func TestDisconnect_DuringTheResponse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call   servertest.Call
		status string
	}{
		"a success": {servertest.Get("/me"), "200"},
		"a problem": {servertest.Get("/me").SignedOut(), "401"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil).AnyTimes()
			req := httptest.NewRequestWithContext(t.Context(), tt.call.Method, tt.call.Path, nil)
			if len(tt.call.Header) == 0 {
				req.Header.Set("Authorization", "Bearer "+servertest.Token)
			}
			w := &gone{header: http.Header{}}
			s.Handler.ServeHTTP(w, req)
			line := s.LogLines(t)[0]
			if w.headers != 1 || fmt.Sprint(line["status"]) != tt.status || line["level"] != "INFO" || !strings.Contains(fmt.Sprint(line["err"]), "gone") {
				t.Errorf("%d responses were started; the log is %v", w.headers, line)
			}
		})
	}
}

// A panic during a response does not start another.
func TestPanic_DuringTheResponse(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	w := &bursting{gone{header: http.Header{}}}
	s.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/livez", nil))
	if line := s.LogLines(t)[0]; w.headers != 1 || !strings.Contains(fmt.Sprint(line["err"]), "panic: burst") {
		t.Errorf("%d responses were started; the log is %v", w.headers, line)
	}
}

type bursting struct{ gone }

func (*bursting) Write([]byte) (int, error) { panic("burst") }

// gone is a client that has disconnected.
type gone struct {
	header  http.Header
	headers int
}

func (g *gone) Header() http.Header { return g.header }

func (g *gone) WriteHeader(int) { g.headers++ }

func (g *gone) Write([]byte) (int, error) { return 0, errors.New("the client is gone") }

func TestRequestTimeout_CancelsUseCases(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, func(c *httpapi.Config) { c.RequestTimeout = 20 * time.Millisecond }).SignedIn()
	s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).DoAndReturn(func(ctx context.Context, _ domain.Actor) (domain.Me, error) {
		<-ctx.Done()
		return domain.Me{}, ctx.Err()
	})
	got := s.Do(t, servertest.Get("/me"))
	got.WantProblem(t, 503, "unavailable")
	if got.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", got.Header.Get("Retry-After"))
	}
}

// A client that disconnects during a use case is not an error of the server.
func TestDisconnect_DuringAUseCase(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	ctx, leave := context.WithCancel(t.Context())
	s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).DoAndReturn(func(ctx context.Context, _ domain.Actor) (domain.Me, error) {
		leave()
		<-ctx.Done()
		return domain.Me{}, fmt.Errorf("query: %w", ctx.Err())
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+servertest.Token)
	if resp, err := s.Client.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Fatal("the client disconnected, but got a response")
	}
	lines := s.LogLines(t)
	if status := fmt.Sprint(lines[0]["status"]); status != "499" || lines[0]["level"] != "INFO" {
		t.Errorf("the log is %v", lines[0])
	}
}

func TestInstance_IsAURIReference(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, want string }{
		"spaces and scripts":            {"/api/v1/%20%C3%A9%22", "/api/v1/%20%C3%A9%22"},
		"a path that looks like a host": {"//evil.example/x", "/evil.example/x"},
		"a long path":                   {"/api/v1/" + strings.Repeat("a", 5000), "/api/v1/" + strings.Repeat("a", 247) + "%E2%80%A6"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p := servertest.Start(t).Do(t, servertest.Call{Method: "GET", Path: tt.path}).WantProblem(t, 404, "not_found"); p.Instance != tt.want {
				t.Errorf("instance is %q, want %q", p.Instance, tt.want)
			}
		})
	}
}
