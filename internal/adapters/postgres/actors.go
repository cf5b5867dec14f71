package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// actors reads the actors of requests again.
type actors struct {
	q        *sqlc.Queries
	now      ports.Clock
	lifetime domain.SessionLifetime
}

// lock takes the locks of a unit of work and returns its current actor.
// Errors: those of current.
func (a actors) lock(ctx context.Context, tx querier, actor domain.Actor, locks ports.Locks) (domain.Actor, error) {
	if locks.Admins {
		if err := a.q.LockAdmins(ctx, tx); err != nil {
			return domain.Actor{}, fmt.Errorf("lock admins: %w", err)
		}
	}
	lockUser := func() error {
		if locks.User.IsZero() {
			return nil
		}
		return a.q.LockUser(ctx, tx, uuid.UUID(locks.User))
	}
	lockActor := func() error {
		if actor.UserID.IsZero() || actor.UserID == locks.User {
			return nil
		}
		return a.q.LockActor(ctx, tx, uuid.UUID(actor.UserID))
	}
	first, second := lockActor, lockUser
	if bytes.Compare(locks.User[:], actor.UserID[:]) < 0 {
		first, second = lockUser, lockActor
	}
	if err := first(); err != nil {
		return domain.Actor{}, fmt.Errorf("lock users: %w", err)
	}
	if err := second(); err != nil {
		return domain.Actor{}, fmt.Errorf("lock users: %w", err)
	}
	return a.current(ctx, tx, actor)
}

// current returns the actor with the rights that they have now. Background jobs and callers
// who are not signed in have nothing that can change.
// Errors: ErrUnauthenticated, ErrSessionExpired, ErrAPITokenInvalid.
func (a actors) current(ctx context.Context, q querier, actor domain.Actor) (domain.Actor, error) {
	if actor.Role == domain.RoleSystem || actor.Role == domain.RoleAnyone {
		return actor, nil
	}
	r, err := a.q.GetActor(ctx, q, sqlc.GetActorParams{
		UserID: uuid.UUID(actor.UserID), SessionID: uuid.UUID(actor.SessionID), ApiTokenID: uuid.UUID(actor.TokenID),
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return domain.Actor{}, domain.ErrUnauthenticated
	case err != nil:
		return domain.Actor{}, fmt.Errorf("get actor: %w", err)
	case r.SuspendedAt != nil:
		return domain.Actor{}, domain.ErrUnauthenticated
	}
	if !actor.SessionID.IsZero() {
		if r.ExpiresAt == nil {
			return domain.Actor{}, domain.ErrUnauthenticated
		}
		session := domain.Session{LastSeenAt: *r.LastSeenAt, ExpiresAt: *r.ExpiresAt}
		if !session.Alive(a.now(), a.lifetime) {
			return domain.Actor{}, domain.ErrSessionExpired
		}
		actor = actor.Authenticated(r.AuthenticatedAt.UTC(), a.now())
	}
	if !actor.TokenID.IsZero() {
		if r.ApiTokenExpiresAt == nil || !(domain.APIToken{ExpiresAt: *r.ApiTokenExpiresAt, RevokedAt: r.ApiTokenRevokedAt}).Alive(a.now()) {
			return domain.Actor{}, domain.ErrAPITokenInvalid
		}
	}
	actor.Role, actor.Teaches, actor.Batch = domain.Role(r.Role), ids[domain.Batch](r.Teaches), domain.BatchID{}
	if r.BatchID != nil {
		actor.Batch = domain.BatchID(*r.BatchID)
	}
	return actor, nil
}
