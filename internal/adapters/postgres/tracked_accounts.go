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

// AccountStore implements ports.AccountStore.
type AccountStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.AccountStore = (*AccountStore)(nil)

// NewAccountStore returns an AccountStore on pool.
func NewAccountStore(pool *pgxpool.Pool) *AccountStore {
	return &AccountStore{pool: pool, q: sqlc.New()}
}

// ListAccounts implements ports.AccountStore.
func (s *AccountStore) ListAccounts(ctx context.Context, user domain.UserID) ([]domain.TrackedAccount, error) {
	rows, err := s.q.ListAccounts(ctx, conn(ctx, s.pool), uuid.UUID(user))
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	out := make([]domain.TrackedAccount, len(rows))
	for i, r := range rows {
		out[i] = domain.TrackedAccount{
			ID: domain.TrackedAccountID(r.ID), Server: r.Server, Username: r.Username, Current: r.Current, AcceptedAt: utc(r.AcceptedAt),
			Days: int(r.Days), Seconds: int(r.Seconds), Counted: int(r.Counted),
		}
		if r.Days > 0 {
			out[i].First, out[i].Last = new(day(r.FirstDay)), new(day(r.LastDay))
		}
	}
	return out, nil
}

// SetAsideDays implements ports.AccountStore.
func (s *AccountStore) SetAsideDays(ctx context.Context, user domain.UserID, now time.Time) error {
	tx, err := requireTx(ctx)
	if err != nil {
		return err
	}
	id := uuid.UUID(user)
	if err := s.q.InsertAccountDays(ctx, tx, id); err != nil {
		return fmt.Errorf("insert account days: %w", err)
	}
	if err := s.q.UpdateForeignDays(ctx, tx, sqlc.UpdateForeignDaysParams{UserID: id, Now: now}); err != nil {
		return fmt.Errorf("update foreign days: %w", err)
	}
	if err := s.q.UpdateUnknownDays(ctx, tx, sqlc.UpdateUnknownDaysParams{UserID: id, Now: now}); err != nil {
		return fmt.Errorf("update unknown days: %w", err)
	}
	c, err := s.q.GetConnection(ctx, tx, id)
	if err != nil {
		return notFound(err, domain.ErrConnectionNotFound)
	}
	if err := s.q.UpsertAccountDays(ctx, tx, sqlc.UpsertAccountDaysParams{UserID: id, Ref: c.WakatimeAccount.Ref, Now: now}); err != nil {
		return fmt.Errorf("upsert account days: %w", err)
	}
	return s.q.DeleteAccountDays(ctx, tx, sqlc.DeleteAccountDaysParams{UserID: id, Ref: c.WakatimeAccount.Ref})
}

// AcceptAccount implements ports.AccountStore.
func (s *AccountStore) AcceptAccount(ctx context.Context, user domain.UserID, account domain.TrackedAccountID, now time.Time) (bool, error) {
	tx, err := requireTx(ctx)
	if err != nil {
		return false, err
	}
	id := uuid.UUID(user)
	r, err := s.q.UpdateAccountAccepted(ctx, tx, sqlc.UpdateAccountAcceptedParams{UserID: id, ID: uuid.UUID(account), AcceptedAt: &now})
	if err != nil {
		return false, notFound(err, domain.ErrWakaTimeAccountNotFound)
	}
	if err := s.q.UpsertAccountDays(ctx, tx, sqlc.UpsertAccountDaysParams{UserID: id, Ref: r.Ref, Now: now}); err != nil {
		return false, fmt.Errorf("upsert account days: %w", err)
	}
	return r.AcceptedAt == nil, nil
}

// RejectAccount implements ports.AccountStore.
func (s *AccountStore) RejectAccount(ctx context.Context, user domain.UserID, account domain.TrackedAccountID, now time.Time) (bool, error) {
	tx, err := requireTx(ctx)
	if err != nil {
		return false, err
	}
	id := uuid.UUID(user)
	r, err := s.q.UpdateAccountAccepted(ctx, tx, sqlc.UpdateAccountAcceptedParams{UserID: id, ID: uuid.UUID(account)})
	if err != nil {
		return false, notFound(err, domain.ErrWakaTimeAccountNotFound)
	}
	if err := s.q.UpdateRejectedDays(ctx, tx, sqlc.UpdateRejectedDaysParams{UserID: id, Ref: r.Ref, Now: now}); err != nil {
		return false, fmt.Errorf("update rejected days: %w", err)
	}
	return r.AcceptedAt != nil, nil
}
