package tracking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestDays(t *testing.T) {
	t.Parallel()

	fetched := domain.DailySummary{Day: today - 1, State: domain.DayOK, Seconds: new(3600), Final: true}
	stale := domain.DailySummary{Day: domain.NewDay(2026, 9, 26), State: domain.DayOK, Seconds: new(1)}
	first := domain.DailySummary{Day: domain.NewDay(2026, 10, 1), State: domain.DayEmpty, Seconds: new(0)}
	pending := func(d domain.Day) domain.DailySummary {
		return domain.DailySummary{Day: d, State: domain.DayPending, Reason: domain.ReasonNotSyncedYet}
	}
	gone := func(d domain.Day) domain.DailySummary {
		return domain.DailySummary{Day: d, State: domain.DayDisconnected, Reason: domain.ReasonNotConnected}
	}
	unlinked := enrolled()
	unlinked.Connection = domain.NeedsReconnect
	stranger := enrolled()
	stranger.Expected = domain.DayRange{From: 0, To: -1}

	tests := map[string]struct {
		tracked  domain.TrackedUser
		from, to *domain.Day
		asked    domain.DayRange
		rows     []domain.DailySummary
		want     []domain.DailySummary
		total    domain.Coverage
	}{
		"days without a row are pending": {
			tracked: enrolled(), from: new(today - 2), asked: domain.DayRange{From: today - 2, To: today},
			rows:  []domain.DailySummary{fetched},
			want:  []domain.DailySummary{pending(today - 2), fetched, pending(today)},
			total: domain.Coverage{Expected: 3, OK: 1, Pending: 2, Seconds: 3600},
		},
		"days without a row are disconnected when nobody can be asked": {
			tracked: unlinked, from: new(today - 1), asked: domain.DayRange{From: today - 1, To: today},
			rows:  []domain.DailySummary{fetched},
			want:  []domain.DailySummary{fetched, gone(today)},
			total: domain.Coverage{Expected: 2, OK: 1, Disconnected: 1, Seconds: 3600},
		},
		"days that are not expected are left out": {
			tracked: enrolled(), from: new(domain.NewDay(2026, 9, 25)), to: new(domain.NewDay(2026, 10, 1)),
			asked: domain.DayRange{From: domain.NewDay(2026, 9, 25), To: domain.NewDay(2026, 10, 1)},
			rows:  []domain.DailySummary{stale, first},
			want:  []domain.DailySummary{first},
			total: domain.Coverage{Expected: 1, Empty: 1},
		},
		"days to come are left out": {
			tracked: enrolled(), from: new(today), to: new(today + 5), asked: domain.DayRange{From: today, To: today + 5},
			want: []domain.DailySummary{pending(today)}, total: domain.Coverage{Expected: 1, Pending: 1},
		},
		"nothing is expected of who never connected and is in no batch": {
			tracked: stranger, from: new(today), asked: domain.DayRange{From: today, To: today}, want: []domain.DailySummary{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(tt.tracked, nil)
			d.days.EXPECT().ListDays(gomock.Any(), ada, tt.asked, true).Return(tt.rows, nil)

			got, err := d.Days(t.Context(), asTeacher, ada, tt.from, tt.to)

			want := domain.StudentCoverage{User: ada, TimeZone: kathmandu, Range: tt.asked, Total: tt.total, Days: tt.want}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("Days: error %v\n%s", err, diff)
			}
		})
	}
}

func TestCoverageIsTheLast30DaysWithoutParts(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(enrolled(), nil)
	d.days.EXPECT().ListDays(gomock.Any(), ada, domain.DayRange{From: today - 29, To: today}, false).Return(nil, nil)

	got, err := d.Coverage(t.Context(), asAda, ada, nil, nil)

	if err != nil || got.Total.Pending != 30 {
		t.Errorf("Coverage: got %+v, %v", got.Total, err)
	}
}

func TestTodayIsOneDayOfTheBatchsZone(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(enrolled(), nil)
	d.days.EXPECT().ListDays(gomock.Any(), ada, domain.DayRange{From: today, To: today}, true).
		Return([]domain.DailySummary{{Day: today, State: domain.DayEmpty, Seconds: new(0)}}, nil)

	got, err := d.Today(t.Context(), asAda)

	if err != nil || len(got.Days) != 1 || got.Total != (domain.Coverage{Expected: 1, Empty: 1}) {
		t.Errorf("Today: got %+v, %v", got, err)
	}
}

func TestReadingAStudentIsRefused(t *testing.T) {
	t.Parallel()

	found := func(d deps) { d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(enrolled(), nil) }
	tests := map[string]struct {
		actor    domain.Actor
		given    func(deps)
		from, to *domain.Day
		want     error
	}{
		"a fellow student is hidden":             {actor: asStudent, given: found, want: domain.ErrStudentNotFound},
		"a student of another batch is hidden":   {actor: asOther, given: found, want: domain.ErrStudentNotFound},
		"who is not signed in sees nobody":       {actor: asAnyone, given: found, want: domain.ErrStudentNotFound},
		"a reversed range is wrong":              {actor: asAdmin, given: found, from: new(today), to: new(today - 1), want: domain.ErrInvalid},
		"a range that begins in future is wrong": {actor: asAdmin, given: found, from: new(today + 1), want: domain.ErrInvalid},
		"a range of more than 366 days is wrong": {actor: asAdmin, given: found, from: new(today - 366), want: domain.ErrInvalid},
		"a user who is not there is no student": {actor: asAdmin, given: func(d deps) {
			d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(domain.TrackedUser{}, domain.ErrUserNotFound)
		}, want: domain.ErrStudentNotFound},
		"a fault while they are found is a fault": {actor: asAdmin, given: func(d deps) {
			d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(domain.TrackedUser{}, errDatabase)
		}, want: errDatabase},
		"a fault while days are read is a fault": {actor: asAdmin, given: func(d deps) {
			found(d)
			d.days.EXPECT().ListDays(gomock.Any(), ada, gomock.Any(), true).Return(nil, errDatabase)
		}, want: errDatabase},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			tt.given(d)

			if _, err := d.Days(t.Context(), tt.actor, ada, tt.from, tt.to); !errors.Is(err, tt.want) {
				t.Errorf("Days: got error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestTodayIsNobodysWithoutAnAccount(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.days.EXPECT().TrackedUser(gomock.Any(), domain.UserID{}, now).Return(domain.TrackedUser{}, domain.ErrUserNotFound)

	if _, err := d.Today(t.Context(), asAnyone); !errors.Is(err, domain.ErrStudentNotFound) {
		t.Errorf("Today: got error %v", err)
	}
}

func TestRequestSync(t *testing.T) {
	t.Parallel()

	unlinked := enrolled()
	unlinked.Connection = domain.NotConnected
	enqueues := func(d deps, err error) {
		d.jobs.EXPECT().EnqueueSync(gomock.Any(), ada, domain.SyncOnDemand, time.Time{}).Return(err)
	}
	tests := map[string]struct {
		actor   domain.Actor
		tracked domain.TrackedUser
		err     error
		given   func(deps)
		want    error
	}{
		"students sync themselves":             {actor: asAda, tracked: enrolled(), given: func(d deps) { enqueues(d, nil) }},
		"staff sync their students":            {actor: asTeacher, tracked: enrolled(), given: func(d deps) { enqueues(d, nil) }},
		"admins sync anybody":                  {actor: asAdmin, tracked: enrolled(), given: func(d deps) { enqueues(d, nil) }},
		"a student of another batch is hidden": {actor: asOther, tracked: enrolled(), given: func(deps) {}, want: domain.ErrStudentNotFound},
		"a user who is not there is hidden":    {actor: asAdmin, err: domain.ErrUserNotFound, given: func(deps) {}, want: domain.ErrStudentNotFound},
		"who is not connected is not synced":   {actor: asAda, tracked: unlinked, given: func(deps) {}, want: domain.ErrWakaTimeNotConnected},
		"a fault is a fault":                   {actor: asAda, tracked: enrolled(), given: func(d deps) { enqueues(d, errDatabase) }, want: errDatabase},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			d.days.EXPECT().TrackedUser(gomock.Any(), ada, now).Return(tt.tracked, tt.err)
			tt.given(d)

			err := d.RequestSync(t.Context(), tt.actor, ada)

			if !errors.Is(err, tt.want) {
				t.Fatalf("RequestSync: got error %v, want %v", err, tt.want)
			}
			var want []domain.Change
			if err == nil {
				want = []domain.Change{{Action: domain.ActTrackingSync, Subject: ada.String()}}
			}
			if diff := cmp.Diff(want, d.uow.Changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBatchReads(t *testing.T) {
	t.Parallel()

	good := domain.DayRange{From: today - 29, To: today}
	tests := map[string]struct {
		actor    domain.Actor
		from, to *domain.Day
		answer   *domain.DayRange // nil: the store is not asked
		err      error
		want     error
	}{
		"staff read their batch":                      {actor: asTeacher, answer: &good},
		"admins read every batch":                     {actor: asAdmin, answer: &good},
		"students see the batch and not its days":     {actor: asStudent, want: domain.ErrForbidden},
		"another batch is hidden from staff":          {actor: asOther, want: domain.ErrBatchNotFound},
		"a batch is hidden from the rest":             {actor: asAnyone, want: domain.ErrBatchNotFound},
		"a reversed range is wrong":                   {actor: asTeacher, from: new(today), to: new(today - 1), want: domain.ErrInvalid},
		"a range of more than 366 days is wrong":      {actor: asTeacher, from: new(today - 400), want: domain.ErrInvalid},
		"tomorrow may be today in the batch's zone":   {actor: asTeacher, from: new(today), answer: &domain.DayRange{From: today, To: today}},
		"and if it is not, the range is wrong":        {actor: asTeacher, from: new(today), answer: &domain.DayRange{From: today, To: today - 1}, want: domain.ErrInvalid},
		"a batch that is not there":                   {actor: asAdmin, answer: &good, err: domain.ErrBatchNotFound, want: domain.ErrBatchNotFound},
		"a day too many by the batch's zone is wrong": {actor: asTeacher, from: new(today - 366), answer: &domain.DayRange{From: today - 366, To: today}, want: domain.ErrInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			page := domain.PageRequest{Limit: 20}
			q := domain.DayQuery{From: tt.from, To: tt.to}
			if tt.answer != nil {
				d.progress.EXPECT().BatchProgress(gomock.Any(), batch, q, now, page).Return(domain.BatchProgress{Batch: batch, Range: *tt.answer}, tt.err)
				d.progress.EXPECT().BatchCoverage(gomock.Any(), batch, q, now).Return(domain.BatchCoverage{Batch: batch, Range: *tt.answer}, tt.err)
			}

			p, progressErr := d.BatchProgress(t.Context(), tt.actor, batch, tt.from, tt.to, page)
			c, coverageErr := d.BatchCoverage(t.Context(), tt.actor, batch, tt.from, tt.to)

			if !errors.Is(progressErr, tt.want) || !errors.Is(coverageErr, tt.want) {
				t.Fatalf("got errors %v and %v, want %v", progressErr, coverageErr, tt.want)
			}
			if tt.want == nil && (p.Batch != batch || c.Batch != batch) {
				t.Errorf("got %+v and %+v", p, c)
			}
		})
	}
}
