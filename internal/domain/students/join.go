package students

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Join implements ports.Students.
//
// Unlike other role changes, it does not end the user's sessions: the user requested it,
// it revokes no permission, and role and batch are read on each request, so no session
// continues with the old role.
func (s *Service) Join(ctx context.Context, actor domain.Actor, key string) (domain.Student, error) {
	var student domain.Student
	enrolmentID := domain.EnrolmentID(s.newID())
	err := s.uow.Do(ctx, actor, ports.Locks{User: actor.UserID}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActStudentEnrol, domain.Subject{User: actor.UserID}); err != nil {
			// Enrol explains the rejection better than the policy does.
			user := domain.User{Role: actor.Role}
			return domain.NoChange, cmp.Or(user.Enrol(), err)
		}
		user, err := s.users.LockedUser(ctx, actor.UserID)
		if err != nil {
			return domain.NoChange, fmt.Errorf("find user: %w", err)
		}
		k, err := s.keys.LockRegistrationKeyByText(ctx, domain.NormalizeKey(key))
		if err != nil {
			return domain.NoChange, fmt.Errorf("lock registration key: %w", err)
		}
		enrolment, err := k.Enrol(&user, enrolmentID, s.now())
		if err != nil {
			return domain.NoChange, err
		}
		if err := s.users.SaveUser(ctx, user); err != nil {
			return domain.NoChange, fmt.Errorf("save user: %w", err)
		}
		if err := s.enrolments.AddEnrolment(ctx, enrolment); err != nil {
			return domain.NoChange, fmt.Errorf("add enrolment: %w", err)
		}
		// Days tracked as a member were split in the user's own time zone.
		if err := s.jobs.EnqueueSync(ctx, user.ID, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}); err != nil {
			return domain.NoChange, fmt.Errorf("enqueue sync: %w", err)
		}
		if student, err = s.students.Student(ctx, user.ID); err != nil {
			return domain.NoChange, fmt.Errorf("read student: %w", err)
		}
		return domain.Change{
			Action: domain.ActStudentEnrol, Subject: user.ID.String(),
			Details: map[string]any{"batch_id": enrolment.Batch.String()},
		}, nil
	})
	if err != nil {
		return domain.Student{}, err
	}
	return student, nil
}
