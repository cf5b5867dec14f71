package httpapi

import (
	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

func coverageJSON(c domain.Coverage) api.Coverage {
	return api.Coverage{
		ExpectedDays:     c.Expected,
		KnownDays:        c.Known(),
		OkDays:           c.OK,
		EmptyDays:        c.Empty,
		PartialDays:      c.Partial,
		PendingDays:      c.Pending,
		PlanLimitedDays:  c.PlanLimited,
		ErrorDays:        c.Error,
		DisconnectedDays: c.Disconnected,
		Share:            c.Share(),
		Seconds:          c.Seconds,
		AISeconds:        c.AISeconds,
		AIUnknownDays:    c.AIUnknown,
		PartialSeconds:   c.PartialSeconds,
	}
}

// dayReportJSON renders a report without its days, which dayReport adds.
func dayReportJSON(s domain.StudentCoverage) api.DayReport {
	return api.DayReport{
		UserID:   types.UUID(s.User),
		TimeZone: string(s.TimeZone),
		From:     dateJSON(s.Range.From),
		To:       dateJSON(s.Range.To),
		Total:    coverageJSON(s.Total),
		Days:     []api.DetailedDay{},
	}
}

func batchProgressJSON(p domain.BatchProgress) api.BatchProgress {
	days := make([]types.Date, 0, p.Range.Len())
	for d := p.Range.From; d <= p.Range.To; d++ {
		days = append(days, dateJSON(d))
	}
	return api.BatchProgress{
		BatchID:  types.UUID(p.Batch),
		TimeZone: string(p.TimeZone),
		Measure:  measureJSON(p.Measure),
		From:     dateJSON(p.Range.From),
		To:       dateJSON(p.Range.To),
		Days:     days,
		Items:    each(p.Students.Items, progressJSON),
		Next:     next(p.Students.Next),
		Total:    totalJSON(p.Total),
	}
}

// totalJSON renders the coverage of a list, or null on later pages.
func totalJSON(c *domain.Coverage) *api.Coverage {
	if c == nil {
		return nil
	}
	return new(coverageJSON(*c))
}

func measureJSON(m domain.Measure) api.Measure {
	return api.Measure{
		AITime:                  api.AITime(m.AITime),
		KeystrokeTimeoutMinutes: domain.KeystrokeTimeout,
		WritesOnly:              domain.WritesOnly,
	}
}

func progressJSON(p domain.Progress) api.StudentProgress {
	return api.StudentProgress{
		StudentID:  types.UUID(p.User),
		Name:       p.Name,
		Connection: api.ConnectionState(p.Connection),
		Failing:    failingJSON(p.Failing),
		Yardstick:  yardstickJSON(p.Yardstick),
		Total:      coverageJSON(p.Total),
		States:     each(p.States, progressStateJSON),
		Seconds:    orEmpty(p.Seconds),
		AISeconds:  orEmpty(p.AISeconds),
	}
}

// orEmpty returns a list that is not rendered as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func progressStateJSON(s domain.DayState) api.ProgressState {
	if s == "" {
		return api.ProgressStateNotExpected
	}
	return api.ProgressState(s)
}

func gapJSON(g domain.Gap) api.StudentGap {
	return api.StudentGap{
		StudentID:    types.UUID(g.User),
		Name:         g.Name,
		Connection:   api.ConnectionState(g.Connection),
		Failing:      failingJSON(g.Failing),
		Server:       serverNameJSON(g.Server),
		Total:        coverageJSON(g.Total),
		Since:        dateJSON(g.Since),
		Reason:       filled(api.Reason(g.Reason)),
		ReasonDetail: filled(g.Reason.Message(g.Server)),
		LastSyncedAt: g.LastSyncedAt,
	}
}

// serverNameJSON renders the name of a host, or null for none.
func serverNameJSON(host string) *string {
	if host == "" {
		return nil
	}
	return new(domain.ServerName(host))
}
