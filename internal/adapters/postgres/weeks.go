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
	members []member // of batches whose weeks are computed
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

// of returns the coverage of the last week of a student.
func (w *weeks) of(user domain.UserID, zone domain.TimeZone, ends domain.Day, connected bool) domain.Coverage {
	t := domain.TrackedUser{Today: zone.Today(w.now), Connection: counted(connected)}
	t.Tracked = domain.DayRange{From: t.Today - daysBefore, To: min(t.Today, ends)}
	week := t.Count(t.Tracked)
	for _, packed := range w.packed[user] {
		week.Add(unpackDay(packed, 0))
	}
	return week.Total()
}
