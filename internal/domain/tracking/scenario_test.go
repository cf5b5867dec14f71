package tracking_test

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/tracking"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

// scenario is the environment of a sync and records its effects.
type scenario struct {
	conn      domain.Connection
	startErr  error
	tracked   domain.TrackedUser
	missing   []domain.Day // the days without a row; all others are known, and due if they are of the last week
	listErr   error
	namesErr  error
	lockErr   error
	saveErr   error
	storeErr  error
	finishErr error
	unchanged bool // the fetched days equal the stored ones

	// respond plays WakaTime; nil returns an hour for every day.
	respond func(w *scenario, c domain.Credential, r domain.DayRange) (domain.FetchedDays, error)
	// refresh plays the token endpoint; nil means that it must not be called.
	refresh func(w *scenario) (domain.Grant, error)
	clock   func() time.Time // nil: always now

	requested     []domain.DayRange
	refreshedWith []domain.Secret // the refresh tokens that were used
	stored        []domain.Day
	attempts      []failedAttempt
	saved         []domain.Connection
	finished      []domain.SyncResult
	uow           *fake.UnitOfWork
}

// failedAttempt is a row that a failed attempt changed.
type failedAttempt struct {
	Day    domain.Day
	State  domain.DayState
	Reason domain.Reason
}

// hours returns an hour for every day of a range.
func hours(r domain.DayRange) domain.FetchedDays {
	f := domain.FetchedDays{Source: "wakatime.com"}
	for d := r.From; d <= r.To; d++ {
		f.Days = append(f.Days, domain.FetchedDay{Day: d, Seconds: 3600, TimeZone: string(kathmandu)})
	}
	return f
}

// failsWith fails every request for reason r.
func failsWith(r domain.Reason) func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
	return func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
		return domain.FetchedDays{}, upstream(r)
	}
}

// acceptsToken accepts one token and rejects all others.
func acceptsToken(token domain.Secret) func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
	return func(_ *scenario, c domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
		if c.Token != token {
			return domain.FetchedDays{}, upstream(domain.ReasonUnauthorized)
		}
		return hours(r), nil
	}
}

// showsSince returns days since oldest, as a limited plan does.
func showsSince(oldest domain.Day) func(*scenario, domain.Credential, domain.DayRange) (domain.FetchedDays, error) {
	return func(_ *scenario, _ domain.Credential, r domain.DayRange) (domain.FetchedDays, error) {
		if r.From < oldest {
			return domain.FetchedDays{}, upstream(domain.ReasonPlanLimited)
		}
		return hours(r), nil
	}
}

func refreshReturns(refresh domain.Secret) func(*scenario) (domain.Grant, error) {
	return func(*scenario) (domain.Grant, error) {
		return domain.Grant{AccessToken: "access-2", RefreshToken: refresh, ExpiresAt: now.Add(24 * time.Hour)}, nil
	}
}

func refreshFails(r domain.Reason) func(*scenario) (domain.Grant, error) {
	return func(*scenario) (domain.Grant, error) { return domain.Grant{}, upstream(r) }
}

// syncer returns a Syncer in the scenario.
func (w *scenario) syncer(t *testing.T) *tracking.Syncer {
	t.Helper()
	ctrl := gomock.NewController(t)
	if w.clock == nil {
		w.clock = func() time.Time { return now }
	}
	w.uow = &fake.UnitOfWork{}
	if w.conn.Checks == nil {
		w.conn.Checks = w.checks()
	}
	return tracking.NewSyncer(w.uow, w.connections(ctrl), w.days(ctrl), w.wakatime(ctrl), w.clock)
}

func (w *scenario) connections(ctrl *gomock.Controller) *mock.MockConnectionStore {
	m := mock.NewMockConnectionStore(ctrl)
	m.EXPECT().StartSync(gomock.Any(), ada, gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
		func(context.Context, domain.UserID, time.Time, time.Time) (domain.Connection, domain.TrackedUser, error) {
			return w.conn, w.tracked, w.startErr
		})
	m.EXPECT().LockConnection(gomock.Any(), ada).AnyTimes().DoAndReturn(func(context.Context, domain.UserID) (domain.Connection, error) {
		return w.conn, w.lockErr
	})
	m.EXPECT().SaveConnection(gomock.Any(), gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(func(ctx context.Context, c domain.Connection, _ domain.TrackedAccountID) error {
		err := cmp.Or(w.saveErr, ctx.Err())
		if err == nil {
			w.conn, w.saved = c, append(w.saved, c)
		}
		return err
	})
	m.EXPECT().FinishSync(gomock.Any(), ada, gomock.Any()).AnyTimes().DoAndReturn(func(ctx context.Context, _ domain.UserID, r domain.SyncResult) error {
		w.finished = append(w.finished, r)
		return cmp.Or(w.finishErr, ctx.Err())
	})
	return m
}

func (w *scenario) days(ctrl *gomock.Controller) *mock.MockDayStore {
	m := mock.NewMockDayStore(ctrl)
	m.EXPECT().AddNames(gomock.Any(), gomock.Any()).AnyTimes().Return(w.namesErr)
	m.EXPECT().ListDays(gomock.Any(), ada, gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
		func(_ context.Context, _ domain.UserID, r domain.DayRange, _ bool) ([]domain.DailySummary, error) {
			return w.rows(r), w.listErr
		})
	m.EXPECT().ListDayStates(gomock.Any(), ada, gomock.Any(), kathmandu).AnyTimes().DoAndReturn(
		func(_ context.Context, _ domain.UserID, r domain.DayRange, _ domain.TimeZone) ([]domain.DailySummary, error) {
			return w.rows(r), w.listErr
		})
	m.EXPECT().SaveDays(gomock.Any(), ada, gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
		func(ctx context.Context, _ domain.UserID, rows []domain.DailySummary, _ time.Time) error {
			if err := cmp.Or(w.storeErr, ctx.Err()); err != nil {
				return err
			}
			for _, row := range rows {
				if row.Seconds != nil && row.Attempts == 0 {
					w.stored = append(w.stored, row.Day)
				} else {
					w.attempts = append(w.attempts, failedAttempt{row.Day, row.State, row.Reason})
				}
			}
			return nil
		})
	return m
}

// rows returns the ledger: every day but the missing ones is known.
func (w *scenario) rows(r domain.DayRange) []domain.DailySummary {
	seconds := 1800
	if w.unchanged {
		seconds = 3600
	}
	var out []domain.DailySummary
	for d := r.From; d <= r.To; d++ {
		if slices.Contains(w.missing, d) {
			continue
		}
		row := domain.DailySummary{Day: d, State: domain.DayOK, Seconds: &seconds, TimeZone: string(kathmandu), Account: w.conn.Ref}
		if d == today {
			row.State = domain.DayPartial
		}
		out = append(out, row)
	}
	return out
}

// checks are due for the last week.
func (w *scenario) checks() domain.Checks {
	return domain.Checks{
		{Days: domain.DayRange{From: 0, To: today - 7}, At: now},
		{Days: domain.DayRange{From: today - 6, To: today}, At: now.Add(-24 * time.Hour)},
	}
}

func (w *scenario) wakatime(ctrl *gomock.Controller) *mock.MockWakaTime {
	m := mock.NewMockWakaTime(ctrl)
	m.EXPECT().Summaries(gomock.Any(), gomock.Any(), kathmandu, gomock.Any()).AnyTimes().DoAndReturn(
		func(_ context.Context, c domain.Credential, _ domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error) {
			w.requested = append(w.requested, r)
			if w.respond == nil {
				return hours(r), nil
			}
			return w.respond(w, c, r)
		})
	m.EXPECT().Yardstick(gomock.Any(), gomock.Any(), kathmandu, gomock.Any()).AnyTimes().Return(domain.Yardstick{}, upstream(domain.ReasonUnsupported))
	if w.refresh != nil {
		m.EXPECT().Refresh(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
			func(_ context.Context, token domain.Secret) (domain.Grant, error) {
				w.refreshedWith = append(w.refreshedWith, token)
				return w.refresh(w)
			})
	}
	return m
}

// run returns the days from to to, in order.
func run(from, to domain.Day) []domain.Day {
	var out []domain.Day
	for d := from; d <= to; d++ {
		out = append(out, d)
	}
	return out
}

// failedAttempts returns failed attempts for the days from to to.
func failedAttempts(from, to domain.Day, s domain.DayState, r domain.Reason) []failedAttempt {
	var out []failedAttempt
	for d := from; d <= to; d++ {
		out = append(out, failedAttempt{d, s, r})
	}
	return out
}
