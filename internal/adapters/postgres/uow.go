package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/internal/pgtx"
	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// maxAttempts limits the attempts of a unit of work that fails with a retryable error.
const maxAttempts = 3

// UnitOfWork implements ports.UnitOfWork.
type UnitOfWork struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	actors actors
	cache  *SessionCache
	now    ports.Clock
	newID  ports.NewID
}

var _ ports.UnitOfWork = (*UnitOfWork)(nil)

// NewUnitOfWork returns a UnitOfWork on pool, in which actors with sessions that have expired
// by lifetime cannot act. When it ends, the users whose rights it may have changed are read
// again instead of taken from cache.
func NewUnitOfWork(
	pool *pgxpool.Pool, cache *SessionCache, now ports.Clock, newID ports.NewID, lifetime domain.SessionLifetime,
) *UnitOfWork {
	q := sqlc.New()
	return &UnitOfWork{pool: pool, q: q, actors: actors{q, now, lifetime}, cache: cache, now: now, newID: newID}
}

// Do implements ports.UnitOfWork. Inside an idempotent request it runs in a savepoint of
// the request's transaction, which the first unit of work begins.
func (u *UnitOfWork) Do(
	ctx context.Context, actor domain.Actor, locks ports.Locks, fn func(context.Context, domain.Actor) (domain.Change, error),
) error {
	if _, nested := pgtx.Unit(ctx); nested {
		return errors.New("postgres: nested unit of work")
	}
	var parent beginner = poolConn{u.pool}
	var err error
	scope := &unit{locks: locks, changed: []domain.UserID{locks.User}}
	// Also after an error: the commit may have succeeded nevertheless.
	defer func() { u.cache.forget(scope.changed...) }()
	if r, ok := idempotentRequestOf(ctx); ok {
		defer func() { r.changed = append(r.changed, scope.changed...) }()
		if parent, err = r.begin(ctx); err != nil { // Begin of a transaction creates a savepoint
			return mapError(err)
		}
	}
	for attempt := range maxAttempts {
		if attempt > 0 && !backOff(ctx, attempt) {
			return ctx.Err()
		}
		// Other connections have stale statements too.
		if isStale(err) {
			err = u.attempt(withFresh(ctx), parent, actor, scope, fn)
		} else {
			err = u.attempt(ctx, parent, actor, scope, fn)
		}
		if !isRetryable(err) {
			return mapError(err)
		}
	}
	return mapError(fmt.Errorf("commit unit of work: gave up after %d attempts: %w", maxAttempts, err))
}

// beginner begins transactions: poolConn, or savepoints: a transaction.
type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

func (u *UnitOfWork) attempt(
	ctx context.Context, parent beginner, actor domain.Actor, scope *unit, fn func(context.Context, domain.Actor) (domain.Change, error),
) error {
	return pgx.BeginFunc(ctx, parent, func(tx pgx.Tx) error {
		current, err := u.actors.lock(ctx, txConn(ctx, tx), actor, scope.locks)
		if err != nil {
			return err
		}
		change, err := fn(context.WithValue(pgtx.With(ctx, tx), unitKey{}, scope), current)
		if err != nil {
			return err
		}
		return u.recordChange(ctx, txConn(ctx, tx), current, change)
	})
}

// recordChange inserts the audit entry. It runs last because it locks the audit chain:
// from there to the commit, all other writers wait.
func (u *UnitOfWork) recordChange(ctx context.Context, tx querier, actor domain.Actor, c domain.Change) error {
	if c.Action == "" {
		return nil
	}
	if c.Details == nil {
		c.Details = map[string]any{}
	}
	if !actor.TokenID.IsZero() {
		c.Details = maps.Clone(c.Details)
		c.Details["api_token_id"] = actor.TokenID.String()
	}
	details, err := json.Marshal(c.Details)
	if err != nil {
		return fmt.Errorf("encode audit details: %w", err)
	}
	if err := u.q.LockAuditChain(ctx, tx); err != nil {
		return fmt.Errorf("lock audit chain: %w", err)
	}
	err = u.q.InsertAuditEntry(ctx, tx, sqlc.InsertAuditEntryParams{
		ID:        uuid.UUID(u.newID()),
		At:        u.now(),
		ActorID:   uuidOrNil(actor.UserID),
		ActorRole: string(actor.Role),
		Action:    string(c.Action),
		Subject:   c.Subject,
		Details:   details,
		RequestID: actor.Origin.RequestID,
		Address:   actor.Origin.Address,
	})
	if err != nil {
		return fmt.Errorf("insert audit entry: %w", err)
	}
	return nil
}

// isRetryable reports whether the transaction can succeed when it runs again.
func isRetryable(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01") || isStale(err) // serialization_failure, deadlock_detected
}

// backOff waits before the next attempt, with jitter, and reports false when ctx is
// cancelled first.
func backOff(ctx context.Context, attempt int) bool {
	t := time.NewTimer(time.Duration(attempt) * time.Duration(5+rand.IntN(20)) * time.Millisecond)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
