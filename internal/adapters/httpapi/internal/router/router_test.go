package router_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

func TestUnsupportedMethods(t *testing.T) {
	t.Parallel()
	for path, item := range servertest.Spec(t).Paths.Map() {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t) // expects no authentication
			filled := "/api/v1" + strings.NewReplacer("{batch_id}", operations.BatchID, "{user_id}", operations.AdaID, "{student_id}", operations.AdaID).Replace(path)
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"} {
				if item.Operations()[method] != nil {
					continue
				}
				got := s.Do(t, servertest.Call{Method: method, Path: filled})
				got.WantProblem(t, 405, "method_not_allowed")
				for taken := range item.Operations() {
					if !strings.Contains(got.Header.Get("Allow"), taken) {
						t.Errorf("%s: Allow is %q, without %s", method, got.Header.Get("Allow"), taken)
					}
				}
			}
			// A preflight is not allowed, so the browser sends no request.
			got := s.Do(t, servertest.Call{Method: "OPTIONS", Path: filled, Header: map[string]string{"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}})
			if got.StatusCode != http.StatusNoContent || got.Header.Get("Allow") == "" || got.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("OPTIONS returned %d %v", got.StatusCode, got.Header)
			}
		})
	}
}

// OPTIONS lists the methods of the contract without authentication.
func TestOptions_ListsTheMethodsOfThePath(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for path, item := range servertest.Spec(t).Paths.Map() {
		filled := "/api/v1" + strings.NewReplacer("{batch_id}", operations.BatchID, "{user_id}", operations.AdaID, "{student_id}", operations.AdaID).Replace(path)
		want := []string{"OPTIONS"}
		for method := range item.Operations() {
			want = append(want, method)
			if method == http.MethodGet {
				want = append(want, http.MethodHead)
			}
		}
		slices.Sort(want)
		for _, method := range []string{"OPTIONS", "TRACE"} {
			got := s.Do(t, servertest.Call{Method: method, Path: filled}.SignedOut())
			status := map[string]int{"OPTIONS": 204, "TRACE": 405}[method]
			allow := strings.Split(got.Header.Get("Allow"), ", ")
			slices.Sort(allow)
			if got.StatusCode != status || !slices.Equal(allow, want) {
				t.Errorf("%s %s returned %d, Allow is %v, want %d, %v", method, path, got.StatusCode, allow, status, want)
			}
		}
	}
}

// HEAD is GET without the body, with the same authentication.
func TestHead(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Accounts.EXPECT().Me(servertest.Anything, s.Actor).Return(operations.Me(), nil)
	if got := s.Do(t, servertest.Call{Method: "HEAD", Path: "/api/v1/me"}); got.StatusCode != http.StatusOK || got.Text != "" || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD returned %d %v %q", got.StatusCode, got.Header, got.Text)
	}
	if got := s.Do(t, servertest.Call{Method: "HEAD", Path: "/api/v1/me"}.SignedOut()); got.StatusCode != http.StatusUnauthorized || got.Text != "" {
		t.Errorf("HEAD signed out returned %d %q", got.StatusCode, got.Text)
	}
	if got := s.Do(t, servertest.Call{Method: "HEAD", Path: "/api/v1/auth/logout"}); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("HEAD without GET returned %d", got.StatusCode)
	}
	if lines := s.LogLines(t); lines[0]["method"] != "HEAD" {
		t.Errorf("the log is %v", lines[0])
	}
}

func TestMethodOverride_IsIgnored(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Accounts.EXPECT().Suspend(servertest.Anything, s.Actor, operations.ID[domain.User](operations.AdaID), nil).Return(operations.Ada(), nil)
	c := servertest.Post("/users/"+operations.AdaID+"/suspension", "")
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		c = c.With(name, "DELETE")
	}
	if got := s.Do(t, c); got.StatusCode != http.StatusOK {
		t.Errorf("the response is %d %s", got.StatusCode, got.Text)
	}
	s.Do(t, servertest.Post("/users/"+operations.AdaID+"/suspension?_method=DELETE", "")).WantProblem(t, 422, "invalid_request")
}

// Echo lets the last parameter of a path match several segments.
func TestPathParameters_AreOneSegment(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	for path, item := range servertest.Spec(t).Paths.Map() {
		if !strings.HasSuffix(path, "}") {
			continue
		}
		for method, op := range item.Operations() {
			t.Run(op.OperationID, func(t *testing.T) {
				t.Parallel()
				for _, more := range []string{"/nonsense", "/non/sense", "/"} {
					s.Do(t, servertest.Call{Method: method, Path: servertest.Fill(path) + more}).WantProblem(t, 404, "not_found")
				}
			})
		}
	}
}
