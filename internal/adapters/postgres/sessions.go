package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// touchInterval is the shortest time between two updates of a session's last use. It
// saves a write on most requests.
const touchInterval = time.Minute

// sessionTimeout limits the lookup of a session, which every request starts with, so that a
// database that hangs is noticed early.
const sessionTimeout = 3 * time.Second

// SessionStore implements ports.SessionStore, ports.ActiveSessionStore and
// ports.RefreshTokenStore.
type SessionStore struct {
	pool     *pgxpool.Pool
	q        *sqlc.Queries
	cache    *SessionCache
	now      ports.Clock
	lifetime domain.SessionLifetime
}

var (
	_ ports.SessionStore       = (*SessionStore)(nil)
	_ ports.ActiveSessionStore = (*SessionStore)(nil)
	_ ports.RefreshTokenStore  = (*SessionStore)(nil)
)

// NewSessionStore returns a SessionStore on pool. Sessions that have expired by lifetime
// are still returned, but their use is not recorded, which would revive them. It keeps the
// others in cache.
func NewSessionStore(pool *pgxpool.Pool, cache *SessionCache, now ports.Clock, lifetime domain.SessionLifetime) *SessionStore {
	return &SessionStore{pool: pool, q: sqlc.New(), cache: cache, now: now, lifetime: lifetime}
}

// AddSession implements ports.SessionStore.
func (s *SessionStore) AddSession(ctx context.Context, n domain.Session, tokenHash [32]byte, limit int) ([]domain.SessionID, error) {
	ended, err := s.q.InsertSession(ctx, conn(ctx, s.pool), sqlc.InsertSessionParams{
		ID:         uuid.UUID(n.ID),
		UserID:     uuid.UUID(n.User),
		TokenHash:  tokenHash[:],
		UserAgent:  n.UserAgent,
		Address:    n.Address,
		CreatedAt:  n.CreatedAt,
		LastSeenAt: n.LastSeenAt,
		ExpiresAt:  n.ExpiresAt,
		MaxOthers:  int32(limit) - 1,

		AuthenticatedAt: n.AuthenticatedAt,
		TokenExpiresAt:  timeOrNil(n.TokenExpiresAt),
	})
	if err != nil {
		return nil, fmt.Errorf("insert session: %w", err)
	}
	return ids[domain.Session](ended), nil
}

// Session implements ports.SessionStore.
func (s *SessionStore) Session(ctx context.Context, tokenHash [32]byte) (domain.Session, domain.User, domain.Actor, error) {
	now := s.now()
	if c, ok := s.cache.find(tokenHash, now); ok && c.session.Alive(now, s.lifetime) && c.session.TokenAlive(now) {
		return c.session, c.user, c.actor, nil
	}
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	c := cachedSession{at: now, after: s.cache.lastChange()}
	r, err := s.q.GetSession(ctx, conn(ctx, s.pool), sqlc.GetSessionParams{
		TokenHash:      tokenHash[:],
		Now:            now,
		LastSeenBefore: now.Add(-touchInterval),
		IdleSince:      now.Add(-s.lifetime.Idle),
	})
	if err != nil {
		return domain.Session{}, domain.User{}, domain.Actor{}, notFound(err, domain.ErrUnauthenticated)
	}
	c.user = user(sqlc.GetUserRow{
		ID: r.UserID, Email: r.Email, Name: r.Name, Role: r.Role, TimeZone: r.TimeZone,
		SuspendedAt: r.SuspendedAt, CreatedAt: r.UserCreatedAt, Version: r.Version,
	})
	c.actor = domain.Actor{UserID: c.user.ID, Role: c.user.Role, SessionID: domain.SessionID(r.ID), Teaches: ids[domain.Batch](r.Teaches), TOTP: r.Totp}
	if r.BatchID != nil {
		c.actor.Batch = domain.BatchID(*r.BatchID)
	}
	c.session = domain.Session{
		ID:         domain.SessionID(r.ID),
		User:       c.user.ID,
		CreatedAt:  r.CreatedAt.UTC(),
		LastSeenAt: r.LastSeenAt.UTC(),
		ExpiresAt:  r.ExpiresAt.UTC(),
		UserAgent:  r.UserAgent,

		AuthenticatedAt: r.AuthenticatedAt.UTC(),
		TokenExpiresAt:  timeOrZero(r.TokenExpiresAt),
	}
	if c.user.SuspendedAt == nil && c.session.Alive(now, s.lifetime) {
		s.cache.add(tokenHash, c)
	}
	return c.session, c.user, c.actor, nil
}

// UsedFrom implements ports.SessionStore.
func (s *SessionStore) UsedFrom(ctx context.Context, session domain.Session) (bool, error) {
	return s.q.UsedFrom(ctx, conn(ctx, s.pool), sqlc.UsedFromParams{
		UserID: uuid.UUID(session.User), ID: uuid.UUID(session.ID), UserAgent: session.UserAgent, Address: session.Address,
	})
}

// RemoveSession implements ports.SessionStore.
func (s *SessionStore) RemoveSession(ctx context.Context, id domain.SessionID) error {
	users, err := s.q.DeleteSession(ctx, conn(ctx, s.pool), uuid.UUID(id))
	for _, user := range users {
		changesRights(ctx, domain.UserID(user))
	}
	return err
}

// RemoveSessionOf implements ports.SessionStore.
func (s *SessionStore) RemoveSessionOf(ctx context.Context, tokenHash [32]byte) (domain.SessionID, error) {
	tx, err := requireTx(ctx)
	if err != nil {
		return domain.SessionID{}, err
	}
	r, err := s.q.DeleteSessionByToken(ctx, tx, tokenHash[:])
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.SessionID{}, nil
	}
	if err != nil {
		return domain.SessionID{}, err
	}
	changesRights(ctx, domain.UserID(r.UserID))
	return domain.SessionID(r.ID), nil
}

// RemoveSessions implements ports.SessionStore.
func (s *SessionStore) RemoveSessions(ctx context.Context, user domain.UserID) (int, error) {
	changesRights(ctx, user)
	n, err := s.q.DeleteSessions(ctx, conn(ctx, s.pool), uuid.UUID(user))
	return int(n), err
}

// RemoveExpiredSessions implements ports.SessionStore.
func (s *SessionStore) RemoveExpiredSessions(ctx context.Context, l domain.SessionLifetime, now time.Time) (int, error) {
	n, err := s.q.DeleteExpiredSessions(ctx, conn(ctx, s.pool), sqlc.DeleteExpiredSessionsParams{Now: now, IdleSince: now.Add(-l.Idle)})
	return int(n), err
}
