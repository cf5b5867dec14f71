package students

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Students implements ports.Students. Filtering by a batch that the actor may not see
// returns an empty page, because an error would reveal that the batch exists.
func (s *Service) Students(ctx context.Context, actor domain.Actor, f domain.StudentFilter, page domain.PageRequest) (domain.Page[domain.Student], error) {
	if err := actor.May(domain.ActStudentList, domain.Subject{}); err != nil {
		return domain.Page[domain.Student]{}, err
	}
	return s.students.ListStudents(ctx, actor.Visibility(), f, page)
}

// Student implements ports.Students.
func (s *Service) Student(ctx context.Context, actor domain.Actor, id domain.UserID) (domain.Student, error) {
	student, err := s.students.Student(ctx, id)
	if err != nil {
		return domain.Student{}, fmt.Errorf("find student: %w", err)
	}
	if actor.May(domain.ActStudentRead, domain.Subject{User: id, Batch: student.Batch}) != nil {
		return domain.Student{}, domain.ErrStudentNotFound
	}
	return student, nil
}
