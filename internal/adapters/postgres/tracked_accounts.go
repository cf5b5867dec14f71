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
func (s *AccountStore) ListAccounts(ctx context.Context, user domain.UserID) (domain.Subject, []domain.TrackedAccount, error) {
	rows, err := s.q.ListAccounts(ctx, conn(ctx, s.pool), uuid.UUID(user))
	if err != nil {
		return domain.Subject{}, nil, fmt.Errorf("list accounts: %w", err)
	}
	if len(rows) == 0 {
		return domain.Subject{}, nil, domain.ErrUserNotFound
	}
	subject := domain.Subject{User: user}
	out := make([]domain.TrackedAccount, 0, len(rows))
	for _, r := range rows {
		if r.BatchID != nil {
			subject.Batch = domain.BatchID(*r.BatchID)
		}
		if r.ID == nil {
			break // no account
		}
		a := domain.TrackedAccount{
			ID: domain.TrackedAccountID(*r.ID), Server: *r.Server, Username: *r.Username, Current: r.Current, AcceptedAt: utc(r.AcceptedAt),
			Days: int(r.Days), Seconds: int(r.Seconds), Counted: int(r.Counted),
		}
		if r.Days > 0 {
			a.First, a.Last = new(day(r.FirstDay)), new(day(r.LastDay))
		}
		out = append(out, a)
	}
	return subject, out, nil
}

// SetAsideDays implements ports.AccountStore.
func (s *AccountStore) SetAsideDays(ctx context.Context, user domain.UserID, now time.Time) error {
	tx, err := requireTx(ctx)
	if err != nil {
		return err
	}
	if err := s.q.UpdateUnknownDays(ctx, tx, sqlc.UpdateUnknownDaysParams{UserID: uuid.UUID(user), Now: now}); err != nil {
		return fmt.Errorf("update unknown days: %w", err)
	}
	return s.recount(ctx, tx, user, 0, now)
}

// AcceptAccount implements ports.AccountStore.
func (s *AccountStore) AcceptAccount(ctx context.Context, user domain.UserID, account domain.TrackedAccountID, now time.Time) (bool, error) {
	return s.judge(ctx, user, account, true, now)
}

// RejectAccount implements ports.AccountStore.
func (s *AccountStore) RejectAccount(ctx context.Context, user domain.UserID, account domain.TrackedAccountID, now time.Time) (bool, error) {
	return s.judge(ctx, user, account, false, now)
}

// judge accepts or rejects an account and reports whether that is new.
func (s *AccountStore) judge(ctx context.Context, user domain.UserID, account domain.TrackedAccountID, accepted bool, now time.Time) (bool, error) {
	tx, err := requireTx(ctx)
	if err != nil {
		return false, err
	}
	r, err := s.q.UpdateAccountAccepted(ctx, tx, sqlc.UpdateAccountAcceptedParams{
		UserID: uuid.UUID(user), ID: uuid.UUID(account), Accepted: accepted, Now: now,
	})
	switch {
	case err != nil:
		return false, notFound(err, domain.ErrWakaTimeAccountNotFound)
	case r.WasAccepted == accepted:
		return false, nil
	case accepted:
		return true, s.recount(ctx, tx, user, 0, now)
	}
	return true, s.recount(ctx, tx, user, r.Ref, now)
}

// recount moves days between the ledger and account_days, so that the ledger has the days of
// the connected account and, where it has no time, those of accepted ones. No day is lost:
// what leaves the ledger is copied first. Rows that do not change are not written.
func (s *AccountStore) recount(ctx context.Context, tx querier, user domain.UserID, rejected int32, now time.Time) error {
	id := uuid.UUID(user)
	if err := s.q.InsertAccountDays(ctx, tx, id); err != nil {
		return fmt.Errorf("insert account days: %w", err)
	}
	if err := s.q.UpdateForeignDays(ctx, tx, sqlc.UpdateForeignDaysParams{UserID: id, Rejected: rejected, Now: now}); err != nil {
		return fmt.Errorf("update foreign days: %w", err)
	}
	if err := s.q.UpsertConnectedDays(ctx, tx, sqlc.UpsertConnectedDaysParams{UserID: id, Now: now}); err != nil {
		return fmt.Errorf("upsert connected days: %w", err)
	}
	if err := s.q.UpsertAcceptedDays(ctx, tx, sqlc.UpsertAcceptedDaysParams{UserID: id, Now: now}); err != nil {
		return fmt.Errorf("upsert accepted days: %w", err)
	}
	if err := s.q.DeleteAccountDays(ctx, tx, id); err != nil {
		return fmt.Errorf("delete account days: %w", err)
	}
	return nil
}
