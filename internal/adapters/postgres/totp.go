package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// totpColumn is the column that secrets are sealed for, together with the user.
const totpColumn = "totp.secret"

// TOTPStore implements ports.TOTPStore.
type TOTPStore struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	sealer ports.Sealer
}

var _ ports.TOTPStore = (*TOTPStore)(nil)

// NewTOTPStore returns a TOTPStore on pool.
func NewTOTPStore(pool *pgxpool.Pool, sealer ports.Sealer) *TOTPStore {
	return &TOTPStore{pool: pool, q: sqlc.New(), sealer: sealer}
}

// TOTP implements ports.TOTPStore.
func (s *TOTPStore) TOTP(ctx context.Context, user domain.UserID) (t domain.TOTP, recoveryCodes int, err error) {
	r, err := s.q.GetTOTP(ctx, conn(ctx, s.pool), uuid.UUID(user))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return domain.TOTP{}, 0, nil
	case err != nil:
		return domain.TOTP{}, 0, fmt.Errorf("get TOTP: %w", err)
	}
	t = domain.TOTP{User: user, StartedAt: r.StartedAt.UTC(), ConfirmedAt: utc(r.ConfirmedAt), LastStep: r.LastStep}
	t.Secret, err = unsealColumn(s.sealer, r.Secret, user, totpColumn)
	return t, int(r.RecoveryCodes), err
}

// SaveTOTP implements ports.TOTPStore.
func (s *TOTPStore) SaveTOTP(ctx context.Context, t domain.TOTP) error {
	if err := requireUser(ctx, t.User); err != nil {
		return err
	}
	sealed, err := sealColumn(s.sealer, t.Secret, t.User, totpColumn)
	if err != nil {
		return err
	}
	changesRights(ctx, t.User)
	return s.q.UpsertTOTP(ctx, conn(ctx, s.pool), sqlc.UpsertTOTPParams{
		UserID: uuid.UUID(t.User), Secret: sealed, StartedAt: t.StartedAt, ConfirmedAt: t.ConfirmedAt, LastStep: t.LastStep,
	})
}

// RemoveTOTP implements ports.TOTPStore.
func (s *TOTPStore) RemoveTOTP(ctx context.Context, user domain.UserID) error {
	if err := requireUser(ctx, user); err != nil {
		return err
	}
	changesRights(ctx, user)
	if err := s.q.DeleteRecoveryCodes(ctx, conn(ctx, s.pool), uuid.UUID(user)); err != nil {
		return fmt.Errorf("delete recovery codes: %w", err)
	}
	return s.q.DeleteTOTP(ctx, conn(ctx, s.pool), uuid.UUID(user))
}

// ReplaceRecoveryCodes implements ports.TOTPStore.
func (s *TOTPStore) ReplaceRecoveryCodes(ctx context.Context, user domain.UserID, hashes [][32]byte) error {
	if err := requireUser(ctx, user); err != nil {
		return err
	}
	if err := s.q.DeleteRecoveryCodes(ctx, conn(ctx, s.pool), uuid.UUID(user)); err != nil {
		return fmt.Errorf("delete recovery codes: %w", err)
	}
	p := sqlc.InsertRecoveryCodesParams{UserID: uuid.UUID(user)}
	for _, h := range hashes {
		p.Hashes = append(p.Hashes, h[:])
	}
	return s.q.InsertRecoveryCodes(ctx, conn(ctx, s.pool), p)
}

// UseRecoveryCode implements ports.TOTPStore.
func (s *TOTPStore) UseRecoveryCode(ctx context.Context, user domain.UserID, hash [32]byte) (bool, error) {
	n, err := s.q.DeleteRecoveryCode(ctx, conn(ctx, s.pool), sqlc.DeleteRecoveryCodeParams{UserID: uuid.UUID(user), CodeHash: hash[:]})
	return n == 1, err
}
