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

// SignInChallengeStore implements ports.SignInChallengeStore.
type SignInChallengeStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.SignInChallengeStore = (*SignInChallengeStore)(nil)

// NewSignInChallengeStore returns a SignInChallengeStore on pool.
func NewSignInChallengeStore(pool *pgxpool.Pool) *SignInChallengeStore {
	return &SignInChallengeStore{pool: pool, q: sqlc.New()}
}

// AddSignInChallenge implements ports.SignInChallengeStore.
func (s *SignInChallengeStore) AddSignInChallenge(ctx context.Context, c domain.SignInChallenge, tokenHash [32]byte) error {
	return s.q.InsertSignInChallenge(ctx, conn(ctx, s.pool), sqlc.InsertSignInChallengeParams{
		TokenHash: tokenHash[:], UserID: uuid.UUID(c.User), UserAgent: c.UserAgent, Cookie: c.Cookie,
		WrongCodes: int32(c.WrongCodes), ExpiresAt: c.ExpiresAt,
	})
}

// SignInChallenge implements ports.SignInChallengeStore.
func (s *SignInChallengeStore) SignInChallenge(ctx context.Context, tokenHash [32]byte) (domain.SignInChallenge, error) {
	r, err := s.q.GetSignInChallenge(ctx, conn(ctx, s.pool), tokenHash[:])
	if err != nil {
		return domain.SignInChallenge{}, notFound(err, domain.ErrSignInChallengeInvalid)
	}
	return domain.SignInChallenge{
		User: domain.UserID(r.UserID), UserAgent: r.UserAgent, Cookie: r.Cookie, WrongCodes: int(r.WrongCodes), ExpiresAt: r.ExpiresAt.UTC(),
	}, nil
}

// SaveWrongCodes implements ports.SignInChallengeStore.
func (s *SignInChallengeStore) SaveWrongCodes(ctx context.Context, tokenHash [32]byte, wrongCodes int) error {
	return s.q.UpdateSignInChallenge(ctx, conn(ctx, s.pool), sqlc.UpdateSignInChallengeParams{TokenHash: tokenHash[:], WrongCodes: int32(wrongCodes)})
}

// RemoveSignInChallenge implements ports.SignInChallengeStore.
func (s *SignInChallengeStore) RemoveSignInChallenge(ctx context.Context, tokenHash [32]byte) error {
	return s.q.DeleteSignInChallenge(ctx, conn(ctx, s.pool), tokenHash[:])
}

// RemoveExpiredSignInChallenges implements ports.SignInChallengeStore.
func (s *SignInChallengeStore) RemoveExpiredSignInChallenges(ctx context.Context, now time.Time) (int, error) {
	n, err := s.q.DeleteExpiredSignInChallenges(ctx, conn(ctx, s.pool), now)
	return int(n), err
}
