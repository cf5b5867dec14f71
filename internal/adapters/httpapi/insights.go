package httpapi

import (
	"context"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type insightsHandlers struct{ insights ports.Insights }

func (h insightsHandlers) GetDashboard(ctx context.Context, _ api.GetDashboardRequestObject) (api.GetDashboardResponseObject, error) {
	d, err := h.insights.Dashboard(ctx, actor(ctx))
	if err != nil {
		return nil, err
	}
	return api.GetDashboard200JSONResponse{
		At: d.At,
		Users: api.UserCounts{
			Admin:      d.UsersByRole[domain.RoleAdmin],
			Instructor: d.UsersByRole[domain.RoleInstructor],
			Student:    d.UsersByRole[domain.RoleStudent],
			Member:     d.UsersByRole[domain.RoleMember],
		},
		ActiveBatches:     d.ActiveBatches,
		StudentsEnrolled:  d.StudentsEnrolled,
		StudentsConnected: d.StudentsConnected,
		Last7Days:         codingTotalJSON(d.Last7),
		Last30Days:        codingTotalJSON(d.Last30),
		NewestStudents:    each(d.Newest, studentJSON),
		Batches:           each(d.Batches, activeBatchJSON),
		JobsFailing:       d.JobsFailing,
	}, nil
}

func codingTotalJSON(c domain.CodingTotal) api.CodingTotal {
	return api.CodingTotal{
		Days:           c.Days,
		Seconds:        int(c.Seconds),
		AISeconds:      int(c.AISeconds),
		PartialSeconds: int(c.PartialSeconds),
		KnownDays:      c.Known,
		AIUnknownDays:  c.AIUnknown,
		PartialDays:    c.Partial,
		MissedDays:     c.Missed,
	}
}

func activeBatchJSON(b domain.ActiveBatch) api.ActiveBatch {
	out := api.ActiveBatch{
		ID:                types.UUID(b.ID),
		Name:              b.Name,
		TimeZone:          string(b.TimeZone),
		EndsOn:            dateJSON(b.EndsOn),
		Students:          b.Students,
		StudentsConnected: b.Connected,
		Measure:           measureJSON(b.Measure),
		MedianSeconds:     b.MedianSeconds,
	}
	if b.LastWeek != nil {
		out.LastWeek = new(coverageJSON(*b.LastWeek))
	}
	return out
}
