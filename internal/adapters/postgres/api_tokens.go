package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// APITokenStore implements ports.APITokenStore and ports.APITokenRevoker.
type APITokenStore struct {
	pool  *pgxpool.Pool
	q     *sqlc.Queries
	cache *SessionCache
	now   ports.Clock
}

var (
	_ ports.APITokenStore   = (*APITokenStore)(nil)
	_ ports.APITokenRevoker = (*APITokenStore)(nil)
)

// NewAPITokenStore returns an APITokenStore on pool. It keeps tokens that work in cache.
func NewAPITokenStore(pool *pgxpool.Pool, cache *SessionCache, now ports.Clock) *APITokenStore {
	return &APITokenStore{pool: pool, q: sqlc.New(), cache: cache, now: now}
}

// AddAPIToken implements ports.APITokenStore.
func (s *APITokenStore) AddAPIToken(ctx context.Context, t domain.APIToken, hash [32]byte) error {
	if err := requireUser(ctx, t.User); err != nil {
		return err
	}
	return s.q.InsertAPIToken(ctx, conn(ctx, s.pool), sqlc.InsertAPITokenParams{
		ID: uuid.UUID(t.ID), UserID: uuid.UUID(t.User), TokenHash: hash[:], Name: t.Name,
		Scopes: texts(t.Scopes), CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
	})
}

// CountAPITokens implements ports.APITokenStore.
func (s *APITokenStore) CountAPITokens(ctx context.Context, user domain.UserID, now time.Time) (int, error) {
	if err := requireUser(ctx, user); err != nil {
		return 0, err
	}
	n, err := s.q.CountAPITokens(ctx, conn(ctx, s.pool), sqlc.CountAPITokensParams{UserID: uuid.UUID(user), Now: now})
	return int(n), err
}

// APIToken implements ports.APITokenStore.
func (s *APITokenStore) APIToken(ctx context.Context, id domain.APITokenID) (domain.APIToken, error) {
	r, err := s.q.GetAPIToken(ctx, conn(ctx, s.pool), uuid.UUID(id))
	if err != nil {
		return domain.APIToken{}, notFound(err, domain.ErrAPITokenNotFound)
	}
	return apiToken(sqlc.ListAPITokensRow(r)), nil
}

// ListAPITokens implements ports.APITokenStore.
func (s *APITokenStore) ListAPITokens(
	ctx context.Context, f domain.APITokenFilter, req domain.PageRequest,
) (domain.Page[domain.APIToken], error) {
	scope := cursorScope("api_tokens", f)
	before, ok, err := decodeCursor[uuid.UUID](scope, req.After)
	if err != nil {
		return domain.Page[domain.APIToken]{}, err
	}
	if !ok {
		before = lastID
	}
	rows, err := s.list(ctx, f, before, int32(req.Limit)+1)
	if err != nil {
		return domain.Page[domain.APIToken]{}, fmt.Errorf("list API tokens: %w", err)
	}
	return newPage(scope, rows, req.Limit, apiToken, func(r sqlc.ListAPITokensRow) uuid.UUID { return r.ID }), nil
}

func (s *APITokenStore) list(ctx context.Context, f domain.APITokenFilter, before uuid.UUID, limit int32) ([]sqlc.ListAPITokensRow, error) {
	db := conn(ctx, s.pool)
	if f.User.IsZero() {
		return s.q.ListAPITokens(ctx, db, sqlc.ListAPITokensParams{BeforeID: before, Max: limit})
	}
	rows, err := s.q.ListAPITokensOfUser(ctx, db, sqlc.ListAPITokensOfUserParams{UserID: uuid.UUID(f.User), BeforeID: before, Max: limit})
	return convertRows(rows, func(r sqlc.ListAPITokensOfUserRow) sqlc.ListAPITokensRow { return sqlc.ListAPITokensRow(r) }), err
}

// RevokeAPIToken implements ports.APITokenStore.
func (s *APITokenStore) RevokeAPIToken(ctx context.Context, user domain.UserID, id domain.APITokenID, now time.Time) (bool, error) {
	if err := requireUser(ctx, user); err != nil {
		return false, err
	}
	n, err := s.q.RevokeAPIToken(ctx, conn(ctx, s.pool), sqlc.RevokeAPITokenParams{ID: uuid.UUID(id), UserID: uuid.UUID(user), Now: now})
	if err != nil || n > 0 {
		return n > 0, err
	}
	t, err := s.APIToken(ctx, id)
	if err == nil && t.User != user {
		err = domain.ErrAPITokenNotFound
	}
	return false, err
}

// RevokeAPITokens implements ports.APITokenRevoker.
func (s *APITokenStore) RevokeAPITokens(ctx context.Context, user domain.UserID, now time.Time) (int, error) {
	if err := requireUser(ctx, user); err != nil {
		return 0, err
	}
	n, err := s.q.RevokeAPITokens(ctx, conn(ctx, s.pool), sqlc.RevokeAPITokensParams{UserID: uuid.UUID(user), Now: now})
	return int(n), err
}

// UseAPIToken implements ports.APITokenStore.
func (s *APITokenStore) UseAPIToken(ctx context.Context, hash [32]byte, address string) (domain.APIToken, domain.User, domain.Actor, error) {
	now := s.now()
	if c, ok := s.cache.find(hash, now); ok && c.token.Alive(now) {
		return c.token, c.user, c.actor, nil
	}
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	c := cachedSession{at: now, after: s.cache.lastChange()}
	r, err := s.q.UseAPIToken(ctx, conn(ctx, s.pool), sqlc.UseAPITokenParams{
		TokenHash: hash[:], Now: now, Address: address, LastUsedBefore: now.Add(-touchInterval),
	})
	if err != nil {
		return domain.APIToken{}, domain.User{}, domain.Actor{}, notFound(err, domain.ErrAPITokenInvalid)
	}
	c.user = user(sqlc.GetUserRow{
		ID: r.UserID, Email: r.Email, Name: r.Name, Role: r.Role, TimeZone: r.TimeZone,
		SuspendedAt: r.SuspendedAt, CreatedAt: r.CreatedAt, Version: r.Version,
	})
	c.token = apiToken(sqlc.ListAPITokensRow{
		ID: r.ID, UserID: r.UserID, UserName: r.Name, Name: r.TokenName, Scopes: r.Scopes, CreatedAt: r.TokenCreatedAt,
		ExpiresAt: r.ExpiresAt, RevokedAt: r.RevokedAt, LastUsedAt: r.LastUsedAt, LastUsedAddress: r.LastUsedAddress,
	})
	c.actor = domain.Actor{
		UserID: c.user.ID, Role: c.user.Role, TokenID: c.token.ID, Scopes: c.token.Scopes, Teaches: ids[domain.Batch](r.Teaches), TOTP: r.Totp,
	}
	if r.BatchID != nil {
		c.actor.Batch = domain.BatchID(*r.BatchID)
	}
	if c.user.SuspendedAt == nil && c.token.Alive(now) {
		s.cache.add(hash, c)
	}
	return c.token, c.user, c.actor, nil
}

// RemoveAPITokens implements ports.APITokenStore.
func (s *APITokenStore) RemoveAPITokens(ctx context.Context, before time.Time) (int, error) {
	n, err := s.q.DeleteAPITokens(ctx, conn(ctx, s.pool), before)
	return int(n), err
}

func apiToken(r sqlc.ListAPITokensRow) domain.APIToken {
	t := domain.APIToken{
		ID: domain.APITokenID(r.ID), User: domain.UserID(r.UserID), UserName: r.UserName, Name: r.Name,
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), RevokedAt: utc(r.RevokedAt),
		LastUsedAt: utc(r.LastUsedAt), LastUsedAddress: r.LastUsedAddress,
	}
	for _, scope := range r.Scopes {
		t.Scopes = append(t.Scopes, domain.APIScope(scope))
	}
	return t
}

func texts(scopes []domain.APIScope) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return out
}
