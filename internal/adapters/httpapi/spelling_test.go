package httpapi_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

var anID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// capitals writes the IDs in a text in upper case.
func capitals(text string) string { return anID.ReplaceAllStringFunc(text, strings.ToUpper) }

// escaped percent-encodes every character of a path that has the same meaning without.
func escaped(path string) string {
	path, query, hasQuery := strings.Cut(path, "?")
	var b strings.Builder
	for i := range len(path) {
		if path[i] == '/' {
			b.WriteByte('/')
		} else {
			fmt.Fprintf(&b, "%%%02x", path[i])
		}
	}
	if hasQuery {
		return b.String() + "?" + query
	}
	return b.String()
}

// Each operation is the same for all spellings of its URL and of the IDs in it, and responds
// with the canonical one.
func TestOperations_AcceptEverySpellingOfAnID(t *testing.T) {
	t.Parallel()
	spellings := map[string]func(c call) call{
		"IDs in capitals": func(c call) call {
			c.Path, c.Body = capitals(c.Path), capitals(c.Body)
			return c
		},
		"an escaped path": func(c call) call {
			c.Path = escaped(c.Path)
			return c
		},
		"an escaped path with IDs in capitals": func(c call) call {
			c.Path = escaped(capitals(c.Path))
			return c
		},
	}
	for name, r := range rows() {
		for how, spelled := range spellings {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				s := servertest.Start(t).SignedIn()
				r.port(s)
				got := s.Do(t, spelled(r.call))
				got.Want(t, r.status, r.want)
				for header, want := range r.headers {
					if v := got.Header.Get(header); v != want {
						t.Errorf("%s is %q, want %q", header, v, want)
					}
				}
			})
		}
	}
}

func TestProblems_ShowTheCanonicalPath(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	id := operations.ID[domain.User](operations.AdaID)
	s.Accounts.EXPECT().User(anything, s.Actor, id).Return(domain.User{}, domain.ErrUserNotFound)
	p := s.Do(t, servertest.Get("/%75sers/"+strings.ToUpper(operations.AdaID))).WantProblem(t, 404, "user_not_found")
	if want := "/api/v1/users/" + operations.AdaID; p.Instance != want {
		t.Errorf("the instance is %s, want %s", p.Instance, want)
	}
	if line := s.LogLines(t)[0]; line["path"] != "/api/v1/users/"+operations.AdaID || line["route"] != "/api/v1/users/:user_id" {
		t.Errorf("the log shows %v, %v", line["path"], line["route"])
	}
}
