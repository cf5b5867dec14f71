package httpapi

import (
	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

func connectionJSON(c domain.ConnectionReport) api.WakaTimeConnection {
	out := api.WakaTimeConnection{
		State:         api.ConnectionState(c.State),
		Summary:       c.Summary(c.Coverage),
		Scopes:        each(c.Scopes, func(s string) string { return s }),
		MissingScopes: each(c.MissingScopes(), func(s string) string { return s }),
	}
	if c.State == domain.NotConnected {
		return out
	}
	out.Kind = new(api.ConnectionKind(c.Kind))
	out.BaseURL = filled(c.BaseURL)
	out.ConnectedAt = &c.ConnectedAt
	out.LastSyncedAt, out.NextSyncAt, out.Syncing = c.LastSyncedAt, c.NextSyncAt, c.Syncing
	out.Account = &api.WakaTimeAccount{
		ID:       c.Account.ID,
		Username: filled(c.Account.Username),
		TimeZone: filled(c.Account.TimeZone),
		Plan:     filled(c.Account.Plan),
	}
	if f := c.Failure; f != nil {
		out.Failure = &api.SyncFailure{Reason: api.Reason(f.Reason), Detail: f.Reason.Message(c.Account.Server), At: f.At, Since: f.Since}
	}
	return out
}

func coverageJSON(c domain.Coverage) api.Coverage {
	return api.Coverage{
		ExpectedDays:     c.Expected,
		KnownDays:        c.Known(),
		OkDays:           c.OK,
		EmptyDays:        c.Empty,
		PendingDays:      c.Pending,
		PlanLimitedDays:  c.PlanLimited,
		ErrorDays:        c.Error,
		DisconnectedDays: c.Disconnected,
		Share:            c.Share(),
		Seconds:          c.Seconds,
	}
}

func dayReportJSON(s domain.StudentCoverage) api.DayReport {
	return api.DayReport{
		UserID:   types.UUID(s.User),
		TimeZone: string(s.TimeZone),
		From:     dateJSON(s.Range.From),
		To:       dateJSON(s.Range.To),
		Total:    coverageJSON(s.Total),
		Days:     each(s.Days, detailedDayJSON),
	}
}

func ledgerDayJSON(d domain.DailySummary) api.CodingDay {
	return api.CodingDay{
		Day:          dateJSON(d.Day),
		State:        api.DayState(d.State),
		Seconds:      d.Seconds,
		TimeZone:     filled(d.TimeZone),
		Source:       filled(d.Source),
		FetchedAt:    d.CheckedAt,
		Attempts:     d.Attempts,
		Reason:       filled(api.Reason(d.Reason)),
		ReasonDetail: filled(d.Reason.Message(d.Source)),
	}
}

func detailedDayJSON(d domain.DailySummary) api.DetailedDay {
	l := ledgerDayJSON(d)
	out := api.DetailedDay{
		Day: l.Day, State: l.State, Seconds: l.Seconds, Final: l.Final, TimeZone: l.TimeZone, Source: l.Source,
		FetchedAt: l.FetchedAt, Attempts: l.Attempts, Reason: l.Reason, ReasonDetail: l.ReasonDetail,
		Languages: []api.Part{}, Projects: []api.Part{}, Editors: []api.Part{}, OperatingSystems: []api.Part{},
		Categories: []api.Part{}, Dependencies: []api.Part{}, Machines: []api.Part{},
	}
	lists := map[domain.Dimension]*[]api.Part{
		domain.ByLanguage:        &out.Languages,
		domain.ByProject:         &out.Projects,
		domain.ByEditor:          &out.Editors,
		domain.ByOperatingSystem: &out.OperatingSystems,
		domain.ByCategory:        &out.Categories,
		domain.ByDependency:      &out.Dependencies,
		domain.ByMachine:         &out.Machines,
	}
	for _, s := range d.Shares {
		if list := lists[s.Dimension]; list != nil {
			*list = append(*list, api.Part{Name: s.Name, Seconds: s.Seconds})
		}
	}
	return out
}

func batchProgressJSON(p domain.BatchProgress) api.BatchProgress {
	days := make([]types.Date, 0, p.Range.Len())
	for d := p.Range.From; d <= p.Range.To; d++ {
		days = append(days, dateJSON(d))
	}
	return api.BatchProgress{
		BatchID:  types.UUID(p.Batch),
		TimeZone: string(p.TimeZone),
		From:     dateJSON(p.Range.From),
		To:       dateJSON(p.Range.To),
		Days:     days,
		Items:    each(p.Students.Items, progressJSON),
		Next:     next(p.Students.Next),
		Total:    coverageJSON(p.Total),
	}
}

func progressJSON(p domain.Progress) api.StudentProgress {
	return api.StudentProgress{
		StudentID:  types.UUID(p.User),
		Name:       p.Name,
		Connection: api.ConnectionState(p.Connection),
		Total:      coverageJSON(p.Total),
		States:     each(p.States, progressStateJSON),
		Seconds:    each(p.Seconds, func(n *int) *int { return n }),
	}
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
		Total:        coverageJSON(g.Total),
		Since:        dateJSON(g.Since),
		Reason:       filled(api.Reason(g.Reason)),
		ReasonDetail: filled(g.Reason.Message(g.Server)),
		LastSyncedAt: g.LastSyncedAt,
	}
}
