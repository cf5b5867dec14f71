package httpapi

import (
	"context"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type batchesHandlers struct {
	batches ports.Batches
	staff   ports.BatchStaff
	now     ports.Clock
}

func (h batchesHandlers) ListBatches(ctx context.Context, r api.ListBatchesRequestObject) (api.ListBatchesResponseObject, error) {
	f := domain.BatchFilter{Status: domain.BatchStatus(optional(r.Params.Status)), Search: optional(r.Params.Search)}
	page, err := h.batches.Batches(ctx, actor(ctx), f, pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.ListBatches200JSONResponse{Items: each(page.Items, h.batchJSON), Next: next(page.Next)}, nil
}

func (h batchesHandlers) CreateBatch(ctx context.Context, r api.CreateBatchRequestObject) (api.CreateBatchResponseObject, error) {
	b, err := h.batches.CreateBatch(ctx, actor(ctx), domain.BatchUpdate{
		Name:        &r.Body.Name,
		Description: r.Body.Description,
		TimeZone:    &r.Body.TimeZone,
		StartsOn:    new(dayOf(r.Body.StartsOn)),
		EndsOn:      new(dayOf(r.Body.EndsOn)),
		WeeklyGoal:  &r.Body.WeeklyGoalSeconds,
		AITime:      (*domain.AITime)(r.Body.AITime),
	})
	if err != nil {
		return nil, err
	}
	location := apiPath(ctx, "/batches/"+b.ID.String())
	return api.CreateBatch201JSONResponse{Body: h.batchJSON(b), Headers: api.CreateBatch201ResponseHeaders{Location: location, ETag: etag(b.Version)}}, nil
}

func (h batchesHandlers) GetBatch(ctx context.Context, r api.GetBatchRequestObject) (api.GetBatchResponseObject, error) {
	b, err := h.batches.Batch(ctx, actor(ctx), domain.BatchID(r.BatchID))
	if err != nil {
		return nil, err
	}
	return api.GetBatch200JSONResponse{Body: h.batchJSON(b), Headers: api.GetBatch200ResponseHeaders{ETag: etag(b.Version)}}, nil
}

func (h batchesHandlers) UpdateBatch(ctx context.Context, r api.UpdateBatchRequestObject) (api.UpdateBatchResponseObject, error) {
	b, err := h.batches.UpdateBatch(ctx, actor(ctx), domain.BatchID(r.BatchID), batchUpdate(*r.Body), expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.UpdateBatch200JSONResponse{Body: h.batchJSON(b), Headers: api.UpdateBatch200ResponseHeaders{ETag: etag(b.Version)}}, nil
}

func (h batchesHandlers) ArchiveBatch(ctx context.Context, r api.ArchiveBatchRequestObject) (api.ArchiveBatchResponseObject, error) {
	b, err := h.batches.ArchiveBatch(ctx, actor(ctx), domain.BatchID(r.BatchID), expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.ArchiveBatch200JSONResponse{Body: h.batchJSON(b), Headers: api.ArchiveBatch200ResponseHeaders{ETag: etag(b.Version)}}, nil
}

func (h batchesHandlers) RestoreBatch(ctx context.Context, r api.RestoreBatchRequestObject) (api.RestoreBatchResponseObject, error) {
	if _, err := h.batches.RestoreBatch(ctx, actor(ctx), domain.BatchID(r.BatchID), expected(r.Params.IfMatch)); err != nil {
		return nil, err
	}
	return api.RestoreBatch204Response{}, nil
}

func (h batchesHandlers) ListBatchInstructors(ctx context.Context, r api.ListBatchInstructorsRequestObject) (api.ListBatchInstructorsResponseObject, error) {
	list, err := h.staff.Instructors(ctx, actor(ctx), domain.BatchID(r.BatchID))
	if err != nil {
		return nil, err
	}
	return api.ListBatchInstructors200JSONResponse{Items: each(list, instructorJSON)}, nil
}

func (h batchesHandlers) AssignInstructor(ctx context.Context, r api.AssignInstructorRequestObject) (api.AssignInstructorResponseObject, error) {
	i, err := h.staff.AssignInstructor(ctx, actor(ctx), domain.BatchID(r.BatchID), domain.UserID(r.UserID))
	if err != nil {
		return nil, err
	}
	return api.AssignInstructor200JSONResponse(instructorJSON(i)), nil
}

func (h batchesHandlers) RemoveInstructor(ctx context.Context, r api.RemoveInstructorRequestObject) (api.RemoveInstructorResponseObject, error) {
	if err := h.staff.RemoveInstructor(ctx, actor(ctx), domain.BatchID(r.BatchID), domain.UserID(r.UserID)); err != nil {
		return nil, err
	}
	return api.RemoveInstructor204Response{}, nil
}

func (h batchesHandlers) GetRegistrationKey(ctx context.Context, r api.GetRegistrationKeyRequestObject) (api.GetRegistrationKeyResponseObject, error) {
	k, err := h.staff.RegistrationKey(ctx, actor(ctx), domain.BatchID(r.BatchID))
	if err != nil {
		return nil, err
	}
	return api.GetRegistrationKey200JSONResponse{Body: registrationKeyJSON(k), Headers: api.GetRegistrationKey200ResponseHeaders{ETag: etag(k.Version)}}, nil
}

func (h batchesHandlers) UpdateRegistrationKey(ctx context.Context, r api.UpdateRegistrationKeyRequestObject) (api.UpdateRegistrationKeyResponseObject, error) {
	k, err := h.staff.UpdateRegistrationKey(ctx, actor(ctx), domain.BatchID(r.BatchID), registrationKeyUpdate(*r.Body), expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.UpdateRegistrationKey200JSONResponse{Body: registrationKeyJSON(k), Headers: api.UpdateRegistrationKey200ResponseHeaders{ETag: etag(k.Version)}}, nil
}

func (h batchesHandlers) RotateRegistrationKey(ctx context.Context, r api.RotateRegistrationKeyRequestObject) (api.RotateRegistrationKeyResponseObject, error) {
	k, err := h.staff.RotateRegistrationKey(ctx, actor(ctx), domain.BatchID(r.BatchID), expected(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return api.RotateRegistrationKey200JSONResponse{Body: registrationKeyJSON(k), Headers: api.RotateRegistrationKey200ResponseHeaders{ETag: etag(k.Version)}}, nil
}

func (h batchesHandlers) batchJSON(b domain.Batch) api.Batch {
	return api.Batch{
		ID:                types.UUID(b.ID),
		Name:              b.Name,
		Description:       b.Description,
		StartsOn:          dateJSON(b.StartsOn),
		EndsOn:            dateJSON(b.EndsOn),
		TimeZone:          string(b.TimeZone),
		WeeklyGoalSeconds: b.WeeklyGoal,
		AITime:            api.AITime(b.AITime),
		Status:            api.BatchStatus(b.Status(h.now())),
		Students:          b.Students,
		Instructors:       b.Instructors,
		ArchivedAt:        b.ArchivedAt,
		CreatedAt:         b.CreatedAt,
	}
}

func batchUpdate(b api.BatchPatch) domain.BatchUpdate {
	return domain.BatchUpdate{
		Name:        b.Name,
		Description: b.Description,
		TimeZone:    b.TimeZone,
		StartsOn:    dayRef(b.StartsOn),
		EndsOn:      dayRef(b.EndsOn),
		WeeklyGoal:  patched(b.WeeklyGoalSeconds),
		AITime:      (*domain.AITime)(b.AITime),
	}
}

func registrationKeyUpdate(b api.RegistrationKeyPatch) domain.RegistrationKeyUpdate {
	return domain.RegistrationKeyUpdate{
		Enabled:   b.Enabled,
		ExpiresAt: patched(b.ExpiresAt),
		Seats:     patched(b.Seats),
	}
}

func instructorJSON(i domain.Instructor) api.Instructor {
	return api.Instructor{UserID: types.UUID(i.User), Name: i.Name, Email: string(i.Email), AssignedAt: i.AssignedAt}
}

func registrationKeyJSON(k domain.RegistrationKey) api.RegistrationKey {
	return api.RegistrationKey{
		BatchID:    types.UUID(k.Batch),
		Key:        k.Key.Reveal(),
		Enabled:    k.Enabled,
		ExpiresAt:  k.ExpiresAt,
		Seats:      k.Seats,
		SeatsTaken: k.Taken,
		RotatedAt:  k.RotatedAt,
	}
}
