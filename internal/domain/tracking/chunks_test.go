package tracking_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

// TestSync_RequestsAsManyDaysAsTheServerReturns fetches a year from servers that fail in
// different ways if more than some number of days is requested.
func TestSync_RequestsAsManyDaysAsTheServerReturns(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		most   int
		reason domain.Reason
		want   []int // the days of each request
		stored int
	}{
		"a server without a limit":                       {366, domain.ReasonInvalid, []int{14, 346}, 360},
		"a server that returns a quarter":                {92, domain.ReasonInvalid, []int{14, 346, 86, 86, 86, 86, 2}, 360},
		"a server that takes too long":                   {92, domain.ReasonUnavailable, []int{14, 346, 86, 86, 86, 86, 2}, 360},
		"a server that has to compute many days first":   {92, domain.ReasonNotReady, []int{14, 346, 86, 86, 86, 86, 2}, 360},
		"a server that returns a month":                  {31, domain.ReasonInvalid, append([]int{14, 346, 86}, repeated(21, 16, 10)...), 360},
		"a server that fails after the first request":    {0, domain.ReasonUnavailable, []int{14, 346, 86, 21, 14}, 14},
		"a server that limits requests is left in peace": {92, domain.ReasonThrottled, []int{14, 346}, 14},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: byKey(), tracked: enrolled(), missing: run(today-359, today)}
			w.tracked.Tracked.From = today - 359
			w.respond = func(w *scenario, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				if len(w.requested) > 1 && r.Len() > tt.most {
					return domain.FetchedDays{}, upstream(tt.reason)
				}
				return hours(r), nil
			}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			if (err == nil) != (tt.stored == 360) {
				t.Errorf("Sync: got error %v", err)
			}
			var got []int
			for _, r := range w.requested {
				got = append(got, r.Len())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error("requested", diff)
			}
			if len(w.stored) != tt.stored {
				t.Errorf("stored %d days, want %d", len(w.stored), tt.stored)
			}
		})
	}
}

// repeated returns n numbers, and a last one.
func repeated(number, n, last int) (out []int) {
	for range n {
		out = append(out, number)
	}
	return append(out, last)
}
