package domain

import "time"

// Errors of signing in and of sessions.
var (
	ErrUnauthenticated    = define(KindUnauthenticated, "unauthenticated", "You are not signed in. Sign in and try again.")
	ErrInvalidCredentials = define(KindUnauthenticated, "invalid_credentials", "The email address or password is wrong, or the account is suspended.")
	ErrSessionExpired     = define(KindUnauthenticated, "session_expired", "The session has expired. Sign in again.")
	ErrTokenExpired       = define(KindUnauthenticated, "token_expired", "The access token has expired. Renew it with the refresh token of the session.")
	// ErrReauthenticationRequired is for actors with permission who have to prove again who they are.
	ErrReauthenticationRequired = define(KindForbidden, "reauthentication_required", "This needs a recent proof of who you are. Enter your password and try again.")
	ErrSessionNotFound          = define(KindNotFound, "session_not_found", "You have no such session. It may have ended.")
)

// SessionID identifies a Session.
type SessionID = ID[Session]

// Session is one sign-in of a user. It ends at ExpiresAt, after a period without requests,
// at sign-out, and when the user's role changes or they are suspended.
type Session struct {
	ID         SessionID
	User       UserID
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	UserAgent  string
	Address    string // IP address that it was started from; empty if it is not known

	AuthenticatedAt time.Time // when its user last proved who they are
	TokenExpiresAt  time.Time // when its token expires; zero if it lasts as long as the session
}

// DeviceName returns a user agent as it is stored: long enough to recognize a device in a list.
func DeviceName(userAgent string) string { return cleanText(userAgent, maxUserAgent) }

const maxUserAgent = 256 // bytes

// NewSession returns a session of a user that starts at now.
func NewSession(id SessionID, user UserID, userAgent, address string, now time.Time, l SessionLifetime) Session {
	return Session{
		ID: id, User: user, UserAgent: DeviceName(userAgent), Address: address,
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(l.Absolute), AuthenticatedAt: now,
	}
}

// SessionLifetime is how long a session can last.
type SessionLifetime struct {
	Access   time.Duration // of the access token of a session with a refresh token
	Idle     time.Duration // without a request
	Absolute time.Duration // since sign-in
	Max      int           // sessions of a user; another one ends the one that was not used for the longest time
}

// Alive reports whether the session has not expired at now.
func (s Session) Alive(now time.Time, l SessionLifetime) bool {
	return now.Before(s.ExpiresAt) && now.Before(s.LastSeenAt.Add(l.Idle))
}

// RenewToken sets when a new access token of the session expires.
func (s *Session) RenewToken(now time.Time, l SessionLifetime) {
	s.TokenExpiresAt = now.Add(l.Access)
	if s.ExpiresAt.Before(s.TokenExpiresAt) {
		s.TokenExpiresAt = s.ExpiresAt
	}
}

// TokenAlive reports whether the token of the session has not expired at now.
func (s Session) TokenAlive(now time.Time) bool {
	return s.TokenExpiresAt.IsZero() || now.Before(s.TokenExpiresAt)
}

// SignedIn is a session with its new tokens, which are never shown again.
type SignedIn struct {
	Session      Session
	Token        Secret
	RefreshToken RefreshToken // zero for a session in a cookie, which has only one token
	Device       Secret       // proves later that the user signed in with this device; empty if it is not new
	Me           Me
}
