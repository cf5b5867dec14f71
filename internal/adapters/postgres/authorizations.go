package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// verifierColumn is the column that verifiers are sealed for, together with the user.
const verifierColumn = "wakatime_authorizations.verifier"

// AuthorizationStore implements ports.AuthorizationStore.
type AuthorizationStore struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	sealer ports.Sealer
}

var _ ports.AuthorizationStore = (*AuthorizationStore)(nil)

// NewAuthorizationStore returns an AuthorizationStore on pool.
func NewAuthorizationStore(pool *pgxpool.Pool, sealer ports.Sealer) *AuthorizationStore {
	return &AuthorizationStore{pool: pool, q: sqlc.New(), sealer: sealer}
}

// AddAuthorization implements ports.AuthorizationStore.
func (s *AuthorizationStore) AddAuthorization(ctx context.Context, stateHash [32]byte, a domain.Authorization) error {
	verifier, err := sealColumn(s.sealer, a.Verifier, a.User, verifierColumn)
	if err != nil {
		return err
	}
	return s.q.InsertAuthorization(ctx, conn(ctx, s.pool), sqlc.InsertAuthorizationParams{
		StateHash: stateHash[:],
		UserID:    uuid.UUID(a.User),
		SessionID: uuid.UUID(a.Session),
		Verifier:  verifier,
		ExpiresAt: a.ExpiresAt,
	})
}

// ConsumeAuthorization implements ports.AuthorizationStore.
func (s *AuthorizationStore) ConsumeAuthorization(ctx context.Context, stateHash, codeHash [32]byte, now time.Time) (domain.Authorization, error) {
	r, err := s.q.UpdateAuthorizationConsumed(ctx, conn(ctx, s.pool), sqlc.UpdateAuthorizationConsumedParams{
		StateHash: stateHash[:], CodeHash: codeHash[:], Now: now,
	})
	if err != nil {
		return domain.Authorization{}, notFound(err, domain.ErrWakaTimeStateInvalid)
	}
	a := domain.Authorization{
		User: domain.UserID(r.UserID), Session: domain.SessionID(r.SessionID), ExpiresAt: r.ExpiresAt.UTC(),
		ConsumedAt: utc(r.ConsumedAt), Completed: r.CompletedAt != nil, Result: result(r.ErrorCode, r.ErrorDetail),
	}
	copy(a.CodeHash[:], r.CodeHash) // null before it is consumed
	if a.Verifier, err = unsealColumn(s.sealer, r.Verifier, a.User, verifierColumn); errors.Is(err, domain.ErrTokenUnreadable) {
		return domain.Authorization{}, fmt.Errorf("%w: %w", domain.ErrWakaTimeStateInvalid, err)
	}
	return a, err
}

// result returns a stored error. A code that another version of the program stored must not
// become success.
func result(code, detail string) *domain.Error {
	if e := domain.ErrorOf(code, detail); e != nil || code == "" {
		return e
	}
	return domain.ErrWakaTimeStateInvalid
}

// CompleteAuthorization implements ports.AuthorizationStore.
func (s *AuthorizationStore) CompleteAuthorization(ctx context.Context, stateHash [32]byte, now time.Time, result *domain.Error) error {
	p := sqlc.UpdateAuthorizationCompletedParams{StateHash: stateHash[:], Now: now}
	if result != nil {
		p.ErrorCode, p.ErrorDetail = result.Code, result.Detail
	}
	return s.q.UpdateAuthorizationCompleted(ctx, conn(ctx, s.pool), p)
}

// RemoveExpiredAuthorizations implements ports.AuthorizationStore.
func (s *AuthorizationStore) RemoveExpiredAuthorizations(ctx context.Context, now time.Time) (int, error) {
	n, err := s.q.DeleteExpiredAuthorizations(ctx, conn(ctx, s.pool), now)
	return int(n), err
}

// sealColumn seals a secret of a user for a column. The empty secret stays empty.
func sealColumn(sealer ports.Sealer, secret domain.Secret, user domain.UserID, column string) ([]byte, error) {
	if secret == "" {
		return nil, nil
	}
	sealed, err := sealer.Seal(secret, user.String(), column)
	if err != nil {
		return nil, fmt.Errorf("seal %s of user %s: %w", column, user, err)
	}
	return sealed, nil
}

// unsealColumn opens what sealColumn returned.
func unsealColumn(sealer ports.Sealer, sealed []byte, user domain.UserID, column string) (domain.Secret, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	secret, err := sealer.Open(sealed, user.String(), column)
	if err != nil {
		return "", fmt.Errorf("open %s of user %s: %w", column, user, err)
	}
	return secret, nil
}
