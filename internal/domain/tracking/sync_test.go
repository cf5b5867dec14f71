package tracking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gradus-dev/gradus/internal/domain"
)

// span returns the days from a to b days ago.
func span(a, b domain.Day) domain.DayRange { return domain.DayRange{From: today - a, To: today - b} }

func TestSync_Requests(t *testing.T) {
	t.Parallel()

	late := enrolled()
	late.Tracked.From = today - 2
	ended := enrolled()
	ended.Tracked.To = today - 3
	empty := enrolled()
	empty.Tracked = domain.DayRange{From: 0, To: -1}

	tests := map[string]struct {
		scope   domain.SyncScope
		tracked domain.TrackedUser
		missing []domain.Day
		want    []domain.DayRange
	}{
		"today, and yesterday if it is missing":            {domain.SyncToday, enrolled(), []domain.Day{today - 9, today - 1, today}, []domain.DayRange{span(1, 0)}},
		"only today if yesterday is known":                 {domain.SyncToday, enrolled(), []domain.Day{today - 9}, []domain.DayRange{span(0, 0)}},
		"nothing of today if the batch has ended":          {domain.SyncToday, ended, nil, nil},
		"the last week every night":                        {domain.SyncNightly, enrolled(), nil, []domain.DayRange{span(6, 0)}},
		"the last week and all missing days, newest first": {domain.SyncNightly, enrolled(), append(run(today-30, today-18), today-3), []domain.DayRange{span(6, 0), span(30, 18)}},
		"14 days, and then all others":                     {domain.SyncOnDemand, enrolled(), run(today-40, today), []domain.DayRange{span(13, 0), span(40, 14)}},
		"no day before the first expected day":             {domain.SyncOnDemand, late, run(today-40, today), []domain.DayRange{span(2, 0)}},
		"the missing days of a batch that has ended":       {domain.SyncNightly, ended, []domain.Day{today - 4}, []domain.DayRange{span(6, 3)}},
		"nothing if no days are expected":                  {domain.SyncOnDemand, empty, run(today-40, today), nil},
		"nothing for an unknown scope of an older version": {"weekly", enrolled(), run(today-40, today), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: byOAuth(), tracked: tt.tracked, missing: tt.missing}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: tt.scope})

			if diff := cmp.Diff(tt.want, w.requested); err != nil || diff != "" {
				t.Errorf("Sync: error %v\n%s", err, diff)
			}
			if len(w.finished) != 1 || w.finished[0].Reason != domain.ReasonNone || w.finished[0].Unfinished {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}

func TestSync_StoresFetchedDays(t *testing.T) {
	t.Parallel()

	w := &scenario{conn: byOAuth(), tracked: enrolled(), missing: run(today-20, today)}
	w.conn.Ref = 5
	err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

	if want := slices.Concat(run(today-13, today), run(today-20, today-14)); err != nil || !slices.Equal(w.stored, want) {
		t.Errorf("Sync: stored %v, error %v", w.stored, err)
	}
	if len(w.uow.Changes) > 0 {
		t.Errorf("days that arrive were recorded as changes: %v", w.uow.Changes)
	}
	checks := domain.Checks{{Days: domain.DayRange{From: 0, To: today}, At: now}}
	result := []domain.SyncResult{{At: now, Lease: now.Add(75 * time.Second), Next: new(now.Add(time.Hour)), Account: 5, Checks: checks}}
	if diff := cmp.Diff(result, w.finished); diff != "" {
		t.Error(diff)
	}
}

func TestSync_UnchangedDaysLockNothing(t *testing.T) {
	t.Parallel()

	w := &scenario{conn: byKey(), tracked: enrolled(), unchanged: true}
	err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncNightly})

	if err != nil || len(w.requested) != 1 || w.uow.Runs.Load() > 0 {
		t.Errorf("Sync: requested %v, ran %d units of work, error %v", w.requested, w.uow.Runs.Load(), err)
	}
}

func TestSync_RecordsInvalidDays(t *testing.T) {
	t.Parallel()

	w := &scenario{
		conn: byOAuth(), tracked: enrolled(), missing: []domain.Day{today - 9, today - 2},
		respond: func(_ *scenario, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
			f := hours(r)
			for i := range f.Days {
				switch f.Days[i].Day {
				case today - 2, today - 7: // the latter was not requested, so it stays known
					f.Days[i] = domain.FetchedDay{Day: f.Days[i].Day, Failure: domain.ReasonMissingDay}
				case today - 9:
					f.Days[i] = domain.FetchedDay{Day: f.Days[i].Day, Failure: domain.ReasonInvalid}
				}
			}
			return f, nil
		},
	}
	err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncNightly})

	want := []failedAttempt{
		{Day: today - 9, State: domain.DayError, Reason: domain.ReasonInvalid},
		{Day: today - 2, State: domain.DayError, Reason: domain.ReasonMissingDay},
	}
	if diff := cmp.Diff(want, w.attempts); err != nil || diff != "" {
		t.Errorf("Sync: error %v\n%s", err, diff)
	}
	if want := []domain.Day{today - 8, today - 6, today - 5, today - 4, today - 3, today - 1, today}; !slices.Equal(w.stored, want) {
		t.Errorf("stored %v, want %v", w.stored, want)
	}
	if w.finished[0].Reason != domain.ReasonNone {
		t.Errorf("finished with %q", w.finished[0].Reason)
	}
}

func TestSync_UpstreamErrors(t *testing.T) {
	t.Parallel()

	backlog := run(today-20, today)
	newest, all := span(13, 0), []domain.DayRange{span(13, 0), span(20, 14)}
	tests := map[string]struct {
		conn      domain.Connection
		respond   func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		requested []domain.DayRange
		attempts  []failedAttempt
		reason    domain.Reason
		retried   bool // whether the error is returned
	}{
		"an outage ends the sync": {
			conn: byOAuth(), respond: failsWith(domain.ReasonUnavailable), requested: []domain.DayRange{newest},
			attempts: failedAttempts(today-13, today, domain.DayError, domain.ReasonUnavailable), reason: domain.ReasonUnavailable, retried: true,
		},
		"throttling ends the sync, and the days are pending": {
			conn: byOAuth(), respond: failsWith(domain.ReasonThrottled), requested: []domain.DayRange{newest},
			attempts: failedAttempts(today-13, today, domain.DayPending, domain.ReasonThrottled), reason: domain.ReasonThrottled, retried: true,
		},
		"days that are still being computed are pending, and other days are requested": {
			conn: byOAuth(), respond: failsWith(domain.ReasonNotReady), requested: all,
			attempts: slices.Concat(failedAttempts(today-13, today, domain.DayPending, domain.ReasonNotReady), failedAttempts(today-20, today-14, domain.DayPending, domain.ReasonNotReady)),
			reason:   domain.ReasonNotReady, retried: true,
		},
		"an invalid response is not stored, and other days are requested": {
			conn: byOAuth(), respond: failsWith(domain.ReasonInvalid), requested: all,
			attempts: slices.Concat(failedAttempts(today-13, today, domain.DayError, domain.ReasonInvalid), failedAttempts(today-20, today-14, domain.DayError, domain.ReasonInvalid)),
			reason:   domain.ReasonInvalid, retried: true,
		},
		"an outage after an invalid response is reported as an outage": {
			conn: byOAuth(),
			respond: func(w *scenario, _ domain.Credential, _ domain.DayRange) (domain.FetchedDays, error) {
				if len(w.requested) == 1 {
					return domain.FetchedDays{}, upstream(domain.ReasonInvalid)
				}
				return domain.FetchedDays{}, upstream(domain.ReasonUnavailable)
			},
			requested: all,
			attempts:  slices.Concat(failedAttempts(today-13, today, domain.DayError, domain.ReasonInvalid), failedAttempts(today-20, today-14, domain.DayError, domain.ReasonUnavailable)),
			reason:    domain.ReasonUnavailable, retried: true,
		},
		"an invalid response before valid ones is reported": {
			conn: byOAuth(),
			respond: func(w *scenario, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				if len(w.requested) == 1 {
					return domain.FetchedDays{}, upstream(domain.ReasonInvalid)
				}
				return hours(r), nil
			},
			requested: all, attempts: failedAttempts(today-13, today, domain.DayError, domain.ReasonInvalid), reason: domain.ReasonInvalid, retried: true,
		},
		"a missing scope is not retried": {
			conn: byOAuth(), respond: failsWith(domain.ReasonMissingScope), requested: []domain.DayRange{newest},
			attempts: failedAttempts(today-13, today, domain.DayError, domain.ReasonMissingScope), reason: domain.ReasonMissingScope,
		},
		"a server without summaries is not retried": {
			conn: byKey(), respond: failsWith(domain.ReasonUnsupported), requested: []domain.DayRange{newest},
			attempts: failedAttempts(today-13, today, domain.DayError, domain.ReasonUnsupported), reason: domain.ReasonUnsupported,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: tt.conn, tracked: enrolled(), missing: backlog, respond: tt.respond}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			up, ok := errors.AsType[*domain.UpstreamError](err)
			if ok != tt.retried || ok && up.Reason != tt.reason || !ok && err != nil {
				t.Errorf("Sync: got error %v", err)
			}
			if diff := cmp.Diff(tt.requested, w.requested); diff != "" {
				t.Error("requested", diff)
			}
			if diff := cmp.Diff(tt.attempts, w.attempts); diff != "" {
				t.Error("attempts", diff)
			}
			if len(w.finished) != 1 || w.finished[0].Reason != tt.reason || w.finished[0].Unfinished || w.finished[0].Next == nil {
				t.Errorf("finished with %+v, want reason %q", w.finished, tt.reason)
			}
			if len(w.saved) > 0 {
				t.Errorf("changed the connection to %+v", w.saved)
			}
		})
	}
}

func TestSync_PlanLimit(t *testing.T) {
	t.Parallel()

	limited := func(from, to domain.Day) []failedAttempt {
		return failedAttempts(from, to, domain.DayPlanLimited, domain.ReasonPlanLimited)
	}
	tests := map[string]struct {
		missing   []domain.Day
		respond   func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		requested []domain.DayRange
		stored    []domain.Day
		attempts  []failedAttempt
		reason    domain.Reason
	}{
		"402 marks older days without further requests": {
			missing: run(today-40, today), respond: showsSince(today - 6),
			requested: []domain.DayRange{span(13, 0), span(0, 0), span(7, 0), span(4, 0), span(6, 0)},
			stored:    run(today-6, today), attempts: limited(today-40, today-7),
		},
		"a limit between two chunks is found immediately": {
			missing: run(today-40, today), respond: showsSince(today - 13),
			requested: []domain.DayRange{span(13, 0), span(40, 14), span(14, 14)},
			stored:    run(today-13, today), attempts: limited(today-40, today-14),
		},
		"a plan that shows nothing": {
			missing: run(today-40, today), respond: showsSince(today + 1),
			requested: []domain.DayRange{span(13, 0), span(0, 0)}, attempts: limited(today-40, today),
		},
		"a single old day": {
			missing: []domain.Day{today - 30}, respond: showsSince(today - 20),
			requested: []domain.DayRange{span(6, 0), span(30, 30)}, stored: run(today-6, today), attempts: limited(today-30, today-30),
		},
		"days that were not requested are not marked": {
			missing: []domain.Day{today - 30, today - 20}, respond: showsSince(today - 6),
			requested: []domain.DayRange{span(6, 0), span(30, 20), span(20, 20)},
			stored:    run(today-6, today), attempts: slices.Concat(limited(today-30, today-30), limited(today-20, today-20)),
		},
		"an outage during the search for the limit keeps the fetched days": {
			missing: run(today-20, today),
			respond: func(w *scenario, c domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				if len(w.requested) == 5 {
					return domain.FetchedDays{}, upstream(domain.ReasonUnavailable)
				}
				return showsSince(today-6)(w, c, r)
			},
			requested: []domain.DayRange{span(13, 0), span(0, 0), span(7, 0), span(4, 0), span(6, 0)},
			stored:    run(today-4, today),
			attempts:  slices.Concat(limited(today-20, today-7), failedAttempts(today-6, today-5, domain.DayError, domain.ReasonUnavailable)),
			reason:    domain.ReasonUnavailable,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &scenario{conn: byOAuth(), tracked: enrolled(), missing: tt.missing, respond: tt.respond}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			if (err != nil) != (tt.reason != domain.ReasonNone) {
				t.Errorf("Sync: got error %v", err)
			}
			if diff := cmp.Diff(tt.requested, w.requested); diff != "" {
				t.Error("requested", diff)
			}
			if diff := cmp.Diff(tt.stored, w.stored); diff != "" {
				t.Error("stored", diff)
			}
			if diff := cmp.Diff(tt.attempts, w.attempts); diff != "" {
				t.Error("attempts", diff)
			}
			if w.finished[0].Reason != tt.reason {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}

func TestSync_DoesNotStart(t *testing.T) {
	t.Parallel()

	ended := byOAuth()
	ended.Unlink()
	tests := map[string]struct {
		actor    domain.Actor
		scenario scenario
		want     error
		finished []domain.SyncResult
	}{
		"another sync is running": {actor: domain.System, scenario: scenario{startErr: domain.ErrSyncBusy}, want: domain.ErrSyncBusy},
		"there is no connection":  {actor: domain.System, scenario: scenario{startErr: domain.ErrConnectionNotFound}, want: domain.ErrConnectionNotFound},
		"a user cannot run syncs": {
			actor: asAdmin, scenario: scenario{}, want: domain.ErrForbidden,
		},
		"WakaTime ended the connection": {
			actor: domain.System, scenario: scenario{conn: ended},
			finished: []domain.SyncResult{{At: now, Lease: now.Add(75 * time.Second), Reason: domain.ReasonRevoked}},
		},
		"the tokens cannot be decrypted": {
			actor: domain.System, scenario: scenario{conn: byKey(), startErr: domain.ErrTokenUnreadable, tracked: enrolled()}, want: domain.ErrTokenUnreadable,
			finished: []domain.SyncResult{{
				At: now, Lease: now.Add(75 * time.Second), Reason: domain.ReasonUnreadable,
				Next: new(now.Add(time.Hour)),
			}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := tt.scenario.syncer(t).Sync(t.Context(), tt.actor, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			if !errors.Is(err, tt.want) {
				t.Errorf("Sync: got error %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(tt.finished, tt.scenario.finished, cmpopts.IgnoreFields(domain.SyncResult{}, "Checks")); diff != "" {
				t.Error(diff)
			}
			if len(tt.scenario.requested) > 0 || len(tt.scenario.saved) > 0 || len(tt.scenario.attempts) > 0 {
				t.Errorf("requested %v, saved %v, failed attempts %v", tt.scenario.requested, tt.scenario.saved, tt.scenario.attempts)
			}
		})
	}
}

func TestSync_InternalErrors(t *testing.T) {
	t.Parallel()

	tests := map[string]scenario{
		"the ledger cannot be read":          {listErr: errDatabase},
		"names cannot be stored":             {namesErr: errDatabase, missing: run(today-300, today)},
		"days cannot be stored":              {storeErr: errDatabase},
		"failed attempts cannot be recorded": {storeErr: errDatabase, missing: []domain.Day{today}, respond: failsWith(domain.ReasonInvalid)},
		"the connection cannot be locked":    {lockErr: errDatabase},
		"the lease cannot be released":       {finishErr: errDatabase},
	}
	for name, w := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w.conn, w.tracked = byOAuth(), enrolled()
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand})

			if !errors.Is(err, errDatabase) || len(w.uow.Changes) > 0 && w.finishErr == nil {
				t.Errorf("Sync: got error %v, recorded %v", err, w.uow.Changes)
			}
			if len(w.finished) != 1 || w.finished[0].Unfinished == (w.finishErr != nil) || w.finished[0].Lease != now.Add(75*time.Second) {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}
