package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/adapters/memory"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// maxAllocs is the bound of TestRequests_AllocateLittle. GET /me costs 73, and 90 with the race
// detector, which empties pools at random.
const maxAllocs = 100

// unread is a response that nobody reads.
type unread http.Header

func (u unread) Header() http.Header       { return http.Header(u) }
func (unread) Write(b []byte) (int, error) { return len(b), nil }
func (unread) WriteHeader(int)             {}

// A request must not become more expensive unnoticed. The bound includes the mocked ports, but
// neither net/http nor the database.
//
//nolint:paralleltest // AllocsPerRun counts the allocations of all tests that run.
func TestRequests_AllocateLittle(t *testing.T) {
	limiter, err := memory.NewRateLimiter(servertest.Clock)
	if err != nil {
		t.Fatal(err)
	}
	s := servertest.StartLimited(t, limiter).SignedIn()
	s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil).AnyTimes()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/me", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.RequestURI, r.RemoteAddr = "/api/v1/me", "127.0.0.1:1"
	r.Header.Set("Authorization", "Bearer "+servertest.Token)
	n := testing.AllocsPerRun(100, func() { s.Handler.ServeHTTP(unread{}, r) })
	if n > maxAllocs {
		t.Errorf("GET /me costs %.0f allocations, want at most %d", n, maxAllocs)
	}
	t.Logf("%.0f allocations", n)
}
