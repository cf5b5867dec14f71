package postgres

import (
	"cmp"
	"strings"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// label is a name that days refer to by its ID. Its kind is a domain.Dimension or zoneLabel.
type label struct{ kind, name string }

const zoneLabel = "time_zone"

// labelsOf returns the labels that days refer to, without IDs.
func labelsOf(rows []domain.DailySummary) map[label]int32 {
	out := map[label]int32{}
	for _, d := range rows {
		if d.TimeZone != "" {
			out[label{zoneLabel, d.TimeZone}] = 0
		}
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

// upsertParams converts days to columns. A part is the number label << 32 | seconds. Arrays
// have no NULLs: -1 seconds and ID 0 stand for them.
func upsertParams(rows []domain.DailySummary, labels map[label]int32) sqlc.UpsertDaysParams {
	p := sqlc.UpsertDaysParams{Parts: []int64{}}
	for _, d := range rows {
		first := len(p.Parts) + 1 // SQL arrays start at 1
		for _, s := range d.Shares {
			p.Parts = append(p.Parts, int64(labels[label{string(s.Dimension), s.Name}])<<32|int64(uint32(s.Seconds)))
		}
		p.FirstParts, p.LastParts = append(p.FirstParts, int32(first)), append(p.LastParts, int32(len(p.Parts)))
		p.Days, p.Attempts = append(p.Days, d.Day.Date()), append(p.Attempts, int16(d.Attempts))
		p.Seconds, p.AiSeconds = append(p.Seconds, secondsOrMinus(d.Seconds)), append(p.AiSeconds, secondsOrMinus(d.AISeconds))
		p.ZoneIds, p.AccountRefs = append(p.ZoneIds, labels[label{zoneLabel, d.TimeZone}]), append(p.AccountRefs, int32(d.Account))
		p.States, p.Reasons = append(p.States, string(d.State)), append(p.Reasons, string(d.Reason))
		p.Absents = append(p.Absents, joinDimensions(d.Absent))
	}
	return p
}

func secondsOrMinus(n *int) int32 {
	if n == nil {
		return -1
	}
	return int32(*n)
}

func joinDimensions(list []domain.Dimension) string {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = string(d)
	}
	return strings.Join(names, ",")
}

func splitDimensions(text string) []domain.Dimension {
	if text == "" {
		return nil
	}
	var out []domain.Dimension
	for name := range strings.SplitSeq(text, ",") {
		out = append(out, domain.Dimension(name))
	}
	return out
}

// trackedUser converts a row and computes the tracked days at now.
func trackedUser(r sqlc.GetTrackedUserRow, now time.Time) domain.TrackedUser {
	t := domain.TrackedUser{
		User:       domain.UserID(r.ID),
		Name:       r.Name,
		TimeZone:   domain.StoredTimeZone(r.UserZone),
		Connection: domain.NotConnected,
		Failure:    syncFailure(r.FailureReason, r.FailedAt, r.FailingSince),

		EverConnected: r.EverConnected,
		Server:        r.Server,
	}
	if r.State != nil {
		t.Connection = domain.ConnectionState(*r.State)
	}
	since := dayOr(r.ConnectedOn, r.ConnectedAt)
	var end *domain.Day
	if b, ok := batchCalendar(r.BatchZone, r.StartsOn, r.EndsOn, r.ArchivedAt); ok {
		t.Batch = domain.BatchID(*r.BatchID)
		t.TimeZone = b.TimeZone
		t.Active = b.Status(now) == domain.BatchActive
		since, end = cmp.Or(dayOr(r.EnrolledOn, r.EnrolledAt), since), &b.EndsOn
	}
	t.Today = t.TimeZone.Today(now)
	if since == nil {
		t.Tracked = domain.DayRange{From: t.Today, To: t.Today - 1}
		return t
	}
	t.Tracked = domain.TrackedDays(*since, t.Today, end)
	return t
}

// dayOr returns a stored day. For a row of an older program, it is the day in UTC until the
// Migrator has computed it.
func dayOr(on, at *time.Time) *domain.Day {
	switch {
	case on != nil:
		return new(day(*on))
	case at != nil:
		return new(domain.UTC.Today(*at))
	}
	return nil
}
