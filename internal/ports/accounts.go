package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=accounts.go -destination=mock/accounts.go -package=mock

// Registration is the request for a new account.
type Registration struct {
	Email, Name string
	Password    domain.Secret
	TimeZone    *string // nil: UTC
	Key         *string // the registration key of a batch to join; nil: none
	Device      Device
}

// Device is what somebody signs in with.
type Device struct {
	UserAgent string
	// Session is the token of the session cookie that it sent. That session ends when the
	// new one starts. Empty: none.
	Session domain.Secret
	// Token is what the device received when somebody signed in with it before. Empty: none.
	Token domain.Secret
	// Cookie is set if the session is to be kept in a cookie, which needs no refresh token. A
	// challenge remembers it.
	Cookie bool
}

// Sessions is a driving interface: registering, signing in and signing out.
type Sessions interface {
	// Register creates an account and signs it in. With a registration key, the new user
	// joins the key's batch as a student; without one, they are a member. It is atomic, and
	// ends the session that the device had.
	// Errors: ErrInvalid, ErrPasswordTooShort, ErrPasswordTooLong,
	// ErrPasswordTooCommon, ErrPasswordContainsPersonalInfo, ErrEmailTaken,
	// ErrRegistrationKeyInvalid, ErrBatchFull, ErrBusy.
	Register(ctx context.Context, actor domain.Actor, r Registration) (domain.SignedIn, error)
	// SignIn starts a session, and ends the one that the device had. If the account has a second
	// factor, it returns a challenge instead. An unknown address, a wrong password and a suspended
	// account cannot be told apart, not even by response time.
	// Errors: ErrInvalidCredentials, ErrBusy.
	SignIn(ctx context.Context, actor domain.Actor, email string, password domain.Secret, d Device) (domain.SignIn, error)
	// CompleteSignIn starts the session of a challenge with a code of the app or a recovery code,
	// ends the one that the device had, and reports whether the session is to be kept in a
	// cookie. A challenge and a code are used once. After five wrong codes, the challenge ends.
	// Wrong codes of the app are limited per account.
	// Errors: ErrSignInChallengeInvalid, ErrOneTimeCodeWrong, ErrRateLimited.
	CompleteSignIn(ctx context.Context, actor domain.Actor, challenge, code domain.Secret, d Device) (in domain.SignedIn, cookie bool, err error)
	// Reauthenticate verifies the actor's password, so that they can do what is sensitive, and
	// replaces the token of their session.
	// Errors: ErrCurrentPasswordWrong, ErrBusy, ErrUnauthenticated.
	Reauthenticate(ctx context.Context, actor domain.Actor, password domain.Secret, d Device) (domain.SignedIn, error)
	// Refresh returns a session with new tokens that replace its refresh token. A token that was
	// replaced less than ten seconds ago returns the same tokens as the first time; one that was
	// replaced before ends the session.
	// Errors: ErrRefreshTokenInvalid.
	Refresh(ctx context.Context, actor domain.Actor, refreshToken domain.Secret, d Device) (domain.SignedIn, error)
	// SignOut ends the actor's session.
	// Errors: none.
	SignOut(ctx context.Context, actor domain.Actor) error
	// Authenticate returns the user of a session token.
	// Errors: ErrUnauthenticated, ErrSessionExpired, ErrTokenExpired.
	Authenticate(ctx context.Context, token domain.Secret) (domain.Actor, error)
}

// DeviceTokens is a driven interface: it creates and verifies proofs that a user signed in with a
// device. They do not sign anybody in.
type DeviceTokens interface {
	// NewDeviceToken returns a proof for a user.
	// Errors: none.
	NewDeviceToken(user domain.UserID) domain.Secret
	// OpenDeviceToken returns what identifies the device of a proof, or nothing if it is not a proof
	// for this user.
	// Errors: none.
	OpenDeviceToken(user domain.UserID, token domain.Secret) (device string)
}

// Accounts is a driving interface: the actor's own account, and user management for
// admins.
type Accounts interface {
	// Me returns the actor's own account.
	// Errors: ErrUnauthenticated.
	Me(ctx context.Context, actor domain.Actor) (domain.Me, error)
	// UpdateMe updates the actor's own account.
	// Errors: ErrInvalid, ErrVersionMismatch.
	UpdateMe(ctx context.Context, actor domain.Actor, update domain.ProfileUpdate, expected domain.ExpectedVersions) (domain.Me, error)
	// Users lists users, sorted by name. In a search, names that start with the text come first.
	// Errors: ErrForbidden, ErrInvalidCursor.
	Users(ctx context.Context, actor domain.Actor, f domain.UserFilter, page domain.PageRequest) (domain.Page[domain.User], error)
	// User returns one user.
	// Errors: ErrForbidden, ErrUserNotFound.
	User(ctx context.Context, actor domain.Actor, id domain.UserID) (domain.User, error)
	// ChangeRole changes a user's role, ends their sessions, revokes their API tokens, and ends the
	// enrolment or the assignments that came with the old role.
	// Errors: ErrForbidden, ErrReauthenticationRequired, ErrUserNotFound, ErrInvalid, ErrStudentRoleRequiresEnrolment, ErrLastAdmin,
	// ErrVersionMismatch.
	ChangeRole(ctx context.Context, actor domain.Actor, id domain.UserID, role domain.Role, expected domain.ExpectedVersions) (domain.User, error)
	// Suspend suspends a user, who can no longer sign in, ends their sessions, and revokes their
	// API tokens. It removes their connection, even if its tokens cannot be revoked at the server.
	// Errors: ErrForbidden, ErrUserNotFound, ErrLastAdmin, ErrVersionMismatch.
	Suspend(ctx context.Context, actor domain.Actor, id domain.UserID, expected domain.ExpectedVersions) (domain.User, error)
	// Reinstate lifts the suspension of a user. They have to connect again.
	// Errors: ErrForbidden, ErrUserNotFound, ErrVersionMismatch.
	Reinstate(ctx context.Context, actor domain.Actor, id domain.UserID, expected domain.ExpectedVersions) (domain.User, error)
}

// Operator is a driving interface: the operator's commands, which act as domain.System.
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
	// ResetPassword changes the password of the user with an address, ends all their sessions
	// and returns how many. It revokes their API tokens. It does not reinstate a suspended user.
	// Errors: ErrForbidden, ErrInvalid, ErrUserNotFound, ErrPasswordTooShort, ErrPasswordTooLong,
	// ErrPasswordTooCommon, ErrPasswordContainsPersonalInfo, ErrBusy.
	ResetPassword(ctx context.Context, actor domain.Actor, email string, password domain.Secret) (u domain.User, ended int, err error)
	// DisableTOTP removes the TOTP of the user with an address, ends all their sessions and
	// reports whether there was one.
	// Errors: ErrForbidden, ErrInvalid, ErrUserNotFound.
	DisableTOTP(ctx context.Context, actor domain.Actor, email string) (u domain.User, found bool, err error)
}

// SessionCleaner is a driving interface: the background job that removes old sessions.
type SessionCleaner interface {
	// RemoveExpiredSessions removes expired sessions and challenges, and returns how many.
	// Errors: none.
	RemoveExpiredSessions(ctx context.Context) (int, error)
}

// UserStore is a driven interface: it stores users.
type UserStore interface {
	// User returns one user.
	// Errors: ErrUserNotFound.
	User(ctx context.Context, id domain.UserID) (domain.User, error)
	// Me returns a user with the batch they are enrolled in and the batches they teach, in
	// one round trip if they have the expected role.
	// Errors: ErrUserNotFound.
	Me(ctx context.Context, id domain.UserID, expected domain.Role) (domain.Me, error)
	// LockedUser returns the user whom the unit of work has locked.
	// Errors: ErrUserNotFound.
	LockedUser(ctx context.Context, id domain.UserID) (domain.User, error)
	// LockedAdmins returns the IDs of all admins who are not suspended. The unit of work
	// must have locked the admins.
	// Errors: none.
	LockedAdmins(ctx context.Context) ([]domain.UserID, error)
	// UserByEmail returns a user and their password hash.
	// Errors: ErrUserNotFound.
	UserByEmail(ctx context.Context, email domain.Email) (u domain.User, passwordHash string, err error)
	// ListUsers lists users as Accounts.Users does.
	// Errors: ErrInvalidCursor.
	ListUsers(ctx context.Context, f domain.UserFilter, page domain.PageRequest) (domain.Page[domain.User], error)
	// AddUser stores a new user.
	// Errors: ErrEmailTaken.
	AddUser(ctx context.Context, u domain.User, passwordHash string) error
	// SaveUser stores the changes of a user except their address, and increments their
	// version.
	// Errors: ErrUserNotFound.
	SaveUser(ctx context.Context, u domain.User) error
}

// EmailStore is a driven interface: it stores the addresses of users.
type EmailStore interface {
	// SaveEmail stores the new address of a user whom the unit of work has locked, and increments
	// their version.
	// Errors: ErrEmailTaken, ErrUserNotFound.
	SaveEmail(ctx context.Context, u domain.User) error
}

// PasswordStore is a driven interface: it stores password hashes.
type PasswordStore interface {
	// ReplacePasswordHash replaces a user's password hash, unless it has changed. The unit of
	// work must have locked the user.
	// Errors: none.
	ReplacePasswordHash(ctx context.Context, id domain.UserID, from, to string) error
	// SavePassword stores the hash of a user's new password, and removes the confirmations
	// that somebody with the old one could have requested, to set another one or to change the
	// address. It does not change their version:
	// no resource shows it.
	// Errors: ErrUserNotFound.
	SavePassword(ctx context.Context, id domain.UserID, passwordHash string) error
}

// SessionStore is a driven interface: it stores sessions under the hash of their token,
// never the token itself.
type SessionStore interface {
	// AddSession stores a session under the hash of its token. If its user then has more than
	// limit sessions, those end that were not used for the longest time; it returns them.
	// Errors: none.
	AddSession(ctx context.Context, s domain.Session, tokenHash [32]byte, limit int) (ended []domain.SessionID, err error)
	// Session returns a session with its user and their actor, in at most one round trip. They
	// can be as old as a second, but not older than the last unit of work of this process that
	// locked the user. It updates LastSeenAt about once a minute.
	// Errors: ErrUnauthenticated.
	Session(ctx context.Context, tokenHash [32]byte) (domain.Session, domain.User, domain.Actor, error)
	// RenewSession stores the new proof and the new token of a session, if its last proof is that
	// of since, and returns the whole session. The unit of work must have locked the user.
	// Errors: ErrUnauthenticated.
	RenewSession(ctx context.Context, renewed domain.Session, since time.Time, tokenHash [32]byte) (domain.Session, error)
	// UsedFrom reports whether a user has another session that was started by the same program
	// from the same IP address.
	// Errors: none.
	UsedFrom(ctx context.Context, s domain.Session) (bool, error)
	// RemoveSession ends one session.
	// Errors: none.
	RemoveSession(ctx context.Context, id domain.SessionID) error
	// RemoveSessionOf ends the session with a token, of any user, and returns its ID, or zero if
	// there is none. It needs a unit of work.
	// Errors: none.
	RemoveSessionOf(ctx context.Context, tokenHash [32]byte) (domain.SessionID, error)
	// RemoveSessions ends all sessions of a user and returns how many.
	// Errors: none.
	RemoveSessions(ctx context.Context, user domain.UserID) (int, error)
	// RemoveExpiredSessions removes the sessions that have expired at now and returns how
	// many.
	// Errors: none.
	RemoveExpiredSessions(ctx context.Context, l domain.SessionLifetime, now time.Time) (int, error)
}

// PasswordHasher is a driven interface: a slow hash with limited concurrency.
type PasswordHasher interface {
	// Hash returns the hash of a new password, in its normal form.
	// Errors: ErrBusy.
	Hash(ctx context.Context, password domain.Secret) (string, error)
	// Verify reports whether the password, exactly as it is, matches the hash. An empty hash
	// never matches and takes as long as any other.
	// Errors: ErrBusy.
	Verify(ctx context.Context, password domain.Secret, hash string) (bool, error)
}
