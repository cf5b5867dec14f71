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

func TestSync_ConcurrentUserActions(t *testing.T) {
	t.Parallel()

	other := byOAuth()
	other.Account.ID = "another account"
	moved := byOAuth()
	moved.BaseURL = "https://elsewhere.example"
	tests := map[string]struct {
		act    func(w *scenario)
		want   error
		stored bool
	}{
		"nothing is stored after a disconnect":                                       {func(w *scenario) { w.lockErr = domain.ErrConnectionNotFound }, domain.ErrConnectionNotFound, false},
		"nothing is stored for another account":                                      {func(w *scenario) { w.conn = other }, domain.ErrSyncUnfinished, false},
		"nothing is stored for another server":                                       {func(w *scenario) { w.conn = moved }, domain.ErrSyncUnfinished, false},
		"days of the same account are stored even if the tokens cannot be decrypted": {func(w *scenario) { w.lockErr = domain.ErrTokenUnreadable }, nil, true},
		"days are stored if the same account was reconnected":                        {func(w *scenario) { w.conn.AccessToken = "access-9" }, nil, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: byOAuth(), tracked: enrolled(), respond: func(w *scenario, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				tt.act(w)
				return hours(r), nil
			}}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			if !errors.Is(err, tt.want) || (len(w.stored) > 0) != tt.stored {
				t.Errorf("Sync: stored %v, error %v, want %v", w.stored, err, tt.want)
			}
			if len(w.finished) != 1 || w.finished[0].Unfinished == tt.stored {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}

// refusesOver rejects requests for more days, and passes the others on.
func refusesOver(days int, respond func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error)) func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
	return func(w *scenario, c domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
		if r.Len() > days {
			return domain.FetchedDays{}, upstream(domain.ReasonInvalid)
		}
		return respond(w, c, r)
	}
}

func TestSync_Timeout(t *testing.T) {
	t.Parallel()

	slow := func(d time.Duration) func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
		return func(_ *scenario, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
			time.Sleep(d)
			return hours(r), nil
		}
	}
	useless := func(d time.Duration) func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
		return func(_ *scenario, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
			time.Sleep(d)
			f := hours(r)
			for i := range f.Days {
				f.Days[i] = domain.FetchedDay{Day: f.Days[i].Day, Failure: domain.ReasonMissingDay}
			}
			return f, nil
		}
	}
	tests := map[string]struct {
		respond    func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		unchanged  bool
		requested  int
		want       error
		reason     domain.Reason
		unfinished bool
	}{
		"the remaining days are left to the next run":           {respond: slow(16 * time.Second), requested: 4, want: domain.ErrSyncUnfinished, unfinished: true},
		"checks without news are progress":                      {respond: slow(16 * time.Second), unchanged: true, requested: 4, want: domain.ErrSyncUnfinished, unfinished: true},
		"a run without progress does not continue immediately":  {respond: useless(16 * time.Second), requested: 4, reason: domain.ReasonUnavailable},
		"a server too slow for a second request is unavailable": {respond: slow(46 * time.Second), requested: 1, reason: domain.ReasonUnavailable},
		"a slow server that fails is reported as failed": {requested: 4, reason: domain.ReasonInvalid, respond: func(w *scenario, c domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
			time.Sleep(16 * time.Second)
			return failsWith(domain.ReasonInvalid)(w, c, r)
		}},
		"with enough time all days are requested": {respond: slow(11 * time.Second), requested: 5},
		"a request that times out is recorded": {requested: 1, reason: domain.ReasonUnavailable, respond: func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
			time.Sleep(time.Minute)
			return domain.FetchedDays{}, upstream(domain.ReasonUnavailable)
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				w := &scenario{conn: byKey(), tracked: enrolled(), missing: run(today-50, today), respond: refusesOver(14, tt.respond), unchanged: tt.unchanged}
				err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

				up, _ := errors.AsType[*domain.UpstreamError](err)
				switch {
				case tt.want != nil && !errors.Is(err, tt.want), tt.reason != "" && (up == nil || up.Reason != tt.reason),
					tt.want == nil && tt.reason == "" && err != nil:
					t.Errorf("Sync: got error %v", err)
				}
				if len(w.requested) != tt.requested {
					t.Errorf("requested %v", w.requested)
				}
				if len(w.finished) != 1 || w.finished[0].Unfinished != tt.unfinished || w.finished[0].Reason != tt.reason {
					t.Errorf("finished with %+v", w.finished)
				}
			})
		})
	}
}

func TestSync_Interrupted(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		respond  func(domain.DayRange) (domain.FetchedDays, error)
		stored   []domain.Day
		attempts int
	}{
		"an interrupted request is not recorded as a failure": {respond: func(domain.DayRange) (domain.FetchedDays, error) {
			return domain.FetchedDays{}, upstream(domain.ReasonUnavailable)
		}},
		"a received response is stored": {
			respond: func(r domain.DayRange) (domain.FetchedDays, error) { return hours(r), nil }, stored: run(today-13, today),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			ctx, cancel := context.WithCancel(t.Context())
			w := &scenario{conn: byOAuth(), tracked: enrolled(), missing: run(today-20, today)}
			w.respond = func(_ *scenario, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				cancel()
				return tt.respond(r)
			}
			err := w.syncer(t).Sync(ctx, domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			if !errors.Is(err, context.Canceled) || len(w.requested) != 1 || len(w.attempts) > 0 || !slices.Equal(w.stored, tt.stored) {
				t.Errorf("Sync: requested %v, stored %v, failed attempts %v, error %v", w.requested, w.stored, w.attempts, err)
			}
			if len(w.finished) != 1 || !w.finished[0].Unfinished {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}

func TestSync_ReturnsBothErrors(t *testing.T) {
	t.Parallel()

	w := &scenario{conn: byOAuth(), tracked: enrolled(), respond: failsWith(domain.ReasonMisconfig), finishErr: errDatabase}
	err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

	if !isUpstream(err, domain.ReasonMisconfig) || !errors.Is(err, errDatabase) {
		t.Errorf("Sync: got error %v", err)
	}
}
