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

// InstructorStore implements ports.InstructorStore.
type InstructorStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.InstructorStore = (*InstructorStore)(nil)

// NewInstructorStore returns an InstructorStore on pool.
func NewInstructorStore(pool *pgxpool.Pool) *InstructorStore {
	return &InstructorStore{pool: pool, q: sqlc.New()}
}

// ListInstructors implements ports.InstructorStore.
func (s *InstructorStore) ListInstructors(ctx context.Context, id domain.BatchID) ([]domain.Instructor, error) {
	rows, err := s.q.ListInstructors(ctx, conn(ctx, s.pool), uuid.UUID(id))
	if err != nil {
		return nil, fmt.Errorf("list instructors: %w", err)
	}
	switch {
	case len(rows) == 0:
		return nil, domain.ErrBatchNotFound
	case rows[0].ID == nil:
		return []domain.Instructor{}, nil
	}
	out := make([]domain.Instructor, len(rows))
	for i, r := range rows {
		out[i] = domain.Instructor{User: domain.UserID(*r.ID), Name: *r.Name, Email: domain.Email(*r.Email), AssignedAt: r.AssignedAt.UTC()}
	}
	return out, nil
}

// AddInstructor implements ports.InstructorStore.
func (s *InstructorStore) AddInstructor(ctx context.Context, id domain.BatchID, i domain.Instructor) (bool, error) {
	changesRights(ctx, i.User)
	n, err := s.q.InsertInstructor(ctx, conn(ctx, s.pool), sqlc.InsertInstructorParams{
		BatchID: uuid.UUID(id), UserID: uuid.UUID(i.User), AssignedAt: i.AssignedAt,
	})
	return n > 0, err
}

// RemoveInstructor implements ports.InstructorStore.
func (s *InstructorStore) RemoveInstructor(ctx context.Context, id domain.BatchID, user domain.UserID) error {
	changesRights(ctx, user)
	n, err := s.q.DeleteInstructor(ctx, conn(ctx, s.pool), sqlc.DeleteInstructorParams{BatchID: uuid.UUID(id), UserID: uuid.UUID(user)})
	return requireAffected(n, err, domain.ErrInstructorNotFound)
}

// RemoveAssignments implements ports.InstructorStore.
func (s *InstructorStore) RemoveAssignments(ctx context.Context, user domain.UserID) error {
	changesRights(ctx, user)
	if err := s.q.DeleteInstructorAssignments(ctx, conn(ctx, s.pool), uuid.UUID(user)); err != nil {
		return fmt.Errorf("delete instructor assignments: %w", err)
	}
	return nil
}
