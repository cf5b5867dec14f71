package accounts

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Sessions implements ports.Sessions and ports.SessionCleaner.
type Sessions struct {
	newUsers
	deps    SessionDeps
	guesses guesses
}

var (
	_ ports.Sessions       = (*Sessions)(nil)
	_ ports.SessionCleaner = (*Sessions)(nil)
)

// SessionDeps holds what Sessions depends on. Registration writes users, enrolments and
// sessions in one unit of work, so it needs the stores of all three.
type SessionDeps struct {
	UnitOfWork    ports.UnitOfWork
	Users         ports.UserStore
	Sessions      ports.SessionStore
	RefreshTokens ports.RefreshTokenStore
	Hasher        ports.PasswordHasher
	Hashes        ports.PasswordStore
	Keys          ports.RegistrationKeyStore
	Enrolments    ports.EnrolmentStore
	Limiter       ports.RateLimiter
	Devices       ports.DeviceTokens
	Mails         ports.MailQueue
	Security      ports.SecurityLog
	TOTP          ports.TOTPStore
	TOTPRoles     domain.TOTPRoles
	Challenges    ports.SignInChallengeStore
	Codes         ports.Authenticator
	Now           ports.Clock
	NewID         ports.NewID
	NewToken      ports.NewToken
	Passwords     domain.PasswordPolicy
	Lifetime      domain.SessionLifetime
}

// NewSessions returns Sessions.
func NewSessions(d SessionDeps) *Sessions {
	return &Sessions{
		newUsers: newUsers{hasher: d.Hasher, passwords: d.Passwords, now: d.Now, newID: d.NewID},
		deps:     d,
		guesses:  guesses{limiter: d.Limiter, security: d.Security},
	}
}

// RemoveExpiredSessions implements ports.SessionCleaner. Nobody loses access, so it needs
// no permission and no audit entry.
func (s *Sessions) RemoveExpiredSessions(ctx context.Context) (int, error) {
	sessions, err := s.deps.Sessions.RemoveExpiredSessions(ctx, s.deps.Lifetime, s.now())
	if err != nil {
		return 0, fmt.Errorf("remove sessions: %w", err)
	}
	challenges, err := s.deps.Challenges.RemoveExpiredSignInChallenges(ctx, s.now())
	if err != nil {
		return 0, fmt.Errorf("remove challenges: %w", err)
	}
	return sessions + challenges, nil
}

// begin starts a session of a user whom the unit of work has locked, and who has proved who
// they are.
func (s *Sessions) begin(ctx context.Context, user domain.Actor, d ports.Device, details map[string]any) (domain.SignedIn, domain.Change, error) {
	in := s.start(user.UserID, d, user.Origin)
	details["device"] = in.Session.UserAgent
	if err := s.replace(ctx, d.Session, in, details); err != nil {
		return domain.SignedIn{}, domain.NoChange, err
	}
	var err error
	if in.Me, err = s.deps.Users.Me(ctx, user.UserID, user.Role); err != nil {
		return domain.SignedIn{}, domain.NoChange, fmt.Errorf("read account: %w", err)
	}
	if err := s.notify(ctx, in, d, user.Origin, details["surplus_session_ids"] != nil); err != nil {
		return domain.SignedIn{}, domain.NoChange, err
	}
	return in, domain.Change{Action: domain.ActSessionStart, Subject: in.Session.ID.String(), Details: details}, nil
}

// recordSignIn reports a session that was started, after its unit of work.
func (s *Sessions) recordSignIn(ctx context.Context, in domain.SignedIn, from domain.Origin) {
	s.deps.Security.Record(ctx, domain.SecurityEvent{Kind: domain.EventSignIn, User: in.Session.User, Device: in.Session.UserAgent, Origin: from})
}

// start returns a new session with its tokens.
func (s *Sessions) start(user domain.UserID, d ports.Device, from domain.Origin) domain.SignedIn {
	in := domain.SignedIn{
		Session: domain.NewSession(domain.SessionID(s.newID()), user, d.UserAgent, from.Address, s.now(), s.deps.Lifetime),
		Token:   s.deps.NewToken(),
		Device:  s.deps.Devices.NewDeviceToken(user),
	}
	if !d.Cookie {
		in.Session.RenewToken(s.now(), s.deps.Lifetime)
		in.RefreshToken = s.newFamily()
	}
	return in
}

// newFamily returns the first refresh token of a family.
func (s *Sessions) newFamily() domain.RefreshToken {
	return domain.RefreshToken{Family: s.deps.NewToken(), Secret: s.deps.NewToken()}
}

// knownDevice identifies a device that signed in to the account of a user before. It is empty if
// the device did not.
func (s *Sessions) knownDevice(user domain.UserID, d ports.Device) string {
	if user.IsZero() || d.Token == "" {
		return ""
	}
	return s.deps.Devices.OpenDeviceToken(user, d.Token)
}

// replace stores a new session in place of that with the token old, if there is one, and ends
// those that are too many. It adds the ones that end to the details of the audit entry. The
// replaced one can be the session of another user: whoever has its token could also sign out.
func (s *Sessions) replace(ctx context.Context, old domain.Secret, in domain.SignedIn, details map[string]any) error {
	if len(old) == tokenLength {
		id, err := s.deps.Sessions.RemoveSessionOf(ctx, tokenHash(old))
		if err != nil {
			return fmt.Errorf("remove the replaced session: %w", err)
		}
		if !id.IsZero() {
			details["replaced_session_id"] = id.String()
		}
	}
	ended, err := s.deps.Sessions.AddSession(ctx, in.Session, tokenHash(in.Token), s.deps.Lifetime.Max)
	if err != nil {
		return fmt.Errorf("add session: %w", err)
	}
	if len(ended) > 0 {
		details["surplus_session_ids"] = ended
	}
	return s.saveFamily(ctx, in)
}

// saveFamily stores the family of the new refresh token of a session, if it has one.
func (s *Sessions) saveFamily(ctx context.Context, in domain.SignedIn) error {
	if in.RefreshToken.IsZero() {
		return nil
	}
	f := domain.TokenFamily{Family: tokenHash(in.RefreshToken.Family), Current: tokenHash(in.RefreshToken.Text())}
	if err := s.deps.RefreshTokens.SaveTokenFamily(ctx, in.Session.ID, f); err != nil {
		return fmt.Errorf("save refresh token: %w", err)
	}
	return nil
}

// tokenHash hashes a token. It needs neither salt nor key stretching, because tokens are
// 256 random bits.
func tokenHash(token domain.Secret) [sha256.Size]byte {
	return sha256.Sum256([]byte(token.Reveal()))
}
