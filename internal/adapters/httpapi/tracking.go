package httpapi

import (
	"context"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type trackingHandlers struct{ tracking ports.Tracking }

func (h trackingHandlers) SyncMyDays(ctx context.Context, r api.SyncMyDaysRequestObject) (api.SyncMyDaysResponseObject, error) {
	a := actor(ctx)
	if err := h.tracking.RequestSync(ctx, a, a.UserID, syncQuery(r.Body)); err != nil {
		return nil, err
	}
	status := apiPath(ctx, "/me/wakatime")
	return api.SyncMyDays202JSONResponse{
		Body: api.SyncAccepted{StatusURL: status}, Headers: api.SyncMyDays202ResponseHeaders{Location: status},
	}, nil
}

func (h trackingHandlers) SyncStudentDays(ctx context.Context, r api.SyncStudentDaysRequestObject) (api.SyncStudentDaysResponseObject, error) {
	id := domain.UserID(r.StudentID)
	if err := h.tracking.RequestSync(ctx, actor(ctx), id, syncQuery(r.Body)); err != nil {
		return nil, err
	}
	status := apiPath(ctx, "/students/"+id.String()+"/coverage")
	return api.SyncStudentDays202JSONResponse{
		Body: api.SyncAccepted{StatusURL: status}, Headers: api.SyncStudentDays202ResponseHeaders{Location: status},
	}, nil
}

// syncQuery converts the optional body of a request for a sync.
func syncQuery(r *api.SyncRequest) domain.DayQuery {
	if r == nil {
		return domain.DayQuery{}
	}
	return dayQuery(r.From, r.To)
}

func (h trackingHandlers) ListMyDays(ctx context.Context, r api.ListMyDaysRequestObject) (api.ListMyDaysResponseObject, error) {
	a := actor(ctx)
	s, err := h.tracking.Days(ctx, a, a.UserID, dayQuery(r.Params.From, r.Params.To), optional(r.Params.ChangedSince))
	if err != nil {
		return nil, err
	}
	return dayReport(s), nil
}

func (h trackingHandlers) GetToday(ctx context.Context, _ api.GetTodayRequestObject) (api.GetTodayResponseObject, error) {
	s, err := h.tracking.Today(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return dayReport(s), nil
}

func (h trackingHandlers) ListStudentDays(ctx context.Context, r api.ListStudentDaysRequestObject) (api.ListStudentDaysResponseObject, error) {
	s, err := h.tracking.Days(ctx, actor(ctx), domain.UserID(r.StudentID), dayQuery(r.Params.From, r.Params.To), optional(r.Params.ChangedSince))
	if err != nil {
		return nil, err
	}
	return dayReport(s), nil
}

func (h trackingHandlers) GetStudentCoverage(ctx context.Context, r api.GetStudentCoverageRequestObject) (api.GetStudentCoverageResponseObject, error) {
	s, err := h.tracking.Coverage(ctx, actor(ctx), domain.UserID(r.StudentID), dayQuery(r.Params.From, r.Params.To))
	if err != nil {
		return nil, err
	}
	return api.GetStudentCoverage200JSONResponse{
		UserID:   types.UUID(s.User),
		TimeZone: string(s.TimeZone),
		From:     dateJSON(s.Range.From),
		To:       dateJSON(s.Range.To),
		Total:    coverageJSON(s.Total),
		Days:     ledgerDaysJSON(s.Days),
	}, nil
}

func (h trackingHandlers) GetBatchProgress(ctx context.Context, r api.GetBatchProgressRequestObject) (api.GetBatchProgressResponseObject, error) {
	p, err := h.tracking.BatchProgress(ctx, actor(ctx), domain.BatchID(r.BatchID),
		dayQuery(r.Params.From, r.Params.To), pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.GetBatchProgress200JSONResponse(batchProgressJSON(p)), nil
}

func (h trackingHandlers) GetBatchCoverage(ctx context.Context, r api.GetBatchCoverageRequestObject) (api.GetBatchCoverageResponseObject, error) {
	c, err := h.tracking.BatchCoverage(ctx, actor(ctx), domain.BatchID(r.BatchID), dayQuery(r.Params.From, r.Params.To), pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.GetBatchCoverage200JSONResponse{
		BatchID:  types.UUID(c.Batch),
		TimeZone: string(c.TimeZone),
		From:     dateJSON(c.Range.From),
		To:       dateJSON(c.Range.To),
		Total:    totalJSON(c.Total),
		Items:    each(c.Gaps.Items, gapJSON),
		Next:     next(c.Gaps.Next),
	}, nil
}
