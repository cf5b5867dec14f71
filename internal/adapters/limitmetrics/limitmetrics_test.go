package limitmetrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/gradus-dev/gradus/internal/adapters/limitmetrics"
	"github.com/gradus-dev/gradus/internal/adapters/memory"
	"github.com/gradus-dev/gradus/internal/domain"
)

func TestLimiter_CountsDecisions(t *testing.T) {
	t.Parallel()
	inner, err := memory.NewRateLimiter(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l := limitmetrics.New(inner)
	limit := domain.RateLimit{Name: "sign_in", Burst: 2, Every: time.Hour}
	var allowed []bool
	for range 3 {
		allowed = append(allowed, l.Take(t.Context(), limit, "a").Allowed)
	}
	l.Return(t.Context(), limit, "a")
	allowed = append(allowed, l.Take(t.Context(), limit, "a").Allowed)
	if !allowed[0] || !allowed[1] || allowed[2] || !allowed[3] {
		t.Errorf("the decisions are %v", allowed)
	}
	const want = `# HELP gradus_rate_limit_decisions_total Decisions about requests and guesses, by limit and outcome.
# TYPE gradus_rate_limit_decisions_total counter
gradus_rate_limit_decisions_total{limit="sign_in",outcome="allowed"} 3
gradus_rate_limit_decisions_total{limit="sign_in",outcome="limited"} 1
gradus_rate_limit_decisions_total{limit="sign_in",outcome="returned"} 1
`
	if err := testutil.CollectAndCompare(l, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
