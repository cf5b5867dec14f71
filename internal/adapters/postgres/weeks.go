package postgres

import (
	"time"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// weeks is the days of the students on the dashboard. A student's week is today and the six days
// before in the time zone of their batch, all of them tracked: tracking looks back that far before
// an enrolment.
type weeks struct {
	now     time.Time
	days    domain.DayRange // those of all weeks, whatever the time zone
	members []member        // of batches whose weeks are computed
	packed  map[domain.UserID][]int64
}

// member is a student of a batch.
type member struct {
	user      domain.UserID
	place     int32 // of the batch
	connected bool
}

// daysBefore is the number of days of a week before today.
const daysBefore = 6

func weeksAt(now time.Time, today domain.Calendar) *weeks {
	w := &weeks{now: now, days: domain.DayRange{From: today.UTC - daysBefore, To: today.UTC}}
	if len(today.Behind) > 0 {
		w.days.From--
	}
	if len(today.Ahead) > 0 {
		w.days.To++
	}
	return w
}

// read takes the students and days of a dashboard.
func (w *weeks) read(r sqlc.GetDashboardRow) {
	w.members = make([]member, len(r.MemberPlaces))
	for i := range w.members {
		w.members[i] = member{userAt(r.Members, i), r.MemberPlaces[i], r.MembersConnected[i]}
	}
	w.packed = make(map[domain.UserID][]int64, len(w.members))
	for i := 0; i < len(r.Days); {
		// The days of a user usually follow each other.
		user, first := userAt(r.DayUsers, i), i
		for i < len(r.Days) && userAt(r.DayUsers, i) == user {
			i++
		}
		w.packed[user] = append(w.packed[user], r.Days[first:i]...)
	}
}

// userAt returns the ID at a place of IDs that follow each other.
func userAt(ids []byte, i int) domain.UserID {
	return domain.UserID(ids[i*len(uuid.UUID{}):])
}

// of returns the coverage of the last week of a student. Today is not over, so six days are
// expected, and today has partial seconds only. Days without a row were never fetched.
func (w *weeks) of(user domain.UserID, zone domain.TimeZone, ends domain.Day, connected bool) domain.Coverage {
	var c domain.Coverage
	today := zone.Today(w.now)
	week := domain.DayRange{From: today - daysBefore, To: min(today, ends)}
	for _, packed := range w.packed[user] {
		day := w.days.From + domain.Day(packed>>placeShift)
		if day < week.From || day > week.To {
			continue
		}
		seconds, ai := packed&(1<<secondsBits-1), packed>>secondsBits&(1<<secondsBits-1)
		if day == today {
			c.PartialSeconds += max(0, int(seconds)-1)
			continue
		}
		d := domain.DailySummary{State: packedStates[packed>>stateShift&7]}
		if s := int(seconds) - 1; s >= 0 {
			d.Seconds = &s
		}
		if s := int(ai) - 1; s >= 0 {
			d.AISeconds = &s
		}
		c.Count(d)
	}
	over := domain.DayRange{From: week.From, To: min(today-1, ends)}
	unfetched := over.Len() - c.Expected
	c.Expected += unfetched
	if connected {
		c.Pending += unfetched
	} else {
		c.Disconnected += unfetched
	}
	return c
}
