package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=accounts.go -destination=mock/accounts.go -package=mock

// Registration is what somebody gives to get an account.
type Registration struct {
	Email, Name string
	Password    domain.Secret
	TimeZone    *string // nil: UTC
	Key         *string // nil: sign up without a batch
	UserAgent   string
}

// Sessions is driving: getting in and out.
type Sessions interface {
	// Register makes an account and signs it in. With a registration key the new
	// user joins the key's batch as a student, and without one they are a member;
	// either everything happens or nothing.
	// Errors: ErrInvalid, ErrPasswordTooShort, ErrPasswordTooLong,
	// ErrPasswordTooCommon, ErrPasswordContainsPersonalInfo, ErrEmailTaken,
	// ErrRegistrationKeyInvalid, ErrBatchFull, ErrBusy.
	Register(ctx context.Context, actor domain.Actor, r Registration) (domain.SignedIn, error)
	// SignIn starts a session. An unknown address, a wrong password and a
	// suspended account are the same in answer and in time.
	// Errors: ErrInvalidCredentials, ErrBusy.
	SignIn(ctx context.Context, actor domain.Actor, email string, password domain.Secret, userAgent string) (domain.SignedIn, error)
	// SignOut ends the actor's session.
	// Errors: ErrForbidden.
	SignOut(ctx context.Context, actor domain.Actor) error
	// Authenticate returns who carries a session token.
	// Errors: ErrUnauthenticated, ErrSessionExpired.
	Authenticate(ctx context.Context, token domain.Secret) (domain.Actor, error)
}

// Accounts is driving: people's own accounts, and the admin's view of all.
type Accounts interface {
	// Me returns the actor's own account.
	// Errors: ErrUnauthenticated.
	Me(ctx context.Context, actor domain.Actor) (domain.Me, error)
	// UpdateMe changes the actor's own account.
	// Errors: ErrInvalid, ErrForbidden, ErrVersionMismatch.
	UpdateMe(ctx context.Context, actor domain.Actor, e domain.ProfileUpdate, seen domain.ExpectedVersions) (domain.Me, error)
	// Users lists users by name.
	// Errors: ErrForbidden, ErrInvalidCursor.
	Users(ctx context.Context, actor domain.Actor, f domain.UserFilter, page domain.PageRequest) (domain.Page[domain.User], error)
	// User returns one user.
	// Errors: ErrForbidden, ErrUserNotFound.
	User(ctx context.Context, actor domain.Actor, id domain.UserID) (domain.User, error)
	// ChangeRole gives a user another role, ends their sessions, and ends what came
	// with the old role: an enrolment, or assignments to batches.
	// Errors: ErrForbidden, ErrUserNotFound, ErrInvalid, ErrStudentRoleRequiresEnrolment, ErrLastAdmin,
	// ErrVersionMismatch.
	ChangeRole(ctx context.Context, actor domain.Actor, id domain.UserID, role domain.Role, seen domain.ExpectedVersions) (domain.User, error)
	// Suspend bars a user from signing in and ends their sessions.
	// Errors: ErrForbidden, ErrUserNotFound, ErrLastAdmin, ErrVersionMismatch.
	Suspend(ctx context.Context, actor domain.Actor, id domain.UserID, seen domain.ExpectedVersions) (domain.User, error)
	// Reinstate undoes Suspend.
	// Errors: ErrForbidden, ErrUserNotFound, ErrVersionMismatch.
	Reinstate(ctx context.Context, actor domain.Actor, id domain.UserID, seen domain.ExpectedVersions) (domain.User, error)
}

// Operator is driving: what the operator's commands do, as domain.System.
type Operator interface {
	// CreateUser creates a user with any role but student.
	// Errors: ErrForbidden, ErrInvalid, ErrPasswordTooShort, ErrPasswordTooLong,
	// ErrPasswordTooCommon, ErrPasswordContainsPersonalInfo, ErrEmailTaken, ErrStudentRoleRequiresEnrolment, ErrBusy.
	CreateUser(ctx context.Context, actor domain.Actor, r Registration, role domain.Role) (domain.User, error)
	// BootstrapAdmin creates an admin if there are no users. Several replicas may call it at
	// the same time.
	// Errors: ErrForbidden, ErrInvalid, ErrPasswordTooShort, ErrPasswordTooLong,
	// ErrPasswordTooCommon, ErrPasswordContainsPersonalInfo, ErrBusy.
	BootstrapAdmin(ctx context.Context, actor domain.Actor, r Registration) error
}

// SessionCleaner is driving: what background jobs ask about sessions.
type SessionCleaner interface {
	// RemoveExpiredSessions removes sessions that are over and OAuth flows that were never
	// finished, and returns how many.
	// Errors: none.
	RemoveExpiredSessions(ctx context.Context, actor domain.Actor) (int, error)
}

// UserStore is driven: where users are kept.
type UserStore interface {
	// User returns one user.
	// Errors: ErrUserNotFound.
	User(ctx context.Context, id domain.UserID) (domain.User, error)
	// Me returns a user with the batch they are enrolled in and the batches they teach,
	// in one round trip.
	// Errors: ErrUserNotFound.
	Me(ctx context.Context, id domain.UserID) (domain.Me, error)
	// LockUser returns a user that nobody else can change until the unit of work ends.
	// Errors: ErrUserNotFound.
	LockUser(ctx context.Context, id domain.UserID) (domain.User, error)
	// LockAdmins returns the ids of all admins who are not suspended, and makes others
	// who ask for them wait until the unit of work ends. Who changes what an admin is
	// asks first.
	// Errors: none.
	LockAdmins(ctx context.Context) ([]domain.UserID, error)
	// UserByEmail returns a user and their password hash.
	// Errors: ErrUserNotFound.
	UserByEmail(ctx context.Context, email domain.Email) (domain.User, string, error)
	// ListUsers lists users by name.
	// Errors: ErrInvalidCursor.
	ListUsers(ctx context.Context, f domain.UserFilter, page domain.PageRequest) (domain.Page[domain.User], error)
	// AddUser stores a new user.
	// Errors: ErrEmailTaken, ErrInvalid (a time zone that the database does not know).
	AddUser(ctx context.Context, u domain.User, passwordHash string) error
	// SaveUser stores changes of a user, but not of their address, and counts the
	// version up.
	// Errors: ErrUserNotFound, ErrInvalid (a time zone that the database does not know).
	SaveUser(ctx context.Context, u domain.User) error
}

// SessionStore is driven: where sessions are kept. It never sees a token, only
// its hash.
type SessionStore interface {
	// AddSession stores a session under the hash of its token.
	// Errors: none.
	AddSession(ctx context.Context, s domain.Session, tokenHash [32]byte) error
	// Session returns a session with the user who carries it and what they are
	// enrolled in or teach, in one round trip. It notes the use about once a minute.
	// Errors: ErrUnauthenticated.
	Session(ctx context.Context, tokenHash [32]byte) (domain.Session, domain.User, domain.Actor, error)
	// RemoveSession ends one session.
	// Errors: none.
	RemoveSession(ctx context.Context, id domain.SessionID) error
	// RemoveSessions ends all sessions of a user and returns how many.
	// Errors: none.
	RemoveSessions(ctx context.Context, user domain.UserID) (int, error)
	// RemoveExpiredSessions removes sessions that are over and OAuth flows that were never
	// finished, and returns how many.
	// Errors: none.
	RemoveExpiredSessions(ctx context.Context, l domain.SessionLifetime, now time.Time) (int, error)
}

// PasswordHasher is driven: a slow hash, and how many run at once.
type PasswordHasher interface {
	// Hash returns the hash of a new password.
	// Errors: ErrBusy.
	Hash(ctx context.Context, password domain.Secret) (string, error)
	// Verify reports whether the password matches the hash. An empty hash never
	// matches and takes as long as any other.
	// Errors: ErrBusy.
	Verify(ctx context.Context, password domain.Secret, hash string) (bool, error)
}
