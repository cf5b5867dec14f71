package metrics_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(operations.Ada(), nil)
	s.Do(t, servertest.Get("/users/"+operations.AdaID))
	s.Do(t, servertest.Get("/users/"+operations.TomasID+"/nothing"))
	s.Do(t, servertest.Call{Method: "BREW", Path: "/api/v1/me"})
	s.Stop()
	rec := httptest.NewRecorder()
	s.Metrics.Handler().ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	text := rec.Body.String()
	for _, want := range []string{
		`gradus_http_request_duration_seconds_count{method="GET",route="/api/v1/users/:user_id",status="200"} 1`,
		`gradus_http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1`,
		`gradus_http_request_duration_seconds_count{method="other",route="/api/v1/me",status="405"} 1`,
		"go_goroutines",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(text, operations.AdaID) || strings.Contains(text, "BREW") {
		t.Error("the metrics have labels that clients choose")
	}
}
