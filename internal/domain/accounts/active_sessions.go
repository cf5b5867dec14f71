package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// ActiveSessions implements ports.ActiveSessions.
type ActiveSessions struct {
	uow       ports.UnitOfWork
	users     ports.UserStore
	sessions  ports.ActiveSessionStore
	hasher    ports.PasswordHasher
	hashes    ports.PasswordStore
	passwords domain.PasswordPolicy
	mails     ports.MailQueue
	guesses   guesses
	now       ports.Clock
}

var _ ports.ActiveSessions = (*ActiveSessions)(nil)

// NewActiveSessions returns ActiveSessions.
func NewActiveSessions(
	uow ports.UnitOfWork, users ports.UserStore, sessions ports.ActiveSessionStore,
	hasher ports.PasswordHasher, hashes ports.PasswordStore, passwords domain.PasswordPolicy, mails ports.MailQueue, limiter ports.RateLimiter, security ports.SecurityLog, now ports.Clock,
) *ActiveSessions {
	return &ActiveSessions{
		uow: uow, users: users, sessions: sessions, hasher: hasher, hashes: hashes, passwords: passwords, mails: mails,
		guesses: guesses{limiter, security}, now: now,
	}
}

// MySessions implements ports.ActiveSessions.
func (s *ActiveSessions) MySessions(ctx context.Context, actor domain.Actor, page domain.PageRequest) (domain.Page[domain.Session], error) {
	if err := actor.May(domain.ActSessionList, domain.Subject{User: actor.UserID}); err != nil {
		return domain.Page[domain.Session]{}, err
	}
	return s.sessions.ListSessions(ctx, actor.UserID, s.now(), page)
}

// UserSessions implements ports.ActiveSessions.
func (s *ActiveSessions) UserSessions(
	ctx context.Context, actor domain.Actor, user domain.UserID, page domain.PageRequest,
) (domain.Page[domain.Session], error) {
	if err := actor.May(domain.ActUserListSessions, domain.Subject{User: user}); err != nil {
		return domain.Page[domain.Session]{}, err
	}
	list, err := s.sessions.ListSessions(ctx, user, s.now(), page)
	if err != nil || len(list.Items) > 0 {
		return list, err
	}
	if _, err := s.users.User(ctx, user); err != nil {
		return domain.Page[domain.Session]{}, fmt.Errorf("find user: %w", err)
	}
	return list, nil
}

// RevokeMySession implements ports.ActiveSessions.
func (s *ActiveSessions) RevokeMySession(ctx context.Context, actor domain.Actor, id domain.SessionID) error {
	return s.end(ctx, actor, actor.UserID, domain.ActSessionRevoke, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := s.sessions.RemoveSessionOfUser(ctx, actor.UserID, id); err != nil {
			return domain.NoChange, fmt.Errorf("remove session: %w", err)
		}
		return domain.Change{Action: domain.ActSessionRevoke, Subject: id.String()}, nil
	})
}

// RevokeMyOtherSessions implements ports.ActiveSessions.
func (s *ActiveSessions) RevokeMyOtherSessions(ctx context.Context, actor domain.Actor) error {
	return s.end(ctx, actor, actor.UserID, domain.ActSessionRevokeAll, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		n, err := s.sessions.RemoveOtherSessions(ctx, actor.UserID, actor.SessionID)
		return endedAll(domain.ActSessionRevokeAll, actor.UserID, n, err)
	})
}

// RevokeUserSessions implements ports.ActiveSessions.
func (s *ActiveSessions) RevokeUserSessions(ctx context.Context, actor domain.Actor, user domain.UserID) error {
	return s.end(ctx, actor, user, domain.ActUserRevokeSessions, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		if _, err := s.users.LockedUser(ctx, user); err != nil {
			return domain.NoChange, fmt.Errorf("find user: %w", err)
		}
		n, err := s.sessions.RemoveSessions(ctx, user)
		return endedAll(domain.ActUserRevokeSessions, user, n, err)
	})
}

// end runs fn in a unit of work that locks the user whose sessions end, if the actor has
// permission.
func (s *ActiveSessions) end(
	ctx context.Context, actor domain.Actor, user domain.UserID, do domain.Action, fn func(context.Context, domain.Actor) (domain.Change, error),
) error {
	return s.uow.Do(ctx, actor, ports.Locks{User: user}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(do, domain.Subject{User: user}); err != nil {
			return domain.NoChange, err
		}
		return fn(ctx, actor)
	})
}

// endedAll returns the change of a write that ended n sessions of a user.
func endedAll(do domain.Action, user domain.UserID, n int, err error) (domain.Change, error) {
	if err != nil {
		return domain.NoChange, fmt.Errorf("remove sessions: %w", err)
	}
	if n == 0 {
		return domain.NoChange, nil
	}
	return domain.Change{Action: do, Subject: user.String(), Details: map[string]any{"sessions_ended": n}}, nil
}

// ChangePassword implements ports.ActiveSessions. Hashing is slow, so it runs before the unit of
// work, which holds locks.
func (s *ActiveSessions) ChangePassword(ctx context.Context, actor domain.Actor, change ports.PasswordChange) error {
	if err := actor.May(domain.ActPasswordChange, domain.Subject{User: actor.UserID}); err != nil {
		return err
	}
	ctx = asKnown(ctx, actor)
	user, err := s.users.User(ctx, actor.UserID)
	if err != nil {
		return signedOut(err)
	}
	_, current, err := s.users.UserByEmail(ctx, user.Email)
	if err != nil {
		return signedOut(err)
	}
	if err := s.passwords.Check(change.New, user.Email, user.Name); err != nil {
		return err
	}
	if err := s.verifyCurrent(ctx, actor, change.Current, current); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, change.New)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	return s.end(ctx, actor, actor.UserID, domain.ActPasswordChange, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		// A password that was reset in the meantime must not be replaced.
		if _, now, err := s.users.UserByEmail(ctx, user.Email); err != nil || now != current {
			return domain.NoChange, cmp.Or(err, error(domain.ErrCurrentPasswordWrong.At("current_password")))
		}
		if err := s.hashes.SavePassword(ctx, actor.UserID, hash); err != nil {
			return domain.NoChange, fmt.Errorf("save password: %w", err)
		}
		n, err := s.sessions.RemoveOtherSessions(ctx, actor.UserID, actor.SessionID)
		if err != nil {
			return domain.NoChange, fmt.Errorf("remove sessions: %w", err)
		}
		if err := s.mails.Enqueue(ctx, domain.Notice(domain.MailPasswordChanged, user, actor.Origin, s.now())); err != nil {
			return domain.NoChange, fmt.Errorf("queue the notice: %w", err)
		}
		return domain.Change{Action: domain.ActPasswordChange, Subject: actor.UserID.String(), Details: map[string]any{"sessions_ended": n}}, nil
	})
}

// verifyCurrent verifies the password of the actor.
func (s *ActiveSessions) verifyCurrent(ctx context.Context, actor domain.Actor, password domain.Secret, hash string) error {
	attempt, err := s.guesses.begin(ctx, passwordBuckets(actor.UserID), domain.SecurityEvent{User: actor.UserID, Origin: actor.Origin})
	if err != nil {
		return err
	}
	matches, err := s.hasher.Verify(ctx, domain.NormalizePassword(password), hash)
	if err != nil || matches {
		attempt.right(ctx)
	}
	switch {
	case err != nil:
		return fmt.Errorf("verify password: %w", err)
	case !matches:
		return domain.ErrCurrentPasswordWrong.At("current_password")
	}
	return nil
}

// signedOut returns ErrUnauthenticated for a user who was deleted after authentication.
func signedOut(err error) error {
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.ErrUnauthenticated
	}
	return fmt.Errorf("find user: %w", err)
}
