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
	timeZone, source, account shared[string]
	reason, partsReason       shared[api.Reason]
	detail                    *string // of the last reason and source
	detailOf                  struct {
		reason domain.Reason
		source string
	}

	detailed api.DetailedDay
	parts    []api.Part // of detailed
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

// reasonDetail returns the message of a reason, which days with the same reason and source share.
func (s *days) reasonDetail(d *domain.DailySummary) *string {
	if d.Reason != s.detailOf.reason || d.Source != s.detailOf.source {
		s.detailOf.reason, s.detailOf.source = d.Reason, d.Source
		s.detail = filled(d.Reason.Message(d.Source))
	}
	return s.detail
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
		ReasonDetail:        s.reasonDetail(d),
	}
}

// detailedDay renders a day with its breakdown. The result is valid until the next call.
func (s *days) detailedDay(d *domain.DailySummary) *api.DetailedDay {
	l := s.ledgerDay(d)
	s.detailed = api.DetailedDay{
		Day: l.Day, State: l.State, Seconds: l.Seconds, AISeconds: l.AISeconds, OtherAccountSeconds: l.OtherAccountSeconds,
		TimeZone: l.TimeZone, Source: l.Source, Account: l.Account, CheckedAt: l.CheckedAt, ChangedAt: l.ChangedAt,
		Attempts: l.Attempts, Reason: l.Reason, ReasonDetail: l.ReasonDetail,
	}
	if d.Seconds == nil {
		s.detailed.PartsReason = s.partsReason.pointer(api.Reason(cmp.Or(d.Reason, domain.ReasonNotSyncedYet)))
	} else {
		s.addParts(&s.detailed, d)
	}
	return &s.detailed
}

// addParts adds the breakdown of a day. The lists that the server does not offer stay null.
func (s *days) addParts(out *api.DetailedDay, d *domain.DailySummary) {
	s.parts = slices.Grow(s.parts[:0], len(d.Shares))
	parts := s.parts[:len(d.Shares)]
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
