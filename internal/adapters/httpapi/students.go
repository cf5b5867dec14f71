package httpapi

import (
	"context"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type studentsHandlers struct{ students ports.Students }

func (h studentsHandlers) JoinBatch(ctx context.Context, r api.JoinBatchRequestObject) (api.JoinBatchResponseObject, error) {
	s, err := h.students.Join(ctx, actor(ctx), r.Body.RegistrationKey)
	if err != nil {
		return nil, err
	}
	location := apiPath(ctx, "/students/"+s.ID.String())
	return api.JoinBatch201JSONResponse{Body: studentJSON(s), Headers: api.JoinBatch201ResponseHeaders{Location: location, ETag: etag(s.Version)}}, nil
}

func (h studentsHandlers) ListStudents(ctx context.Context, r api.ListStudentsRequestObject) (api.ListStudentsResponseObject, error) {
	page, err := h.students.Students(ctx, actor(ctx), domain.StudentFilter{
		Batch:     domain.BatchID(optional(r.Params.BatchID)),
		Status:    domain.EnrolmentStatus(optional(r.Params.Status)),
		Search:    optional(r.Params.Search),
		Connected: r.Params.Connected,
	}, pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.ListStudents200JSONResponse{Items: each(page.Items, studentJSON), Next: next(page.Next)}, nil
}

func (h studentsHandlers) GetStudent(ctx context.Context, r api.GetStudentRequestObject) (api.GetStudentResponseObject, error) {
	s, err := h.students.Student(ctx, actor(ctx), domain.UserID(r.StudentID))
	if err != nil {
		return nil, err
	}
	return api.GetStudent200JSONResponse{Body: studentJSON(s), Headers: api.GetStudent200ResponseHeaders{ETag: etag(s.Version)}}, nil
}

func studentJSON(s domain.Student) api.Student {
	return api.Student{
		ID:         types.UUID(s.ID),
		Name:       s.Name,
		Email:      string(s.Email),
		BatchID:    types.UUID(s.Batch),
		BatchName:  s.BatchName,
		TimeZone:   string(s.TimeZone),
		Status:     api.EnrolmentStatus(s.Status),
		EnrolledAt: s.EnrolledAt,
		Connection: api.ConnectionState(s.Connection),
		Failing:    failingJSON(s.Failing),
		LastWeek:   coverageJSON(s.LastWeek),
	}
}
