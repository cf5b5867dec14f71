package validate_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// Lengths are those of the text that is stored. A letter and its accent can be sent apart.
func TestLengths_AreOfTheStoredText(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	name := strings.Repeat("e\u0301\u200b", 100)
	s.Accounts.EXPECT().UpdateMe(servertest.Anything, s.Actor, domain.ProfileUpdate{Name: &name}, servertest.Anything).Return(operations.Me(), nil)
	s.Do(t, servertest.Patch("/me", `{"name": "`+name+`"}`)).Want(t, 200, operations.MeJSON)
	s.Accounts.EXPECT().Users(servertest.Anything, s.Actor, domain.UserFilter{Search: name}, servertest.Anything).Return(domain.Page[domain.User]{}, nil)
	s.Do(t, servertest.Get("/users?search="+url.QueryEscape(name))).Want(t, 200, `{"items": [], "next": null}`)
	s.Do(t, servertest.Patch("/me", `{"name": "`+name+`x"}`)).WantProblem(t, 422, "invalid_request")
	s.Do(t, servertest.Get("/users?search="+url.QueryEscape(name+"x"))).WantProblem(t, 422, "invalid_request")
}
