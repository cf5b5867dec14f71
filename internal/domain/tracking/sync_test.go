package tracking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

// span is the days from a to b of the past, counted back from today.
func span(a, b domain.Day) domain.DayRange { return domain.DayRange{From: today - a, To: today - b} }

func TestSyncAsksFor(t *testing.T) {
	t.Parallel()

	late := enrolled()
	late.Expected.From = today - 2
	over := enrolled()
	over.Expected.To = today - 3
	empty := enrolled()
	empty.Expected = domain.DayRange{From: 0, To: -1}

	tests := map[string]struct {
		scope   domain.SyncScope
		tracked domain.TrackedUser
		missing []domain.Day
		want    []domain.DayRange
	}{
		"today and the yesterday that had not ended":          {domain.SyncToday, enrolled(), []domain.Day{today - 9, today - 1, today}, []domain.DayRange{span(1, 0)}},
		"today alone when yesterday is final":                 {domain.SyncToday, enrolled(), []domain.Day{today - 9}, []domain.DayRange{span(0, 0)}},
		"nothing today when the batch is over":                {domain.SyncToday, over, nil, nil},
		"the last week each night":                            {domain.SyncNightly, enrolled(), nil, []domain.DayRange{span(6, 0)}},
		"the last week and every gap, newest first":           {domain.SyncNightly, enrolled(), append(run(today-30, today-18), today-3), []domain.DayRange{span(6, 0), span(30, 18)}},
		"gaps of a fortnight at a time":                       {domain.SyncOnDemand, enrolled(), run(today-40, today), []domain.DayRange{span(13, 0), span(27, 14), span(40, 28)}},
		"no day before the first that is expected":            {domain.SyncOnDemand, late, run(today-40, today), []domain.DayRange{span(2, 0)}},
		"what is missing of a batch that is over":             {domain.SyncNightly, over, []domain.Day{today - 4}, []domain.DayRange{span(6, 3)}},
		"nothing of somebody of whom nothing is expected":     {domain.SyncOnDemand, empty, run(today-40, today), nil},
		"nothing for a scope that an older program left over": {"weekly", enrolled(), run(today-40, today), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &world{conn: linked(), tracked: tt.tracked, missing: tt.missing}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, tt.scope)

			if diff := cmp.Diff(tt.want, w.asked); err != nil || diff != "" {
				t.Errorf("Sync: error %v\n%s", err, diff)
			}
			if len(w.finished) != 1 || w.finished[0].Reason != domain.ReasonNone || w.finished[0].Unfinished {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}

func TestSyncStoresWhatComes(t *testing.T) {
	t.Parallel()

	w := &world{conn: linked(), tracked: enrolled(), missing: run(today-20, today)}
	err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

	if want := slices.Concat(run(today-13, today), run(today-20, today-14)); err != nil || !slices.Equal(w.stored, want) {
		t.Errorf("Sync: stored %v, error %v", w.stored, err)
	}
	want := []domain.Change{
		{Action: domain.ActTrackingRecord, Subject: ada.String(), Details: map[string]any{"from": "2026-11-11", "to": "2026-11-24", "days": 14}},
		{Action: domain.ActTrackingRecord, Subject: ada.String(), Details: map[string]any{"from": "2026-11-04", "to": "2026-11-10", "days": 7}},
	}
	if diff := cmp.Diff(want, w.uow.Changes); diff != "" {
		t.Error(diff)
	}
	result := []domain.SyncResult{{At: now, Lease: now.Add(75 * time.Second), Next: new(now.Add(time.Hour))}}
	if diff := cmp.Diff(result, w.finished); diff != "" {
		t.Error(diff)
	}
}

func TestSyncOfUnchangedDaysIsNoChange(t *testing.T) {
	t.Parallel()

	w := &world{conn: keyed(), tracked: enrolled(), unchanged: true}
	err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncNightly)

	if err != nil || len(w.asked) != 1 || len(w.uow.Changes) > 0 {
		t.Errorf("Sync: asked %v, recorded %v, error %v", w.asked, w.uow.Changes, err)
	}
}

func TestSyncOfDaysThatComeAsErrors(t *testing.T) {
	t.Parallel()

	w := &world{
		conn: linked(), tracked: enrolled(), missing: []domain.Day{today - 9},
		answer: func(_ *world, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
			f := hours(r)
			for i := range f.Days {
				switch f.Days[i].Day {
				case today - 2, today - 7: // the latter was not asked for: what is known of it stays
					f.Days[i] = domain.FetchedDay{Day: f.Days[i].Day, State: domain.DayError, Reason: domain.ReasonMissingDay}
				case today - 9:
					f.Days[i] = domain.FetchedDay{Day: f.Days[i].Day, State: domain.DayError, Reason: domain.ReasonInvalid}
				}
			}
			return f, nil
		},
	}
	err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncNightly)

	want := []domain.FailedAttempt{
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

func TestSyncMeetsRefusals(t *testing.T) {
	t.Parallel()

	backlog := run(today-20, today)
	newest, all := span(13, 0), []domain.DayRange{span(13, 0), span(20, 14)}
	tests := map[string]struct {
		conn     domain.Connection
		answer   func(*world, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		asked    []domain.DayRange
		attempts []domain.FailedAttempt
		reason   domain.Reason
		retried  bool // the caller gets the error
	}{
		"an outage keeps what was known and stops asking": {
			conn: linked(), answer: refuses(domain.ReasonUnavailable), asked: []domain.DayRange{newest},
			attempts: vain(today-13, today, domain.DayError, domain.ReasonUnavailable), reason: domain.ReasonUnavailable, retried: true,
		},
		"throttling stops asking, and the days are pending": {
			conn: linked(), answer: refuses(domain.ReasonThrottled), asked: []domain.DayRange{newest},
			attempts: vain(today-13, today, domain.DayPending, domain.ReasonThrottled), reason: domain.ReasonThrottled, retried: true,
		},
		"days that are being computed are pending, and others are asked for": {
			conn: linked(), answer: refuses(domain.ReasonNotReady), asked: all,
			attempts: slices.Concat(vain(today-13, today, domain.DayPending, domain.ReasonNotReady), vain(today-20, today-14, domain.DayPending, domain.ReasonNotReady)),
			reason:   domain.ReasonNotReady, retried: true,
		},
		"garbage is not stored, and other days are asked for": {
			conn: linked(), answer: refuses(domain.ReasonInvalid), asked: all,
			attempts: slices.Concat(vain(today-13, today, domain.DayError, domain.ReasonInvalid), vain(today-20, today-14, domain.DayError, domain.ReasonInvalid)),
			reason:   domain.ReasonInvalid, retried: true,
		},
		"an outage after garbage is an outage": {
			conn: linked(),
			answer: func(w *world, _ domain.Credential, _ domain.DayRange) (domain.FetchedDays, error) {
				if len(w.asked) == 1 {
					return domain.FetchedDays{}, upstream(domain.ReasonInvalid)
				}
				return domain.FetchedDays{}, upstream(domain.ReasonUnavailable)
			},
			asked:    all,
			attempts: slices.Concat(vain(today-13, today, domain.DayError, domain.ReasonInvalid), vain(today-20, today-14, domain.DayError, domain.ReasonUnavailable)),
			reason:   domain.ReasonUnavailable, retried: true,
		},
		"garbage before good days is not forgotten": {
			conn: linked(),
			answer: func(w *world, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				if len(w.asked) == 1 {
					return domain.FetchedDays{}, upstream(domain.ReasonInvalid)
				}
				return hours(r), nil
			},
			asked: all, attempts: vain(today-13, today, domain.DayError, domain.ReasonInvalid), reason: domain.ReasonInvalid, retried: true,
		},
		"a missing scope is the user's to mend": {
			conn: linked(), answer: refuses(domain.ReasonMissingScope), asked: []domain.DayRange{newest},
			attempts: vain(today-13, today, domain.DayError, domain.ReasonMissingScope), reason: domain.ReasonMissingScope,
		},
		"a server without summaries is not asked again": {
			conn: keyed(), answer: refuses(domain.ReasonUnsupported), asked: []domain.DayRange{newest},
			attempts: vain(today-13, today, domain.DayError, domain.ReasonUnsupported), reason: domain.ReasonUnsupported,
		},
		"a key that is no longer good cannot be renewed": {
			conn: keyed(), answer: refuses(domain.ReasonUnauthorized), asked: []domain.DayRange{newest},
			attempts: vain(today-13, today, domain.DayError, domain.ReasonUnauthorized), reason: domain.ReasonUnauthorized,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &world{conn: tt.conn, tracked: enrolled(), missing: backlog, answer: tt.answer}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

			up, ok := errors.AsType[*domain.UpstreamError](err)
			if ok != tt.retried || ok && up.Reason != tt.reason || !ok && err != nil {
				t.Errorf("Sync: got error %v", err)
			}
			if diff := cmp.Diff(tt.asked, w.asked); diff != "" {
				t.Error("asked", diff)
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

func TestSyncMeetsThePlansLimit(t *testing.T) {
	t.Parallel()

	limited := func(from, to domain.Day) []domain.FailedAttempt {
		return vain(from, to, domain.DayPlanLimited, domain.ReasonPlanLimited)
	}
	tests := map[string]struct {
		missing  []domain.Day
		answer   func(*world, domain.Credential, domain.DayRange) (domain.FetchedDays, error)
		asked    []domain.DayRange
		stored   []domain.Day
		attempts []domain.FailedAttempt
		reason   domain.Reason
	}{
		"402 marks older days without asking again": {
			missing: run(today-40, today), answer: shows(today - 6),
			asked:  []domain.DayRange{span(13, 0), span(0, 0), span(7, 0), span(4, 0), span(6, 0)},
			stored: run(today-6, today), attempts: limited(today-40, today-7),
		},
		"a limit between two chunks is found at once": {
			missing: run(today-40, today), answer: shows(today - 13),
			asked:  []domain.DayRange{span(13, 0), span(27, 14), span(14, 14)},
			stored: run(today-13, today), attempts: limited(today-40, today-14),
		},
		"a plan that shows nothing": {
			missing: run(today-40, today), answer: shows(today + 1),
			asked: []domain.DayRange{span(13, 0), span(0, 0)}, attempts: limited(today-40, today),
		},
		"a single old day": {
			missing: []domain.Day{today - 30}, answer: shows(today - 20),
			asked: []domain.DayRange{span(6, 0), span(30, 30)}, stored: run(today-6, today), attempts: limited(today-30, today-30),
		},
		"days that were not asked for are not marked": {
			missing: []domain.Day{today - 30, today - 20}, answer: shows(today - 6),
			asked:  []domain.DayRange{span(6, 0), span(30, 20), span(20, 20)},
			stored: run(today-6, today), attempts: slices.Concat(limited(today-30, today-30), limited(today-20, today-20)),
		},
		"an outage while the limit is looked for keeps what came": {
			missing: run(today-20, today),
			answer: func(w *world, c domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
				if len(w.asked) == 5 {
					return domain.FetchedDays{}, upstream(domain.ReasonUnavailable)
				}
				return shows(today-6)(w, c, r)
			},
			asked:    []domain.DayRange{span(13, 0), span(0, 0), span(7, 0), span(4, 0), span(6, 0)},
			stored:   run(today-4, today),
			attempts: slices.Concat(limited(today-20, today-7), vain(today-6, today-5, domain.DayError, domain.ReasonUnavailable)),
			reason:   domain.ReasonUnavailable,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := &world{conn: linked(), tracked: enrolled(), missing: tt.missing, answer: tt.answer}
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

			if (err != nil) != (tt.reason != domain.ReasonNone) {
				t.Errorf("Sync: got error %v", err)
			}
			if diff := cmp.Diff(tt.asked, w.asked); diff != "" {
				t.Error("asked", diff)
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

func TestSyncThatMayNotBegin(t *testing.T) {
	t.Parallel()

	dead := linked()
	dead.Unlink()
	tests := map[string]struct {
		actor    domain.Actor
		world    world
		want     error
		finished []domain.SyncResult
	}{
		"two never sync a connection at once": {actor: domain.System, world: world{leaseErr: domain.ErrSyncBusy}, want: domain.ErrSyncBusy},
		"nobody syncs what is not connected":  {actor: domain.System, world: world{leaseErr: domain.ErrConnectionNotFound}, want: domain.ErrConnectionNotFound},
		"people ask for syncs and do not run them": {
			actor: asAdmin, world: world{}, want: domain.ErrForbidden,
		},
		"a connection that WakaTime ended is left alone": {
			actor: domain.System, world: world{conn: dead},
			finished: []domain.SyncResult{{At: now, Lease: now.Add(75 * time.Second), Reason: domain.ReasonRevoked}},
		},
		"a connection whose tokens cannot be read is left as it is": {
			actor: domain.System, world: world{conn: keyed(), connErr: domain.ErrTokenUnreadable, tracked: enrolled()}, want: domain.ErrTokenUnreadable,
			finished: []domain.SyncResult{{
				At: now, Lease: now.Add(75 * time.Second), Reason: domain.ReasonUnreadable,
				Next: new(time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)),
			}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := tt.world.syncer(t).Sync(t.Context(), tt.actor, ada, domain.SyncOnDemand)

			if !errors.Is(err, tt.want) {
				t.Errorf("Sync: got error %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(tt.finished, tt.world.finished); diff != "" {
				t.Error(diff)
			}
			if len(tt.world.asked) > 0 || len(tt.world.saved) > 0 || len(tt.world.attempts) > 0 {
				t.Errorf("asked %v, saved %v, noted %v", tt.world.asked, tt.world.saved, tt.world.attempts)
			}
		})
	}
}

func TestSyncMeetsFaultsOfOurs(t *testing.T) {
	t.Parallel()

	tests := map[string]world{
		"the connection cannot be read": {connErr: errDatabase},
		"the user cannot be read":       {trackedErr: errDatabase},
		"the ledger cannot be read":     {missingErr: errDatabase},
		"days cannot be stored":         {replaceErr: errDatabase},
		"attempts cannot be noted":      {noteErr: errDatabase, answer: refuses(domain.ReasonInvalid)},
		"the connection is not locked":  {lockErr: errDatabase},
		"the lease is not given back":   {finishErr: errDatabase},
	}
	for name, w := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w.conn, w.tracked = linked(), enrolled()
			err := w.syncer(t).Sync(t.Context(), domain.System, ada, domain.SyncOnDemand)

			if !errors.Is(err, errDatabase) || len(w.uow.Changes) > 0 && w.finishErr == nil {
				t.Errorf("Sync: got error %v, recorded %v", err, w.uow.Changes)
			}
			if len(w.finished) != 1 || w.finished[0].Unfinished == (w.finishErr != nil) || w.finished[0].Lease != now.Add(75*time.Second) {
				t.Errorf("finished with %+v", w.finished)
			}
		})
	}
}
