package postgres

import (
	"cmp"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// label is a name that days refer to by its ID. Its kind is a domain.Dimension or one of
// the two below.
type label struct{ kind, name string }

const (
	zoneLabel   = "time_zone"
	sourceLabel = "source"
)

// knownDays returns the days whose state is known, sorted and without duplicates.
func knownDays(days []domain.FetchedDay) []domain.FetchedDay {
	days = slices.DeleteFunc(slices.Clone(days), func(d domain.FetchedDay) bool { return !d.State.Known() })
	return lastOfEachDay(days, func(d domain.FetchedDay) domain.Day { return d.Day })
}

// labelsOf returns the labels that days refer to, without IDs.
func labelsOf(source string, days []domain.FetchedDay) map[label]int32 {
	out := map[label]int32{{sourceLabel, source}: 0}
	for _, d := range days {
		out[label{zoneLabel, d.TimeZone}] = 0
		for _, s := range d.Shares {
			out[label{string(s.Dimension), s.Name}] = 0
		}
	}
	return out
}

// unresolved returns the labels without an ID.
func unresolved(labels map[label]int32) sqlc.ListLabelsParams {
	var out sqlc.ListLabelsParams
	for l, id := range labels {
		if id == 0 {
			out.Kinds, out.Names = append(out.Kinds, l.kind), append(out.Names, l.name)
		}
	}
	return out
}

// upsertParams converts days to columns. A part is the number label << 32 | seconds.
func upsertParams(days []domain.FetchedDay, labels map[label]int32) sqlc.UpsertDaysParams {
	p := sqlc.UpsertDaysParams{Parts: []int64{}}
	for _, d := range days {
		first := len(p.Parts) + 1 // SQL arrays start at 1
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

// dailySummaries converts rows. The first row carries the labels of all rows.
func dailySummaries(rows []sqlc.ListDaysRow) []domain.DailySummary {
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

// lastZone is the time zone in which a day ends last.
var lastZone = time.FixedZone("", -12*60*60)

// location returns the location of a time zone reported by a server: a name, or an offset
// such as +05:45. A day in an unknown time zone ends when it has ended everywhere.
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

// trackedUser converts a row and computes the expected days at now.
func trackedUser(r sqlc.GetTrackedUserRow, now time.Time) domain.TrackedUser {
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
	if b, ok := batchCalendar(r.BatchZone, r.StartsOn, r.EndsOn, r.ArchivedAt); ok {
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
