package httpapi

import (
	"cmp"
	"slices"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

// days renders days that follow each other. Most have the same source, account and time zone,
// and so they share what these point to.
type days struct {
	timeZone, source, account, detail shared[string]
	reason, partsReason               shared[api.Reason]
}

// shared points to the last of a series of values.
type shared[T comparable] struct{ last *T }

// pointer returns nil for the zero value, which the API renders as null. Callers must not
// change what it points to.
func (s *shared[T]) pointer(v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	if s.last == nil || *s.last != v {
		s.last = new(v)
	}
	return s.last
}

func ledgerDaysJSON(list []domain.DailySummary) []api.CodingDay {
	var s days
	out := make([]api.CodingDay, len(list))
	for i := range list {
		out[i] = s.ledgerDay(&list[i])
	}
	return out
}

func (s *days) ledgerDay(d *domain.DailySummary) api.CodingDay {
	return api.CodingDay{
		Day:                 dateJSON(d.Day),
		State:               api.DayState(d.State),
		Seconds:             d.Seconds,
		AISeconds:           d.AISeconds,
		OtherAccountSeconds: filled(d.OtherSeconds),
		TimeZone:            s.timeZone.pointer(d.TimeZone),
		Source:              s.source.pointer(d.Source),
		Account:             s.account.pointer(d.Username),
		CheckedAt:           d.CheckedAt,
		ChangedAt:           d.ChangedAt,
		Attempts:            d.Attempts,
		Reason:              s.reason.pointer(api.Reason(d.Reason)),
		ReasonDetail:        s.detail.pointer(d.Reason.Message(d.Source)),
	}
}

func detailedDaysJSON(list []domain.DailySummary) []api.DetailedDay {
	var s days
	n := 0
	for i := range list {
		n += len(list[i].Shares)
	}
	parts := make([]api.Part, n) // of all days: one allocation
	out := make([]api.DetailedDay, len(list))
	for i := range list {
		d := &list[i]
		s.detailedDay(&out[i], d)
		if d.Seconds == nil {
			out[i].PartsReason = s.partsReason.pointer(api.Reason(cmp.Or(d.Reason, domain.ReasonNotSyncedYet)))
			continue
		}
		s.addParts(&out[i], d, parts[:len(d.Shares)])
		parts = parts[len(d.Shares):]
	}
	return out
}

func (s *days) detailedDay(out *api.DetailedDay, d *domain.DailySummary) {
	l := s.ledgerDay(d)
	out.Day, out.State, out.Seconds, out.AISeconds, out.OtherAccountSeconds = l.Day, l.State, l.Seconds, l.AISeconds, l.OtherAccountSeconds
	out.TimeZone, out.Source, out.Account, out.CheckedAt, out.ChangedAt = l.TimeZone, l.Source, l.Account, l.CheckedAt, l.ChangedAt
	out.Attempts, out.Reason, out.ReasonDetail = l.Attempts, l.Reason, l.ReasonDetail
}

// addParts adds the breakdown of a day, for which parts has room. The lists that the server
// does not offer stay null.
func (s *days) addParts(out *api.DetailedDay, d *domain.DailySummary, parts []api.Part) {
	lists := [...]*[]api.Part{&out.Languages, &out.Projects, &out.Editors, &out.OperatingSystems, &out.Categories, &out.Dependencies, &out.Machines}
	var sizes [len(lists)]int
	for _, share := range d.Shares {
		if i := dimensionIndex(share.Dimension); i >= 0 {
			sizes[i]++
		}
	}
	for i, dimension := range domain.Dimensions {
		switch {
		case sizes[i] > 0:
			*lists[i], parts = parts[:0:sizes[i]], parts[sizes[i]:]
		case !slices.Contains(d.Absent, dimension):
			*lists[i] = []api.Part{}
		}
	}
	if len(d.Absent) > 0 {
		out.PartsReason = s.partsReason.pointer(api.ReasonNotOffered)
	}
	for _, share := range d.Shares {
		if i := dimensionIndex(share.Dimension); i >= 0 {
			*lists[i] = append(*lists[i], api.Part{Name: share.Name, Seconds: share.Seconds})
		}
	}
}

// dimensionIndex returns the index in domain.Dimensions, or -1.
func dimensionIndex(d domain.Dimension) int {
	switch d {
	case domain.ByLanguage:
		return 0
	case domain.ByProject:
		return 1
	case domain.ByEditor:
		return 2
	case domain.ByOperatingSystem:
		return 3
	case domain.ByCategory:
		return 4
	case domain.ByDependency:
		return 5
	case domain.ByMachine:
		return 6
	}
	return -1
}
