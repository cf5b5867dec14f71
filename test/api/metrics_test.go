package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMetrics_CoverRequestsConnectionsAndJobs(t *testing.T) {
	t.Parallel()
	e, ada, _ := oneStudent(t)
	e.sync(ada)
	rec := httptest.NewRecorder()
	e.App.Metrics.Handler().ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	text := rec.Body.String()
	for _, want := range []string{
		`gradus_http_request_duration_seconds_count{method="POST",route="/api/v1/me/wakatime/sync",status="202"} 1`,
		`pgxpool_max_conns{pool="api"}`,
		`pgxpool_max_conns{pool="direct"}`,
		`river_insert_count_total{status="ok",unique_skipped_as_duplicate="false"}`,
		`river_work_duration_histogram_seconds_bucket{attempt="1",kind="tracking.sync",`,
		`le="0.25"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}
