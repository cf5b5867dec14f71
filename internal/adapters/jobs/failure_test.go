package jobs_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river/rivertype"

	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/domain"
)

const failedUser = "0190c0de-0000-7000-8000-000000000001"

func discardLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestRetryPolicy_DoublesUpToSixHours(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	policy := jobs.RiverConfig(nil, jobs.Config{}, discardLog(), func() time.Time { return now }).RetryPolicy
	tests := map[string]struct {
		attempt int
		age     time.Duration // since the attempt started
		most    time.Duration
	}{
		"the first retry waits one minute":                        {1, time.Second, time.Minute},
		"each further retry waits twice as long":                  {2, time.Second, 2 * time.Minute},
		"the ninth retry waits over four hours":                   {9, time.Minute, 256 * time.Minute},
		"the wait is at most six hours":                           {10, time.Minute, 6 * time.Hour},
		"the wait is at most six hours after many attempts":       {30, time.Minute, 6 * time.Hour},
		"a job whose worker was killed is retried at once":        {1, 75 * time.Second, 0},
		"a failed job whose worker was killed is retried at once": {9, 100 * time.Second, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			seen := map[time.Duration]bool{}
			for range 50 {
				wait := policy.NextRetry(&rivertype.JobRow{Attempt: tt.attempt, AttemptedAt: new(now.Add(-tt.age))}).Sub(now)
				if wait > tt.most || wait < tt.most*4/5 {
					t.Fatalf("retried after %v, want about %v", wait, tt.most)
				}
				seen[wait] = true
			}
			if tt.most > 0 && len(seen) == 1 {
				t.Error("the retries have no jitter")
			}
		})
	}
}

func TestRetryPolicy_RetriesAJobThatNeverRan(t *testing.T) {
	t.Parallel()

	policy := jobs.RiverConfig(nil, jobs.Config{}, discardLog(), clock).RetryPolicy
	if d := time.Until(policy.NextRetry(&rivertype.JobRow{})); d < 40*time.Second || d > time.Minute {
		t.Errorf("retried after %v", d)
	}
}

func TestErrorHandler_LogsEachFailureOnce(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		err       error
		level     string
		alarm     string
		cancelled bool
	}{
		"an outage is a warning":                          {&domain.UpstreamError{Reason: domain.ReasonUnavailable}, "WARN", "", false},
		"an internal error is an error":                   {errDatabase, "ERROR", "", false},
		"a misconfigured client raises an alarm":          {&domain.UpstreamError{Reason: domain.ReasonMisconfig}, "ERROR", "wakatime_misconfigured", false},
		"an unreadable token raises an alarm and cancels": {domain.ErrTokenUnreadable, "ERROR", "token_unreadable", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var out bytes.Buffer
			handler := jobs.RiverConfig(nil, jobs.Config{}, slog.New(slog.NewJSONHandler(&out, nil)), clock).ErrorHandler
			row := &rivertype.JobRow{ID: 7, Kind: "tracking.sync", Attempt: 2, EncodedArgs: []byte(`{"user_id":"` + failedUser + `","from":"canary"}`)}

			res := handler.HandleError(t.Context(), row, tt.err)

			if got := res != nil && res.SetCancelled; got != tt.cancelled {
				t.Errorf("cancelled: %v", got)
			}
			want := map[string]any{"level": tt.level, "msg": "job failed", "job_id": 7., "job_kind": "tracking.sync", "attempt": 2., "error": tt.err.Error(), "user_id": failedUser, "connection_id": failedUser}
			if tt.alarm != "" {
				want["alarm"] = tt.alarm
			}
			if diff := cmp.Diff(want, decodeRecord(t, out.Bytes())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A job without a user, or with arguments that cannot be read, is logged without one.
func TestErrorHandler_LogsOnlyTheUserOfTheArguments(t *testing.T) {
	t.Parallel()

	for _, row := range []rivertype.JobRow{
		{ID: 7, Kind: "tracking.sync", Attempt: 2, EncodedArgs: []byte(`{"user_id":"canary"}`)},
		{ID: 7, Kind: "tracking.sync", Attempt: 2, EncodedArgs: []byte(`canary`)},
		{ID: 7, Kind: "tracking.plan", Attempt: 2, EncodedArgs: []byte(`{}`)},
	} {
		var out bytes.Buffer
		jobs.RiverConfig(nil, jobs.Config{}, slog.New(slog.NewJSONHandler(&out, nil)), clock).ErrorHandler.HandleError(t.Context(), &row, errDatabase)

		want := map[string]any{"level": "ERROR", "msg": "job failed", "job_id": 7., "job_kind": row.Kind, "attempt": 2., "error": errDatabase.Error()}
		if diff := cmp.Diff(want, decodeRecord(t, out.Bytes())); diff != "" {
			t.Errorf("%s: %s", row.EncodedArgs, diff)
		}
	}
}

func TestErrorHandler_LogsPanicsWithTheirStack(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer
	handler := jobs.RiverConfig(nil, jobs.Config{}, slog.New(slog.NewJSONHandler(&out, nil)), clock).ErrorHandler

	handler.HandlePanic(t.Context(), &rivertype.JobRow{ID: 7, Kind: "tracking.sync", Attempt: 2, EncodedArgs: []byte(`{"user_id":"` + failedUser + `"}`)}, "oh no", "main.go:1")

	want := map[string]any{"level": "ERROR", "msg": "job panicked", "job_id": 7., "job_kind": "tracking.sync", "attempt": 2., "user_id": failedUser, "connection_id": failedUser, "panic": "oh no", "trace": "main.go:1"}
	if diff := cmp.Diff(want, decodeRecord(t, out.Bytes())); diff != "" {
		t.Error(diff)
	}
}

func TestQuietLog_DropsRecordsBelowWarnings(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer
	log := jobs.QuietLog(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))).With("a", 1).WithGroup("g")

	log.Debug("one")
	log.Info("two")
	log.Warn("three")

	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "three") {
		t.Errorf("logged %q", got)
	}
}

// The longest wait is the sum of three intervals.
func TestRiverConfig_RescuesAbandonedJobsWithinTwoMinutes(t *testing.T) {
	t.Parallel()

	const rescuer, scheduler = 30 * time.Second, 5 * time.Second // fixed in River
	cfg := jobs.RiverConfig(nil, jobs.Config{}, discardLog(), clock)
	if most := cfg.RescueStuckJobsAfter + rescuer + scheduler; most > 2*time.Minute {
		t.Errorf("an abandoned job runs again after up to %v", most)
	}
	if cfg.JobTimeout >= cfg.RescueStuckJobsAfter {
		t.Error("running jobs can count as abandoned")
	}
}

// decodeRecord decodes the only record that was logged, without its time.
func decodeRecord(t *testing.T, out []byte) map[string]any {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	delete(got, "time")
	return got
}
