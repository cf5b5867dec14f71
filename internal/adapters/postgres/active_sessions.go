package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// lastID sorts after every other ID.
var lastID = uuid.Max

// ListSessions implements ports.ActiveSessionStore.
func (s *SessionStore) ListSessions(
	ctx context.Context, user domain.UserID, now time.Time, req domain.PageRequest,
) (domain.Page[domain.Session], error) {
	scope := cursorScope("sessions", user)
	before, ok, err := decodeCursor[uuid.UUID](scope, req.After)
	if err != nil {
		return domain.Page[domain.Session]{}, err
	}
	if !ok {
		before = lastID
	}
	rows, err := s.q.ListSessions(ctx, conn(ctx, s.pool), sqlc.ListSessionsParams{
		UserID: uuid.UUID(user), Now: now, IdleSince: now.Add(-s.lifetime.Idle), BeforeID: before, Max: int32(req.Limit) + 1,
	})
	if err != nil {
		return domain.Page[domain.Session]{}, fmt.Errorf("list sessions: %w", err)
	}
	return newPage(scope, rows, req.Limit, func(r sqlc.ListSessionsRow) domain.Session {
		return domain.Session{
			ID: domain.SessionID(r.ID), User: user, UserAgent: r.UserAgent, Address: r.Address,
			CreatedAt: r.CreatedAt.UTC(), LastSeenAt: r.LastSeenAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		}
	}, func(r sqlc.ListSessionsRow) uuid.UUID { return r.ID }), nil
}

// RemoveSessionOfUser implements ports.ActiveSessionStore.
func (s *SessionStore) RemoveSessionOfUser(ctx context.Context, user domain.UserID, id domain.SessionID) error {
	if err := requireUser(ctx, user); err != nil {
		return err
	}
	n, err := s.q.DeleteSessionOfUser(ctx, conn(ctx, s.pool), sqlc.DeleteSessionOfUserParams{ID: uuid.UUID(id), UserID: uuid.UUID(user)})
	if err == nil && n == 0 {
		return domain.ErrSessionNotFound
	}
	return err
}

// RemoveOtherSessions implements ports.ActiveSessionStore.
func (s *SessionStore) RemoveOtherSessions(ctx context.Context, user domain.UserID, keep domain.SessionID) (int, error) {
	if err := requireUser(ctx, user); err != nil {
		return 0, err
	}
	n, err := s.q.DeleteOtherSessions(ctx, conn(ctx, s.pool), sqlc.DeleteOtherSessionsParams{UserID: uuid.UUID(user), KeepID: uuid.UUID(keep)})
	return int(n), err
}
