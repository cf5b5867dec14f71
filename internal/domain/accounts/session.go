package accounts

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// tokenLength is the length of what ports.NewToken returns. Other text is no token
// of ours, and need not be looked up.
const tokenLength = 43

// SignIn starts a session, as promised by ports.Sessions.
//
// Whatever is wrong, the same work is done: one look-up and one verification. The
// time of the answer would tell otherwise which addresses have an account.
func (s *Service) SignIn(ctx context.Context, actor domain.Actor, email string, password domain.Secret, userAgent string) (domain.SignedIn, error) {
	address, err := domain.ParseEmail("email", email)
	if err != nil {
		address = "" // nobody has it
	}
	user, hash, err := s.users.UserByEmail(ctx, address)
	if err != nil && !errors.Is(err, domain.ErrUserNotFound) {
		return domain.SignedIn{}, fmt.Errorf("find user: %w", err)
	}
	known := err == nil
	if !known {
		hash = ""
	}
	matches, err := s.hasher.Verify(ctx, password, hash)
	if err != nil {
		return domain.SignedIn{}, fmt.Errorf("verify password: %w", err)
	}
	if !known || !matches || user.SuspendedAt != nil {
		return domain.SignedIn{}, domain.ErrInvalidCredentials
	}

	in, tokenHash := s.start(user.ID, userAgent)
	self := domain.Actor{UserID: user.ID, Role: user.Role, SessionID: in.Session.ID, Origin: actor.Origin}
	err = s.uow.Do(ctx, self, func(ctx context.Context) (domain.Change, error) {
		// Locked and looked at again: a suspension ends the sessions that it finds,
		// and must not miss this one.
		user, err := s.users.LockUser(ctx, user.ID)
		if errors.Is(err, domain.ErrUserNotFound) || err == nil && user.SuspendedAt != nil {
			return domain.NoChange, domain.ErrInvalidCredentials
		}
		if err != nil {
			return domain.NoChange, fmt.Errorf("lock user: %w", err)
		}
		if err := s.sessions.AddSession(ctx, in.Session, tokenHash); err != nil {
			return domain.NoChange, fmt.Errorf("add session: %w", err)
		}
		if in.Me, err = s.users.Me(ctx, user.ID); err != nil {
			return domain.NoChange, fmt.Errorf("read account: %w", err)
		}
		return domain.Change{Action: domain.ActSessionStart, Subject: in.Session.ID.String()}, nil
	})
	if err != nil {
		return domain.SignedIn{}, err
	}
	return in, nil
}

// SignOut ends the actor's session, as promised by ports.Sessions.
func (s *Service) SignOut(ctx context.Context, actor domain.Actor) error {
	if err := actor.May(domain.ActSessionEnd, domain.Subject{User: actor.UserID}); err != nil {
		return err
	}
	return s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		if err := s.sessions.RemoveSession(ctx, actor.SessionID); err != nil {
			return domain.NoChange, fmt.Errorf("remove session: %w", err)
		}
		return domain.Change{Action: domain.ActSessionEnd, Subject: actor.SessionID.String()}, nil
	})
}

// Authenticate returns who carries a session token, as promised by ports.Sessions.
func (s *Service) Authenticate(ctx context.Context, token domain.Secret) (domain.Actor, error) {
	if len(token) != tokenLength {
		return domain.Actor{}, domain.ErrUnauthenticated
	}
	session, user, actor, err := s.sessions.Session(ctx, tokenHash(token))
	switch {
	case err != nil:
		return domain.Actor{}, fmt.Errorf("find session: %w", err)
	case user.SuspendedAt != nil:
		return domain.Actor{}, domain.ErrUnauthenticated
	case !session.Alive(s.now(), s.lifetime):
		return domain.Actor{}, domain.ErrSessionExpired
	}
	return actor, nil
}

// RemoveExpiredSessions removes what is over, as promised by ports.SessionCleaner. It takes
// nothing away from anybody, so there is nothing to permit or to record.
func (s *Service) RemoveExpiredSessions(ctx context.Context, _ domain.Actor) (int, error) {
	return s.sessions.RemoveExpiredSessions(ctx, s.lifetime, s.now())
}

// start returns a new session of a user with its token, and the hash to store it under.
func (s *Service) start(user domain.UserID, userAgent string) (domain.SignedIn, [sha256.Size]byte) {
	token := s.newToken()
	session := domain.NewSession(domain.SessionID(s.newID()), user, userAgent, s.now(), s.lifetime)
	return domain.SignedIn{Session: session, Token: token}, tokenHash(token)
}

// tokenHash needs neither salt nor stretching: tokens are 256 random bits.
func tokenHash(token domain.Secret) [sha256.Size]byte {
	return sha256.Sum256([]byte(token.Reveal()))
}
