package histories

import (
	"context"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/tracking"
)

// Course is a student of an active batch whose syncs run on time: hourly ones, and one each
// night. It counts the requests to the server.
type Course struct {
	*upstream
	clock  time.Time
	zone   domain.TimeZone
	stores Stores
	syncer *tracking.Syncer
	writes *countingDays
	night  domain.Day // the last one
}

// countingDays counts the rows that are written.
type countingDays struct {
	*memory
	rows int
}

func (d *countingDays) SaveDays(ctx context.Context, user domain.UserID, rows []domain.DailySummary, now time.Time) error {
	d.rows += len(rows)
	return d.memory.SaveDays(ctx, user, rows, now)
}

// NewCourse returns a student who enrolled at Start and codes an hour a day. The plan shows
// the given number of days, or all if it is 0.
func NewCourse(t *testing.T, user domain.UserID, plan domain.Day) *Course {
	t.Helper()
	c := &Course{clock: Start, zone: "America/Chicago"}
	c.night = c.zone.Today(Start)
	now := func() time.Time { return c.clock }
	m := newMemory(user, c.zone)
	c.writes = &countingDays{memory: m}
	c.stores = m.stores()
	c.stores.Days = c.writes
	a := &account{key: "key-of-the-student", history: plan}
	for d := range 500 {
		a.heartbeats = append(a.heartbeats, heartbeats{Start.AddDate(0, 0, d-20), 3600, Start.AddDate(0, 0, d-20)})
	}
	c.upstream = &upstream{
		clock: &c.clock, accounts: map[string]*account{"a": a}, missing: map[domain.Day]int{},
		responses: map[string]map[domain.Day][]response{"a": {}}, asked: map[string]map[domain.Day]time.Time{"a": {}},
	}
	connections := tracking.NewConnections(c.stores.UnitOfWork, c.stores.Connections, nil, c.stores.Accounts, noJobs{}, c.upstream, now, nil,
		func() [16]byte { return [16]byte{1} })
	student := domain.Actor{UserID: user, Role: domain.RoleStudent}
	if _, err := connections.ConnectWithKey(t.Context(), student, a.key, "", nil); err != nil {
		t.Fatal(err)
	}
	c.syncer = tracking.NewSyncer(c.stores.UnitOfWork, c.stores.Connections, c.stores.Days, c.upstream, now)
	c.sync(t, domain.SyncOnDemand)
	return c
}

func (c *Course) sync(t *testing.T, scope domain.SyncScope) {
	t.Helper()
	_ = c.syncer.Sync(t.Context(), domain.System, c.stores.User, domain.SyncRequest{Scope: scope}) // an outage is recorded
}

// Requests returns how many requests the server received since the last call.
func (c *Course) Requests() int {
	n := c.calls
	c.calls = 0
	return n
}

// Rows returns how many rows of days were written since the last call.
func (c *Course) Rows() int {
	n := c.writes.rows
	c.writes.rows = 0
	return n
}

// Night runs the syncs of a day: one each hour, of which one is the nightly one. It returns
// the requests of the nightly sync and of all hourly ones.
func (c *Course) Night(t *testing.T) (nightly, hourly int) {
	t.Helper()
	for range 24 {
		c.clock = c.clock.Add(time.Hour)
		c.Requests()
		if local := c.clock.In(c.zone.Location()); local.Hour() >= 2 && c.night < c.zone.Today(c.clock) {
			c.night = c.zone.Today(c.clock)
			c.sync(t, domain.SyncNightly)
			nightly += c.Requests()
			continue
		}
		c.sync(t, domain.SyncToday)
		hourly += c.Requests()
	}
	return nightly, hourly
}

// Outage makes the server unavailable or available again.
func (c *Course) Outage(down bool) {
	c.outage = domain.ReasonNone
	if down {
		c.outage = domain.ReasonUnavailable
	}
}
