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

	fetched := domain.DailySummary{Day: today - 1, State: domain.DayOK, Seconds: new(3600)}
	stale := domain.DailySummary{Day: domain.NewDay(2026, 9, 26), State: domain.DayOK, Seconds: new(1)}
	first := domain.DailySummary{Day: domain.NewDay(2026, 10, 1), State: domain.DayEmpty, Seconds: new(0)}
	pending := func(d domain.Day) domain.DailySummary {
		return domain.DailySummary{Day: d, State: domain.DayPending, Reason: domain.ReasonNotSyncedYet}
	}
	disconnected := func(d domain.Day) domain.DailySummary {
		return domain.DailySummary{Day: d, State: domain.DayDisconnected, Reason: domain.ReasonRevoked}
	}
	unlinked := enrolled()
	unlinked.Connection = domain.NeedsReconnect
	stranger := enrolled()
	stranger.Tracked = domain.DayRange{From: 0, To: -1}

	tests := map[string]struct {
		tracked   domain.TrackedUser
		from, to  *domain.Day
		requested domain.DayRange
		rows      []domain.DailySummary
		want      []domain.DailySummary
		total     domain.Coverage
	}{
		"days without a row are pending": {
			tracked: enrolled(), from: new(today - 2), requested: domain.DayRange{From: today - 2, To: today},
			rows:  []domain.DailySummary{fetched},
			want:  []domain.DailySummary{pending(today - 2), fetched, pending(today)},
			total: domain.Coverage{Expected: 2, OK: 1, Pending: 1, Seconds: 3600, AIUnknown: 1},
		},
		"days without a row are disconnected if there is no working connection": {
			tracked: unlinked, from: new(today - 1), requested: domain.DayRange{From: today - 1, To: today},
			rows:  []domain.DailySummary{fetched},
			want:  []domain.DailySummary{fetched, disconnected(today)},
			total: domain.Coverage{Expected: 1, OK: 1, Seconds: 3600, AIUnknown: 1},
		},
		"days that are not expected are left out": {
			tracked: enrolled(), from: new(domain.NewDay(2026, 9, 25)), to: new(domain.NewDay(2026, 10, 1)),
			requested: domain.DayRange{From: domain.NewDay(2026, 9, 25), To: domain.NewDay(2026, 10, 1)},
			rows:      []domain.DailySummary{stale, first},
			want:      []domain.DailySummary{first},
			total:     domain.Coverage{Expected: 1, Empty: 1, AIUnknown: 1},
		},
		"future days are left out": {
			tracked: enrolled(), from: new(today), to: new(today + 5), requested: domain.DayRange{From: today, To: today + 5},
			want: []domain.DailySummary{pending(today)},
		},
		"nothing is expected of a user without a connection and a batch": {
			tracked: stranger, from: new(today), requested: domain.DayRange{From: today, To: today}, want: []domain.DailySummary{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			q := domain.DayQuery{From: tt.from, To: tt.to}
			d.days.EXPECT().Ledger(gomock.Any(), ada, q.Span(now), now, true).Return(tt.tracked, tt.rows, nil)

			got, err := d.Days(t.Context(), asTeacher, ada, q, time.Time{})

			want := domain.StudentCoverage{User: ada, TimeZone: kathmandu, Range: tt.requested, Total: tt.total, Days: tt.want}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("Days: error %v\n%s", err, diff)
			}
		})
	}
}

func TestCoverage_DefaultsToTheLast30Days(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.days.EXPECT().Ledger(gomock.Any(), ada, gomock.Any(), now, false).Return(enrolled(), nil, nil)

	got, err := d.Coverage(t.Context(), asAda, ada, domain.DayQuery{})

	if err != nil || got.Total.Pending != 29 {
		t.Errorf("Coverage: got %+v, %v", got.Total, err)
	}
}

func TestToday_UsesTheTimeZoneOfTheBatch(t *testing.T) {
	t.Parallel()

	d := newService(t)
	utc := domain.UTC.Today(now)
	d.days.EXPECT().Ledger(gomock.Any(), ada, domain.DayRange{From: utc - 1, To: utc + 1}, now, true).Return(enrolled(), []domain.DailySummary{
		{Day: today - 1, State: domain.DayOK, Seconds: new(3600)}, {Day: today, State: domain.DayPartial, Seconds: new(60)},
	}, nil)

	got, err := d.Today(t.Context(), asAda)

	if err != nil || len(got.Days) != 1 || got.Total != (domain.Coverage{PartialSeconds: 60}) {
		t.Errorf("Today: got %+v, %v", got, err)
	}
}

func TestDays_Errors(t *testing.T) {
	t.Parallel()

	found := func(d deps) {
		d.days.EXPECT().Ledger(gomock.Any(), ada, gomock.Any(), now, true).Return(enrolled(), nil, nil)
	}
	tests := map[string]struct {
		actor    domain.Actor
		given    func(deps)
		from, to *domain.Day
		want     error
	}{
		"another student does not find them":                {actor: asStudent, given: found, want: domain.ErrStudentNotFound},
		"an instructor of another batch does not find them": {actor: asOther, given: found, want: domain.ErrStudentNotFound},
		"a caller who is not signed in does not find them":  {actor: asAnyone, given: found, want: domain.ErrStudentNotFound},
		"a reversed range is rejected":                      {actor: asAdmin, given: found, from: new(today), to: new(today - 1), want: domain.ErrInvalid},
		"a range that starts in the future is rejected":     {actor: asAdmin, given: found, from: new(today + 1), want: domain.ErrInvalid},
		"a range of more than 366 days is rejected":         {actor: asAdmin, given: found, from: new(today - 366), want: domain.ErrInvalid},
		"an unknown user is not found": {actor: asAdmin, given: func(d deps) {
			d.days.EXPECT().Ledger(gomock.Any(), ada, gomock.Any(), now, true).Return(domain.TrackedUser{}, nil, domain.ErrUserNotFound)
		}, want: domain.ErrStudentNotFound},
		"an error of reading the days is returned": {actor: asAdmin, given: func(d deps) {
			d.days.EXPECT().Ledger(gomock.Any(), ada, gomock.Any(), now, true).Return(domain.TrackedUser{}, nil, errDatabase)
		}, want: errDatabase},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			tt.given(d)

			if _, err := d.Days(t.Context(), tt.actor, ada, domain.DayQuery{From: tt.from, To: tt.to}, time.Time{}); !errors.Is(err, tt.want) {
				t.Errorf("Days: got error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestToday_NotSignedIn(t *testing.T) {
	t.Parallel()

	d := newService(t)
	d.days.EXPECT().Ledger(gomock.Any(), domain.UserID{}, gomock.Any(), now, true).Return(domain.TrackedUser{}, nil, domain.ErrUserNotFound)

	if _, err := d.Today(t.Context(), asAnyone); !errors.Is(err, domain.ErrStudentNotFound) {
		t.Errorf("Today: got error %v", err)
	}
}

func TestBatchProgressAndCoverage(t *testing.T) {
	t.Parallel()

	good := domain.DayRange{From: today - 29, To: today}
	tests := map[string]struct {
		actor    domain.Actor
		from, to *domain.Day
		respond  *domain.DayRange // nil: the store must not be called
		err      error
		want     error
	}{
		"an instructor can read their batch":                                 {actor: asTeacher, respond: &good},
		"an admin can read any batch":                                        {actor: asAdmin, respond: &good},
		"a student is forbidden":                                             {actor: asStudent, want: domain.ErrForbidden},
		"an instructor of another batch does not find it":                    {actor: asOther, want: domain.ErrBatchNotFound},
		"a caller who is not signed in does not find it":                     {actor: asAnyone, want: domain.ErrBatchNotFound},
		"a reversed range is rejected":                                       {actor: asTeacher, from: new(today), to: new(today - 1), want: domain.ErrInvalid},
		"a range of more than 366 days is rejected":                          {actor: asTeacher, from: new(today - 400), want: domain.ErrInvalid},
		"today may start in the time zone of the batch only":                 {actor: asTeacher, from: new(today), respond: &domain.DayRange{From: today, To: today}},
		"a range that is reversed in the time zone of the batch is rejected": {actor: asTeacher, from: new(today), respond: &domain.DayRange{From: today, To: today - 1}, want: domain.ErrInvalid},
		"an unknown batch is rejected":                                       {actor: asAdmin, respond: &good, err: domain.ErrBatchNotFound, want: domain.ErrBatchNotFound},
		"a range with too many days for the students is rejected":            {actor: asTeacher, respond: &good, err: domain.ErrRangeTooLarge, want: domain.ErrRangeTooLarge},
		"a range that is too long in the time zone of the batch is rejected": {actor: asTeacher, from: new(today - 366), respond: &domain.DayRange{From: today - 366, To: today}, want: domain.ErrInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := newService(t)
			page := domain.PageRequest{Limit: 20}
			q := domain.DayQuery{From: tt.from, To: tt.to}
			if tt.respond != nil {
				d.progress.EXPECT().BatchProgress(gomock.Any(), batch, q, now, page).Return(domain.BatchProgress{Batch: batch, Range: *tt.respond}, tt.err)
				d.progress.EXPECT().BatchCoverage(gomock.Any(), batch, q, now, page).Return(domain.BatchCoverage{Batch: batch, Range: *tt.respond}, tt.err)
			}

			p, progressErr := d.BatchProgress(t.Context(), tt.actor, batch, q, page)
			c, coverageErr := d.BatchCoverage(t.Context(), tt.actor, batch, q, page)

			if !errors.Is(progressErr, tt.want) || !errors.Is(coverageErr, tt.want) {
				t.Fatalf("got errors %v and %v, want %v", progressErr, coverageErr, tt.want)
			}
			if tt.want == nil && (p.Batch != batch || c.Batch != batch) {
				t.Errorf("got %+v and %+v", p, c)
			}
		})
	}
}
