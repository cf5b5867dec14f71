package batches

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Staff implements ports.BatchStaff.
type Staff struct {
	uow         ports.UnitOfWork
	batches     ports.BatchStore
	instructors ports.InstructorStore
	keys        ports.RegistrationKeyStore
	users       ports.UserStore
	now         ports.Clock
	newKey      ports.NewKey
}

var _ ports.BatchStaff = (*Staff)(nil)

// NewStaff returns Staff.
func NewStaff(
	uow ports.UnitOfWork, batches ports.BatchStore, instructors ports.InstructorStore,
	keys ports.RegistrationKeyStore, users ports.UserStore, now ports.Clock, newKey ports.NewKey,
) *Staff {
	return &Staff{uow: uow, batches: batches, instructors: instructors, keys: keys, users: users, now: now, newKey: newKey}
}

// Instructors implements ports.BatchStaff.
func (s *Staff) Instructors(ctx context.Context, actor domain.Actor, id domain.BatchID) ([]domain.Instructor, error) {
	if err := may(actor, domain.ActBatchReadStaff, id); err != nil {
		return nil, err
	}
	return s.instructors.ListInstructors(ctx, id)
}

// AssignInstructor implements ports.BatchStaff. The instructor's sessions stay valid:
// assignments are read on each request.
func (s *Staff) AssignInstructor(ctx context.Context, actor domain.Actor, id domain.BatchID, user domain.UserID) (domain.Instructor, error) {
	var instructor domain.Instructor
	err := s.uow.Do(ctx, actor, ports.Locks{User: user}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := may(actor, domain.ActBatchAssignInstructor, id); err != nil {
			return domain.NoChange, err
		}
		if _, err := s.batches.Batch(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("find batch: %w", err)
		}
		// The user is locked, so that a concurrent role change cannot leave an assignment
		// behind, and a concurrent removal cannot interfere.
		u, err := s.users.LockedUser(ctx, user)
		if err != nil {
			return domain.NoChange, fmt.Errorf("find user: %w", err)
		}
		if instructor, err = domain.NewInstructor(u, s.now()); err != nil {
			return domain.NoChange, err
		}
		added, err := s.instructors.AddInstructor(ctx, id, instructor)
		if err != nil {
			return domain.NoChange, fmt.Errorf("add instructor: %w", err)
		}
		if !added {
			instructor, err = s.assigned(ctx, id, user)
			return domain.NoChange, err
		}
		return assignment(domain.ActBatchAssignInstructor, id, user), nil
	})
	if err != nil {
		return domain.Instructor{}, err
	}
	return instructor, nil
}

// RemoveInstructor implements ports.BatchStaff.
func (s *Staff) RemoveInstructor(ctx context.Context, actor domain.Actor, id domain.BatchID, user domain.UserID) error {
	return s.uow.Do(ctx, actor, ports.Locks{User: user}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := may(actor, domain.ActBatchRemoveInstructor, id); err != nil {
			return domain.NoChange, err
		}
		if _, err := s.batches.Batch(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("find batch: %w", err)
		}
		// The user is locked, as in AssignInstructor, which must not find an assignment that
		// is gone a moment later.
		if err := s.instructors.RemoveInstructor(ctx, id, user); err != nil {
			return domain.NoChange, fmt.Errorf("remove instructor: %w", err)
		}
		return assignment(domain.ActBatchRemoveInstructor, id, user), nil
	})
}

// assigned returns an instructor who is assigned to a batch.
func (s *Staff) assigned(ctx context.Context, id domain.BatchID, user domain.UserID) (domain.Instructor, error) {
	all, err := s.instructors.ListInstructors(ctx, id)
	if err != nil {
		return domain.Instructor{}, fmt.Errorf("list instructors: %w", err)
	}
	for _, i := range all {
		if i.User == user {
			return i, nil
		}
	}
	return domain.Instructor{}, fmt.Errorf("instructor %s is not assigned to batch %s", user, id)
}

func assignment(do domain.Action, id domain.BatchID, user domain.UserID) domain.Change {
	return domain.Change{Action: do, Subject: id.String(), Details: map[string]any{"user_id": user.String()}}
}
