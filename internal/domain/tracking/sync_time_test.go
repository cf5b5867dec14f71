package tracking_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestSyncMeetsAUserWhoActsMeanwhile(t *testing.T) {
	t.Parallel()

	other := linked()
	other.Account.ID = "somebody else"
	moved := linked()
	moved.BaseURL = "https://elsewhere.example"
	tests := map[string]struct {
		meanwhile func(w *world)
		want      error
		stored    bool
	}{
		"nothing is stored after a disconnect":               {func(w *world) { w.lockErr = domain.ErrConnectionNotFound }, domain.ErrConnectionNotFound, false},
		"nothing is stored for another account":              {func(w *world) { w.conn = other }, domain.ErrSyncUnfinished, false},
		"nothing is stored for another server":               {func(w *world) { w.conn = moved }, domain.ErrSyncUnfinished, false},
		"days of the same account are stored, keys or not":   {func(w *world) { w.lockErr = domain.ErrTokenUnreadable }, nil, true},
		"days are stored when the account is connected anew": {func(w *world) { w.conn.AccessToken = "access-9" }, nil, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &world{conn: linked(), tracked: enrolled(), answer: func(w *world, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				tt.meanwhile(w)
				return hours(r), nil
			}}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

			if !errors.Is(err, tt.want) || (len(w.stored) > 0) != tt.stored {
				t.Errorf("Sync: stored %v, error %v, want %v", w.stored, err, tt.want)
			}
			if len(w.finished) != 1 || w.finished[0].Unfinished == tt.stored {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}

func TestSyncRunsOutOfTime(t *testing.T) {
	t.Parallel()

	slow := func(d time.Duration) func(*world, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
		return func(_ *world, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
			time.Sleep(d)
			return hours(r), nil
		}
	}
	tests := map[string]struct {
		answer     func(*world, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		unchanged  bool
		asked      int
		want       error
		reason     domain.Reason
		unfinished bool
	}{
		"what is left is for the next run":                {answer: slow(16 * time.Second), asked: 3, want: domain.ErrSyncUnfinished, unfinished: true},
		"a run that got nowhere does not go on at once":   {answer: slow(16 * time.Second), unchanged: true, asked: 3, reason: domain.ReasonUnavailable},
		"a server too slow for a second question is down": {answer: slow(46 * time.Second), asked: 1, reason: domain.ReasonUnavailable},
		"a slow server that fails has failed": {asked: 3, reason: domain.ReasonInvalid, answer: func(w *world, c domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
			time.Sleep(16 * time.Second)
			return refuses(domain.ReasonInvalid)(w, c, r)
		}},
		"in time, everything is asked for": {answer: slow(11 * time.Second), asked: 4},
		"a question that times out is noted": {asked: 1, reason: domain.ReasonUnavailable, answer: func(*world, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
			time.Sleep(time.Minute)
			return domain.FetchedDays{}, upstream(domain.ReasonUnavailable)
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				w := &world{conn: keyed(), tracked: enrolled(), missing: run(today-50, today), answer: tt.answer, unchanged: tt.unchanged}
				err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

				up, _ := errors.AsType[*domain.UpstreamError](err)
				switch {
				case tt.want != nil && !errors.Is(err, tt.want), tt.reason != "" && (up == nil || up.Reason != tt.reason),
					tt.want == nil && tt.reason == "" && err != nil:
					t.Errorf("Sync: got error %v", err)
				}
				if len(w.asked) != tt.asked {
					t.Errorf("asked %v", w.asked)
				}
				if len(w.finished) != 1 || w.finished[0].Unfinished != tt.unfinished || w.finished[0].Reason != tt.reason {
					t.Errorf("finished with %+v", w.finished)
				}
			})
		})
	}
}

func TestSyncIsStopped(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		answer   func(domain.DayRange) (domain.FetchedDays, error)
		stored   []domain.Day
		attempts int
	}{
		"a question cut off is nobody's failure": {answer: func(domain.DayRange) (domain.FetchedDays, error) {
			return domain.FetchedDays{}, upstream(domain.ReasonUnavailable)
		}},
		"an answer that has come is stored": {
			answer: func(r domain.DayRange) (domain.FetchedDays, error) { return hours(r), nil }, stored: run(today-13, today),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			ctx, cancel := context.WithCancel(t.Context())
			w := &world{conn: linked(), tracked: enrolled(), missing: run(today-20, today)}
			w.answer = func(_ *world, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				cancel()
				return tt.answer(r)
			}
			err := w.syncer(t).Sync(ctx, domain.System, ada, domain.SyncOnDemand)

			if !errors.Is(err, context.Canceled) || len(w.asked) != 1 || len(w.attempts) > 0 || !slices.Equal(w.stored, tt.stored) {
				t.Errorf("Sync: asked %v, stored %v, noted %v, error %v", w.asked, w.stored, w.attempts, err)
			}
			if len(w.finished) != 1 || !w.finished[0].Unfinished {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}

func TestSyncThatFailsTwiceSaysBoth(t *testing.T) {
	t.Parallel()

	w := &world{conn: linked(), tracked: enrolled(), answer: refuses(domain.ReasonMisconfig), finishErr: errDatabase}
	err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

	if !isUpstream(err, domain.ReasonMisconfig) || !errors.Is(err, errDatabase) {
		t.Errorf("Sync: got error %v", err)
	}
}
