package cors_test

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// The host of a request may differ from the public URL, behind a proxy or by an alias.
func TestCSRF_AllowsOtherHostNames(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Sessions.EXPECT().SignOut(servertest.Anything, s.Actor).Return(nil).Times(2)
	out := servertest.Post("/auth/logout", "").SignedOut().With("Cookie", servertest.Cookie)
	s.Do(t, out.With("Host", "gradus.internal:8080").With("Origin", servertest.Origin)).Want(t, 204, "")
	s.Do(t, out.With("Host", "www.gradus.example").With("Origin", "https://www.gradus.example")).Want(t, 204, "")
	s.Do(t, out.With("Host", "gradus.internal:8080").With("Origin", "https://evil.example")).WantProblem(t, 403, "cross_origin")
}

// Reads from other origins work, as links need, but scripts cannot see the response.
func TestCSRF_AllowsReads(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Accounts.EXPECT().Me(servertest.Anything, s.Actor).Return(operations.Me(), nil)
	got := s.Do(t, servertest.Get("/me").SignedOut().With("Cookie", servertest.Cookie).With("Origin", "https://evil.example").With("Sec-Fetch-Site", "cross-site"))
	got.Want(t, 200, operations.MeJSON)
	for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
		if v := got.Header.Get(name); v != "" {
			t.Errorf("%s is %q", name, v)
		}
	}
	if v := got.Header.Get("Cross-Origin-Resource-Policy"); v != "same-origin" {
		t.Errorf("Cross-Origin-Resource-Policy is %q", v)
	}
}
