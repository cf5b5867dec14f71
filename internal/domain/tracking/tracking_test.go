package tracking_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/tracking"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

const kathmandu domain.TimeZone = "Asia/Kathmandu"

var (
	// In Kathmandu it is 1:45 on the 24th.
	now   = time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	today = domain.NewDay(2026, 11, 24)

	batch   = domain.BatchID{7}
	ada     = domain.UserID{1}
	session = domain.SessionID{3}
	account = domain.TrackedAccountID{9}

	asAda     = domain.Actor{UserID: ada, Role: domain.RoleStudent, SessionID: session, Batch: batch}
	asTeacher = domain.Actor{UserID: domain.UserID{2}, Role: domain.RoleInstructor, Teaches: []domain.BatchID{batch}}
	asOther   = domain.Actor{UserID: domain.UserID{4}, Role: domain.RoleInstructor, Teaches: []domain.BatchID{{8}}}
	asStudent = domain.Actor{UserID: domain.UserID{5}, Role: domain.RoleStudent, Batch: batch}
	asAdmin   = domain.Actor{UserID: domain.UserID{6}, Role: domain.RoleAdmin}
	asAnyone  = domain.Actor{Role: domain.RoleAnyone}
)

// enrolled returns Ada, of whom days since October 1 are expected.
func enrolled() domain.TrackedUser {
	return domain.TrackedUser{
		User: ada, Name: "Ada", Batch: batch, TimeZone: kathmandu, Active: true, Connection: domain.Connected,
		Today: today, EverConnected: true, Tracked: domain.DayRange{From: domain.NewDay(2026, 10, 1), To: today},
	}
}

// byOAuth returns Ada's connection by OAuth.
func byOAuth() domain.Connection {
	return domain.Connection{
		User: ada, Kind: domain.ConnectedByOAuth, State: domain.Connected,
		AccessToken: "access-1", RefreshToken: "refresh-1", ExpiresAt: new(now.Add(time.Hour)),
		Account: domain.WakaTimeAccount{ID: "acc", Username: "ada"}, ConnectedAt: now.Add(-time.Hour),
	}
}

// byKey returns Ada's connection by API key.
func byKey() domain.Connection {
	return domain.Connection{
		User: ada, Kind: domain.ConnectedByKey, State: domain.Connected, BaseURL: "https://waka.example/api",
		AccessToken: "key-1", Account: domain.WakaTimeAccount{ID: "acc", Username: "ada"},
	}
}

func upstream(r domain.Reason) error { return &domain.UpstreamError{Reason: r} }

// deps is the services of the slice with mocks of their ports.
type deps struct {
	uow            *fake.UnitOfWork
	connections    *mock.MockConnectionStore
	authorizations *mock.MockAuthorizationStore
	accounts       *mock.MockAccountStore
	days           *mock.MockDayStore
	progress       *mock.MockProgressStore
	jobs           *mock.MockSyncJobs
	wakatime       *mock.MockWakaTime
	*tracking.Service
	*tracking.Connections
	students *tracking.StudentConnections
}

func newService(t *testing.T) deps {
	t.Helper()
	return newServiceAt(t, func() time.Time { return now })
}

func newServiceAt(t *testing.T, clock func() time.Time) deps {
	t.Helper()
	ctrl := gomock.NewController(t)
	d := deps{
		uow:            &fake.UnitOfWork{},
		connections:    mock.NewMockConnectionStore(ctrl),
		authorizations: mock.NewMockAuthorizationStore(ctrl),
		accounts:       mock.NewMockAccountStore(ctrl),
		days:           mock.NewMockDayStore(ctrl),
		progress:       mock.NewMockProgressStore(ctrl),
		jobs:           mock.NewMockSyncJobs(ctrl),
		wakatime:       mock.NewMockWakaTime(ctrl),
	}
	tokens := []domain.Secret{"token-1", "token-2"}
	newToken := func() domain.Secret {
		next := tokens[0]
		tokens = tokens[1:]
		return next
	}
	d.wakatime.EXPECT().Servers().AnyTimes().Return([]domain.WakaTimeServer{
		{Name: "WakaTime", BaseURL: "https://api.wakatime.com/api/v1", Default: true}, {Name: "Our Wakapi", BaseURL: "https://waka.example/api"},
	})
	d.Service = tracking.New(d.uow, d.days, d.progress, d.jobs, clock)
	d.Connections = tracking.NewConnections(d.uow, d.connections, d.authorizations, d.accounts, d.jobs, d.wakatime, clock, newToken, func() [16]byte { return account })
	d.students = tracking.NewStudentConnections(d.uow, d.connections, d.accounts, d.days, d.wakatime, clock)
	return d
}

// inside matches the context of a unit of work, and outside any other.
func inside() gomock.Matcher { return gomock.Cond(fake.Inside) }

func outside() gomock.Matcher {
	return gomock.Cond(func(ctx context.Context) bool { return !fake.Inside(ctx) })
}

func hash(s string) [32]byte { return sha256.Sum256([]byte(s)) }

// actions lists the recorded actions.
func actions(u *fake.UnitOfWork) []domain.Action {
	var out []domain.Action
	for _, c := range u.Changes {
		out = append(out, c.Action)
	}
	return out
}
