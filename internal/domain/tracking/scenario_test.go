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
	conn       domain.Connection
	connErr    error
	tracked    domain.TrackedUser
	trackedErr error
	missing    []domain.Day // the missing days; only those in the requested range are returned
	missingErr error
	leaseErr   error
	lockErr    error
	saveErr    error
	replaceErr error
	recordErr  error
	finishErr  error
	unchanged  bool // the fetched days equal the stored ones

	// respond plays WakaTime; nil returns an hour for every day.
	respond func(w *scenario, c domain.Credential, r domain.DayRange) (domain.FetchedDays, error)
	// refresh plays the token endpoint; nil means that it must not be called.
	refresh func(w *scenario) (domain.Grant, error)
	clock   func() time.Time // nil: always now

	requested     []domain.DayRange
	window        *domain.DayRange // requested from the ledger
	refreshedWith []domain.Secret  // the refresh tokens that were used
	stored        []domain.Day
	attempts      []domain.FailedAttempt
	saved         []domain.Connection
	finished      []domain.SyncResult
	uow           *fake.UnitOfWork
}

// hours returns an hour for every day of a range.
func hours(r domain.DayRange) domain.FetchedDays {
	f := domain.FetchedDays{Source: "wakatime.com"}
	for d := r.From; d <= r.To; d++ {
		f.Days = append(f.Days, domain.FetchedDay{Day: d, State: domain.DayOK, Seconds: 3600})
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
	return tracking.NewSyncer(w.uow, w.connections(ctrl), w.days(ctrl), w.wakatime(ctrl), w.clock)
}

func (w *scenario) connections(ctrl *gomock.Controller) *mock.MockConnectionStore {
	m := mock.NewMockConnectionStore(ctrl)
	m.EXPECT().Lease(gomock.Any(), ada, gomock.Any(), gomock.Any()).AnyTimes().Return(w.leaseErr)
	m.EXPECT().Connection(gomock.Any(), ada).AnyTimes().DoAndReturn(func(context.Context, domain.UserID) (domain.Connection, error) {
		return w.conn, w.connErr
	})
	m.EXPECT().LockConnection(gomock.Any(), ada).AnyTimes().DoAndReturn(func(context.Context, domain.UserID) (domain.Connection, error) {
		return w.conn, w.lockErr
	})
	m.EXPECT().SaveConnection(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(func(ctx context.Context, c domain.Connection) error {
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
	m.EXPECT().TrackedUser(gomock.Any(), ada, gomock.Any()).AnyTimes().Return(w.tracked, w.trackedErr)
	m.EXPECT().ListMissingDays(gomock.Any(), ada, kathmandu, gomock.Any()).AnyTimes().DoAndReturn(
		func(_ context.Context, _ domain.UserID, _ domain.TimeZone, r domain.DayRange) ([]domain.Day, error) {
			w.window = &r
			return slices.DeleteFunc(slices.Clone(w.missing), func(d domain.Day) bool { return !r.Contains(d) }), w.missingErr
		})
	m.EXPECT().ReplaceDays(gomock.Any(), ada, gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
		func(ctx context.Context, _ domain.UserID, f domain.FetchedDays, _ time.Time) (int, error) {
			if err := cmp.Or(w.replaceErr, ctx.Err()); err != nil || w.unchanged {
				return 0, err
			}
			for _, d := range f.Days {
				w.stored = append(w.stored, d.Day)
			}
			return len(f.Days), nil
		})
	m.EXPECT().RecordFailedAttempts(gomock.Any(), ada, gomock.Any()).AnyTimes().DoAndReturn(
		func(ctx context.Context, _ domain.UserID, a []domain.FailedAttempt) error {
			w.attempts = append(w.attempts, a...)
			return cmp.Or(w.recordErr, ctx.Err())
		})
	return m
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
func failedAttempts(from, to domain.Day, s domain.DayState, r domain.Reason) []domain.FailedAttempt {
	var out []domain.FailedAttempt
	for d := from; d <= to; d++ {
		out = append(out, domain.FailedAttempt{Day: d, State: s, Reason: r})
	}
	return out
}
