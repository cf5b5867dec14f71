package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=sessions.go -destination=mock/sessions.go -package=mock

// ActiveSessions is a driving interface: the active sessions of users, to list and to end.
type ActiveSessions interface {
	// MySessions lists the actor's sessions, the newest first.
	// Errors: ErrInvalidCursor.
	MySessions(ctx context.Context, actor domain.Actor, page domain.PageRequest) (domain.Page[domain.Session], error)
	// RevokeMySession ends one of the actor's sessions, which can be the one they use.
	// Errors: ErrSessionNotFound.
	RevokeMySession(ctx context.Context, actor domain.Actor, id domain.SessionID) error
	// RevokeMyOtherSessions ends all of the actor's sessions but the one they use.
	// Errors: none.
	RevokeMyOtherSessions(ctx context.Context, actor domain.Actor) error
	// UserSessions lists the sessions of a user, the newest first.
	// Errors: ErrForbidden, ErrUserNotFound, ErrInvalidCursor.
	UserSessions(ctx context.Context, actor domain.Actor, user domain.UserID, page domain.PageRequest) (domain.Page[domain.Session], error)
	// RevokeUserSessions ends all sessions of a user.
	// Errors: ErrForbidden, ErrUserNotFound.
	RevokeUserSessions(ctx context.Context, actor domain.Actor, user domain.UserID) error
	// ChangePassword changes the actor's password and ends all of their sessions but the one
	// they use.
	// Errors: ErrReauthenticationRequired, ErrCurrentPasswordWrong, ErrPasswordTooShort, ErrPasswordTooLong,
	// ErrPasswordTooCommon, ErrPasswordContainsPersonalInfo, ErrBusy.
	ChangePassword(ctx context.Context, actor domain.Actor, change PasswordChange) error
}

// PasswordChange is the request for a new password.
type PasswordChange struct{ Current, New domain.Secret }

// ActiveSessionStore is a driven interface: it lists and ends the sessions of users.
type ActiveSessionStore interface {
	// ListSessions lists the sessions of a user that have not expired at now, the newest first.
	// Errors: ErrInvalidCursor.
	ListSessions(ctx context.Context, user domain.UserID, now time.Time, page domain.PageRequest) (domain.Page[domain.Session], error)
	// RemoveSessionOfUser ends a session of a user.
	// Errors: ErrSessionNotFound.
	RemoveSessionOfUser(ctx context.Context, user domain.UserID, id domain.SessionID) error
	// RemoveOtherSessions ends all sessions of a user but one, and returns how many.
	// Errors: none.
	RemoveOtherSessions(ctx context.Context, user domain.UserID, keep domain.SessionID) (int, error)
	// RemoveSessions ends all sessions of a user and returns how many.
	// Errors: none.
	RemoveSessions(ctx context.Context, user domain.UserID) (int, error)
}

// RefreshTokenStore is a driven interface: it stores refresh tokens under hashes, never the
// tokens themselves. The family of a session ends with it.
type RefreshTokenStore interface {
	// SaveTokenFamily stores the family of a session, in place of the one that it had.
	// Errors: none.
	SaveTokenFamily(ctx context.Context, id domain.SessionID, f domain.TokenFamily) error
	// SessionOfFamily returns the session of a family with the role of its user.
	// Errors: ErrRefreshTokenInvalid.
	SessionOfFamily(ctx context.Context, familyHash [32]byte) (domain.Session, domain.Role, error)
	// LockedTokenFamily returns a family with its session. The unit of work must have locked the
	// user.
	// Errors: ErrRefreshTokenInvalid.
	LockedTokenFamily(ctx context.Context, familyHash [32]byte) (domain.TokenFamily, domain.Session, error)
	// RotateTokens stores a family after a rotation, and the access token and the times of its
	// session. The unit of work must have locked the user.
	// Errors: none.
	RotateTokens(ctx context.Context, f domain.TokenFamily, s domain.Session, tokenHash [32]byte) error
}
