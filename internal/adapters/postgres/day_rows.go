package postgres

import (
	"cmp"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// label is a name that days refer to by a number. Its kind is a domain.Dimension or
// one of the two below.
type label struct{ kind, name string }

const (
	zoneLabel   = "time_zone"
	sourceLabel = "source"
)

// storable returns the known days, one of each, in order.
func storable(days []domain.FetchedDay) []domain.FetchedDay {
	days = slices.DeleteFunc(slices.Clone(days), func(d domain.FetchedDay) bool { return !d.State.Known() })
	return lastOfEach(days, func(d domain.FetchedDay) domain.Day { return d.Day })
}

// namesIn collects the labels that days refer to, without numbers.
func namesIn(source string, days []domain.FetchedDay) map[label]int32 {
	out := map[label]int32{{sourceLabel, source}: 0}
	for _, d := range days {
		out[label{zoneLabel, d.TimeZone}] = 0
		for _, s := range d.Shares {
			out[label{string(s.Dimension), s.Name}] = 0
		}
	}
	return out
}

// unnumbered returns the labels that have no number yet.
func unnumbered(labels map[label]int32) sqlc.ListLabelsParams {
	var out sqlc.ListLabelsParams
	for l, id := range labels {
		if id == 0 {
			out.Kinds, out.Names = append(out.Kinds, l.kind), append(out.Names, l.name)
		}
	}
	return out
}

// replacement lays days out in columns. A part is a number: label << 32 | seconds.
func replacement(days []domain.FetchedDay, labels map[label]int32) sqlc.UpsertDaysParams {
	p := sqlc.UpsertDaysParams{Parts: []int64{}}
	for _, d := range days {
		first := len(p.Parts) + 1 // arrays of SQL start at 1
		for _, s := range d.Shares {
			p.Parts = append(p.Parts, int64(labels[label{string(s.Dimension), s.Name}])<<32|int64(uint32(s.Seconds)))
		}
		p.FirstParts, p.LastParts = append(p.FirstParts, int32(first)), append(p.LastParts, int32(len(p.Parts)))
		p.Days, p.Ends = append(p.Days, d.Day.Date()), append(p.Ends, d.Day.End(location(d.TimeZone)))
		p.Seconds, p.ZoneIds = append(p.Seconds, int32(d.Seconds)), append(p.ZoneIds, labels[label{zoneLabel, d.TimeZone}])
		p.States, p.Reasons = append(p.States, string(d.State)), append(p.Reasons, string(d.Reason))
	}
	return p
}

// ledger reads rows, the first of which carries the labels of all.
func ledger(rows []sqlc.ListDaysRow) []domain.DailySummary {
	labels := map[int32]label{}
	out := make([]domain.DailySummary, len(rows))
	for i, r := range rows {
		for j, id := range r.LabelIds {
			labels[id] = label{r.LabelKinds[j], r.LabelNames[j]}
		}
		d := domain.DailySummary{
			Day:       day(r.Day),
			State:     domain.DayState(r.State),
			Seconds:   intOrNil(r.Seconds),
			FetchedAt: utc(r.FetchedAt),
			Attempts:  int(r.Attempts),
			Reason:    domain.Reason(r.Reason),
		}
		if r.ZoneID != nil {
			d.TimeZone = labels[*r.ZoneID].name
		}
		if r.SourceID != nil {
			d.Source = labels[*r.SourceID].name
		}
		if d.FetchedAt != nil {
			d.Final = !d.FetchedAt.Before(d.Day.End(location(d.TimeZone)))
		}
		for _, p := range r.Parts {
			l := labels[int32(p>>32)]
			d.Shares = append(d.Shares, domain.Share{Dimension: domain.Dimension(l.kind), Name: l.name, Seconds: int(int32(p))})
		}
		out[i] = d
	}
	return out
}

// lastZone is where every day ends last.
var lastZone = time.FixedZone("", -12*60*60)

// location returns the rules of the zone in which a server says that it cut a day: a
// name, or an offset such as +05:45. A day of a zone that nobody knows counts as ended
// when it has ended everywhere.
func location(zone string) *time.Location {
	if z, err := domain.ParseTimeZone("", zone); err == nil {
		return z.Location()
	}
	if t, err := time.Parse("-07:00", zone); err == nil {
		_, offset := t.Zone()
		return time.FixedZone("", offset)
	}
	return lastZone
}

// tracked works out what is expected of a user.
func tracked(r sqlc.GetTrackedRow, now time.Time) domain.TrackedUser {
	t := domain.TrackedUser{
		User:       domain.UserID(r.ID),
		Name:       r.Name,
		TimeZone:   domain.TimeZone(r.UserZone),
		Connection: domain.NotConnected,
		Failure:    syncFailure(r.FailureReason, r.FailedAt, r.FailingSince),
	}
	if r.State != nil {
		t.Connection = domain.ConnectionState(*r.State)
	}
	since := r.ConnectedAt
	var end *domain.Day
	if b, ok := calendar(r.BatchZone, r.StartsOn, r.EndsOn, r.ArchivedAt); ok {
		t.Batch = domain.BatchID(*r.BatchID)
		t.TimeZone = b.TimeZone
		t.Active = b.Status(now) == domain.BatchActive
		since, end = cmp.Or(r.EnrolledAt, since), &b.EndsOn
	}
	today := t.TimeZone.Today(now)
	if since == nil {
		t.Expected = domain.DayRange{From: today, To: today - 1}
		return t
	}
	t.Expected = domain.ExpectedDays(domain.DayAt(*since, t.TimeZone.Location()), today, end)
	return t
}
