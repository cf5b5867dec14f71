package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// EnrolmentStore implements ports.EnrolmentStore.
type EnrolmentStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
	now  ports.Clock
}

var _ ports.EnrolmentStore = (*EnrolmentStore)(nil)

// NewEnrolmentStore returns an EnrolmentStore on pool.
func NewEnrolmentStore(pool *pgxpool.Pool, now ports.Clock) *EnrolmentStore {
	return &EnrolmentStore{pool: pool, q: sqlc.New(), now: now}
}

// AddEnrolment implements ports.EnrolmentStore.
func (s *EnrolmentStore) AddEnrolment(ctx context.Context, e domain.Enrolment) error {
	changesRights(ctx, e.User)
	on := domain.CalendarAt(e.EnrolledAt)
	n, err := s.q.InsertEnrolment(ctx, conn(ctx, s.pool), sqlc.InsertEnrolmentParams{
		ID:         uuid.UUID(e.ID),
		UserID:     uuid.UUID(e.User),
		BatchID:    uuid.UUID(e.Batch),
		Status:     string(e.Status),
		EnrolledAt: e.EnrolledAt,
		Utc:        on.UTC.Date(),
		Behind:     on.Behind,
		Ahead:      on.Ahead,
		EndedAt:    e.EndedAt,
	})
	return requireAffected(n, violates(err, "enrolments_current_key", domain.ErrAlreadyEnrolled), domain.ErrBatchNotFound)
}

// EndEnrolment implements ports.EnrolmentStore.
func (s *EnrolmentStore) EndEnrolment(ctx context.Context, user domain.UserID, status domain.EnrolmentStatus) error {
	changesRights(ctx, user)
	err := s.q.UpdateEnrolmentEnded(ctx, conn(ctx, s.pool), sqlc.UpdateEnrolmentEndedParams{UserID: uuid.UUID(user), Status: string(status), Now: s.now()})
	if err != nil {
		return fmt.Errorf("end enrolment: %w", err)
	}
	return nil
}
