package accounts_test

import (
	"context"
	"crypto/sha256"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/memory"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/accounts"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

const (
	token    = domain.Secret("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")
	password = domain.Secret("seven quiet otters")
)

// totpRoles need TOTP.
var totpRoles = domain.TOTPRoles{domain.RoleInstructor}

var (
	noon     = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	lifetime = domain.SessionLifetime{Access: 15 * time.Minute, Idle: time.Hour, Absolute: 24 * time.Hour, Max: 20}
	origin   = domain.Origin{RequestID: "r1", Address: "192.0.2.1"}

	anyone = domain.Actor{Role: domain.RoleAnyone, Origin: origin}
	admin  = domain.Actor{UserID: domain.UserID{99}, Role: domain.RoleAdmin, SessionID: domain.SessionID{98}, Origin: origin, AuthenticatedAt: noon, Fresh: true}

	ada = domain.User{ID: domain.UserID{1}, Email: "ada@example.com", Name: "Ada", Role: domain.RoleMember, TimeZone: domain.UTC, CreatedAt: noon, Version: 1}
)

// harness is the services of the slice with mocks of their ports.
type harness struct {
	*accounts.Service
	*accounts.Sessions
	*accounts.Operator
	*accounts.ActiveSessions
	*accounts.Confirmations
	*accounts.APITokens
	elapsed *atomic.Int64 // nanoseconds since noon, of the rate limits
	*accounts.TwoFactor
	usedFrom    *atomic.Bool // whether devices without a token have another session
	factors     *secondFactors
	uow         *fake.UnitOfWork
	security    *fake.SecurityLog
	mails       *fake.MailQueue
	users       *mock.MockUserStore
	emails      *mock.MockEmailStore
	sessions    *mock.MockSessionStore
	refresh     *mock.MockRefreshTokenStore
	active      *mock.MockActiveSessionStore
	hasher      *mock.MockPasswordHasher
	hashes      *mock.MockPasswordStore
	keys        *mock.MockRegistrationKeyStore
	enrolments  *mock.MockEnrolmentStore
	instructors *mock.MockInstructorStore
	connections *mock.MockConnectionRemover

	stored  *mock.MockConfirmationStore
	queue   *mock.MockConfirmationQueue
	tokens  *mock.MockAPITokenStore
	revoker *mock.MockAPITokenRevoker
}

// newHarness returns a harness with the IDs 1, 2, 3 and so on, at noon.
func newHarness(t *testing.T) harness {
	t.Helper()
	ctrl := gomock.NewController(t)
	h := harness{
		factors: newSecondFactors(),
		elapsed: &atomic.Int64{}, usedFrom: &atomic.Bool{}, uow: &fake.UnitOfWork{}, security: &fake.SecurityLog{}, mails: &fake.MailQueue{}, users: mock.NewMockUserStore(ctrl), emails: mock.NewMockEmailStore(ctrl), sessions: mock.NewMockSessionStore(ctrl), refresh: mock.NewMockRefreshTokenStore(ctrl), active: mock.NewMockActiveSessionStore(ctrl),
		hasher: mock.NewMockPasswordHasher(ctrl), hashes: mock.NewMockPasswordStore(ctrl), keys: mock.NewMockRegistrationKeyStore(ctrl), enrolments: mock.NewMockEnrolmentStore(ctrl),
		instructors: mock.NewMockInstructorStore(ctrl), connections: mock.NewMockConnectionRemover(ctrl),
		stored: mock.NewMockConfirmationStore(ctrl), queue: mock.NewMockConfirmationQueue(ctrl),
		tokens: mock.NewMockAPITokenStore(ctrl), revoker: mock.NewMockAPITokenRevoker(ctrl),
	}
	h.usedFrom.Store(true)
	h.sessions.EXPECT().UsedFrom(inside(), gomock.Any()).DoAndReturn(func(context.Context, domain.Session) (bool, error) { return h.usedFrom.Load(), nil }).AnyTimes()
	var ids byte
	clock := func() time.Time { return noon }
	limiter, err := memory.NewRateLimiter(func() time.Time { return noon.Add(time.Duration(h.elapsed.Load())) })
	if err != nil {
		t.Fatal(err)
	}
	newID := func() [16]byte { ids++; return [16]byte{ids} }
	passwords := domain.PasswordPolicy{MinLength: 15, Common: func(string) bool { return false }}
	h.Service = accounts.New(h.uow, h.users, h.sessions, h.revoker, h.enrolments, h.instructors, h.connections, clock)
	h.Operator = accounts.NewOperator(h.uow, h.users, h.hashes, h.sessions, h.revoker, h.factors, h.mails, h.hasher, passwords, clock, newID)
	h.ActiveSessions = accounts.NewActiveSessions(h.uow, h.users, h.active, h.hasher, h.hashes, passwords, h.mails, limiter, h.security, clock)
	h.Confirmations = accounts.NewConfirmations(accounts.ConfirmationDeps{
		UnitOfWork: h.uow, Users: h.users, Emails: h.emails, Confirmations: h.stored, Queue: h.queue, Mails: h.mails, Sessions: h.active, APITokens: h.revoker, Hasher: h.hasher, Hashes: h.hashes,
		Limiter: limiter, Security: h.security, Passwords: passwords, Now: clock, NewToken: func() domain.Secret { return token },
	})
	h.TwoFactor = accounts.NewTwoFactor(h.uow, h.users, h.active, h.factors, h.factors, totpRoles, h.mails, clock, h.factors.newKey)
	h.APITokens = accounts.NewAPITokens(accounts.APITokenDeps{
		UnitOfWork: h.uow, Users: h.users, Tokens: h.tokens, Mails: h.mails, Limiter: limiter, Security: h.security,
		Now: clock, NewID: newID, NewToken: func() domain.Secret { return token }, TOTPRoles: totpRoles,
	})
	h.Sessions = accounts.NewSessions(accounts.SessionDeps{
		UnitOfWork: h.uow, Users: h.users, Sessions: h.sessions, RefreshTokens: h.refresh, Hasher: h.hasher, Hashes: h.hashes, Keys: h.keys, Enrolments: h.enrolments,
		TOTP: h.factors, TOTPRoles: totpRoles, Challenges: h.factors, Codes: h.factors,
		Limiter: limiter, Mails: h.mails, Devices: devices{}, Security: h.security, Now: clock, NewID: newID, NewToken: func() domain.Secret { return token }, Passwords: passwords, Lifetime: lifetime,
	})
	return h
}

// devices is a ports.DeviceTokens whose tokens are the ID of the user.
type devices struct{}

func (devices) NewDeviceToken(user domain.UserID) domain.Secret {
	return domain.Secret("device of " + user.String())
}

func (d devices) OpenDeviceToken(user domain.UserID, token domain.Secret) string {
	if token != d.NewDeviceToken(user) {
		return ""
	}
	return token.Reveal()
}

func as(u domain.User) domain.Actor {
	return domain.Actor{UserID: u.ID, Role: u.Role, SessionID: domain.SessionID{50}, Origin: origin, AuthenticatedAt: noon, Fresh: true}
}

func hashOf(s domain.Secret) [32]byte { return sha256.Sum256([]byte(s.Reveal())) }

// inside matches the context of a unit of work, and outside any other.
func inside() gomock.Matcher {
	return gomock.Cond(fake.Inside)
}

func outside() gomock.Matcher {
	return gomock.Cond(func(ctx context.Context) bool { return !fake.Inside(ctx) })
}

// firstRefreshToken is the first refresh token of a session, and firstFamily what is stored of it.
var (
	firstRefreshToken = domain.RefreshToken{Family: token, Secret: token}
	firstFamily       = domain.TokenFamily{Family: hashOf(token), Current: hashOf(firstRefreshToken.Text())}
)
