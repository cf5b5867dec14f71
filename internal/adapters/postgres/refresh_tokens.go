package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// RenewSession implements ports.SessionStore.
func (s *SessionStore) RenewSession(ctx context.Context, renewed domain.Session, since time.Time, tokenHash [32]byte) (domain.Session, error) {
	if err := requireUser(ctx, renewed.User); err != nil {
		return domain.Session{}, err
	}
	r, err := s.q.RenewSession(ctx, conn(ctx, s.pool), sqlc.RenewSessionParams{
		ID: uuid.UUID(renewed.ID), UserID: uuid.UUID(renewed.User), TokenHash: tokenHash[:],
		AuthenticatedAt: renewed.AuthenticatedAt, Since: since, TokenExpiresAt: timeOrNil(renewed.TokenExpiresAt),
	})
	if err != nil {
		return domain.Session{}, notFound(err, domain.ErrUnauthenticated)
	}
	renewed.UserAgent, renewed.Address = r.UserAgent, r.Address
	renewed.CreatedAt, renewed.LastSeenAt, renewed.ExpiresAt = r.CreatedAt.UTC(), r.LastSeenAt.UTC(), r.ExpiresAt.UTC()
	renewed.TokenExpiresAt = timeOrZero(r.TokenExpiresAt)
	return renewed, nil
}

// SaveTokenFamily implements ports.RefreshTokenStore.
func (s *SessionStore) SaveTokenFamily(ctx context.Context, id domain.SessionID, f domain.TokenFamily) error {
	return s.q.UpsertRefreshToken(ctx, conn(ctx, s.pool), sqlc.UpsertRefreshTokenParams{
		SessionID: uuid.UUID(id), FamilyHash: f.Family[:], CurrentHash: f.Current[:],
	})
}

// SessionOfFamily implements ports.RefreshTokenStore.
func (s *SessionStore) SessionOfFamily(ctx context.Context, familyHash [32]byte) (domain.Session, domain.Role, error) {
	r, err := s.q.GetSessionOfFamily(ctx, conn(ctx, s.pool), familyHash[:])
	if err != nil {
		return domain.Session{}, "", notFound(err, domain.ErrRefreshTokenInvalid)
	}
	return domain.Session{ID: domain.SessionID(r.ID), User: domain.UserID(r.UserID)}, domain.Role(r.Role), nil
}

// LockedTokenFamily implements ports.RefreshTokenStore.
func (s *SessionStore) LockedTokenFamily(ctx context.Context, familyHash [32]byte) (domain.TokenFamily, domain.Session, error) {
	r, err := s.q.GetRefreshToken(ctx, conn(ctx, s.pool), familyHash[:])
	if err != nil {
		return domain.TokenFamily{}, domain.Session{}, notFound(err, domain.ErrRefreshTokenInvalid)
	}
	user := domain.UserID(r.UserID)
	if err := requireUser(ctx, user); err != nil {
		return domain.TokenFamily{}, domain.Session{}, err
	}
	family := domain.TokenFamily{Family: familyHash, UsedAt: timeOrZero(r.UsedAt), Salt: domain.Secret(r.Salt)}
	if copy(family.Current[:], r.CurrentHash) != len(family.Current) || r.UsedHash != nil && copy(family.Used[:], r.UsedHash) != len(family.Used) {
		return domain.TokenFamily{}, domain.Session{}, fmt.Errorf("the hashes of the refresh token of session %s are malformed", r.ID)
	}
	return family, domain.Session{
		ID: domain.SessionID(r.ID), User: user, UserAgent: r.UserAgent, Address: r.Address,
		CreatedAt: r.CreatedAt.UTC(), LastSeenAt: r.LastSeenAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		AuthenticatedAt: r.AuthenticatedAt.UTC(), TokenExpiresAt: timeOrZero(r.TokenExpiresAt),
	}, nil
}

// RotateTokens implements ports.RefreshTokenStore.
func (s *SessionStore) RotateTokens(ctx context.Context, f domain.TokenFamily, renewed domain.Session, tokenHash [32]byte) error {
	if err := requireUser(ctx, renewed.User); err != nil {
		return err
	}
	return s.q.RotateTokens(ctx, conn(ctx, s.pool), sqlc.RotateTokensParams{
		SessionID: uuid.UUID(renewed.ID), TokenHash: tokenHash[:], TokenExpiresAt: timeOrNil(renewed.TokenExpiresAt), LastSeenAt: renewed.LastSeenAt,
		CurrentHash: f.Current[:], UsedHash: f.Used[:], UsedAt: timeOrNil(f.UsedAt), Salt: f.Salt.Reveal(),
	})
}
