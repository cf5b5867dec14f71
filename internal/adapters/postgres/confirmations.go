package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// ConfirmationStore implements ports.ConfirmationStore.
type ConfirmationStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.ConfirmationStore = (*ConfirmationStore)(nil)

// NewConfirmationStore returns a ConfirmationStore on pool.
func NewConfirmationStore(pool *pgxpool.Pool) *ConfirmationStore {
	return &ConfirmationStore{pool: pool, q: sqlc.New()}
}

// AddConfirmation implements ports.ConfirmationStore.
func (s *ConfirmationStore) AddConfirmation(ctx context.Context, c domain.Confirmation, tokenHash [32]byte) error {
	return s.q.InsertConfirmation(ctx, conn(ctx, s.pool), sqlc.InsertConfirmationParams{
		TokenHash: tokenHash[:], Kind: string(c.Kind), UserID: uuid.UUID(c.User), Email: string(c.Email), ExpiresAt: c.ExpiresAt,
	})
}

// Confirmation implements ports.ConfirmationStore.
func (s *ConfirmationStore) Confirmation(
	ctx context.Context, kind domain.ConfirmationKind, tokenHash [32]byte, now time.Time,
) (domain.Confirmation, error) {
	r, err := s.q.GetConfirmation(ctx, conn(ctx, s.pool), sqlc.GetConfirmationParams{TokenHash: tokenHash[:], Kind: string(kind), Now: now})
	if err != nil {
		return domain.Confirmation{}, notFound(err, domain.ErrConfirmationInvalid)
	}
	return domain.Confirmation{Kind: kind, User: domain.UserID(r.UserID), Email: domain.Email(r.Email), ExpiresAt: r.ExpiresAt.UTC()}, nil
}

// UseConfirmation implements ports.ConfirmationStore.
func (s *ConfirmationStore) UseConfirmation(ctx context.Context, kind domain.ConfirmationKind, tokenHash [32]byte, now time.Time) error {
	n, err := s.q.DeleteConfirmation(ctx, conn(ctx, s.pool), sqlc.DeleteConfirmationParams{TokenHash: tokenHash[:], Kind: string(kind), Now: now})
	if err == nil && n == 0 {
		err = domain.ErrConfirmationInvalid
	}
	return err
}

// RemoveConfirmations implements ports.ConfirmationStore.
func (s *ConfirmationStore) RemoveConfirmations(ctx context.Context, user domain.UserID) error {
	return s.q.DeleteConfirmations(ctx, conn(ctx, s.pool), uuid.UUID(user))
}

// RemoveExpiredConfirmations implements ports.ConfirmationStore.
func (s *ConfirmationStore) RemoveExpiredConfirmations(ctx context.Context, now time.Time) (int, error) {
	n, err := s.q.DeleteExpiredConfirmations(ctx, conn(ctx, s.pool), now)
	return int(n), err
}
