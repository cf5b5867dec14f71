package histories

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/tracking"
	"github.com/gradus-dev/gradus/internal/ports"
)

// zones have days of 23, 24 and 25 hours around the start of a history.
var zones = []domain.TimeZone{"America/Chicago", "Asia/Kathmandu", "UTC", "Pacific/Kiritimati", "Europe/Lisbon"}

// Start is when the student of a history enrols.
var Start = time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)

// history is a student with everything that can happen to their days.
type history struct {
	*rapid.T
	ctx         context.Context
	clock       time.Time
	latest      time.Time // that the clock has shown
	zone        domain.TimeZone
	stores      Stores
	upstream    *upstream
	connections *tracking.Connections
	staff       *tracking.StudentConnections
	tracking    *tracking.Service
	syncer      *tracking.Syncer
	student     domain.Actor

	current  string          // the connected account, or the last one
	linked   bool            // whether it is connected
	accepted map[string]bool // accounts that staff accepted
	seen     map[domain.Day]domain.DailySummary
	seenAt   time.Time
	seenZone domain.TimeZone
	keys     int
	log      []string
}

// Run plays one random history on stores that hold nothing but a student, and fails if
// Gradus claims something that a perfect observer does not know.
func Run(ctx context.Context, t *rapid.T, newStores func(domain.TimeZone, ports.Clock) Stores) {
	h := &history{
		T: t, ctx: ctx, clock: Start, zone: rapid.SampledFrom(zones).Draw(t, "zone"),
		accepted: map[string]bool{}, seen: map[domain.Day]domain.DailySummary{}, seenAt: Start.Add(-time.Hour),
	}
	now := func() time.Time { return h.clock }
	h.stores = newStores(h.zone, now)
	h.student = domain.Actor{UserID: h.stores.User, Role: domain.RoleStudent}
	h.upstream = &upstream{
		clock: &h.clock, missing: map[domain.Day]int{},
		responses: map[string]map[domain.Day][]response{"a": {}, "b": {}},
		accounts:  map[string]*account{"a": h.account("a"), "b": h.account("b")},
		asked:     map[string]map[domain.Day]time.Time{"a": {}, "b": {}},
	}
	s, jobs := h.stores, noJobs{}
	ids := byte(0)
	newID := func() [16]byte { ids++; return [16]byte{0x42, ids, 15: 1} }
	if s.NewID != nil {
		newID = s.NewID
	}
	h.connections = tracking.NewConnections(s.UnitOfWork, s.Connections, nil, s.Accounts, jobs, h.upstream, now, nil, newID)
	h.staff = tracking.NewStudentConnections(s.UnitOfWork, s.Connections, s.Accounts, s.Days, h.upstream, now)
	h.tracking = tracking.New(s.UnitOfWork, s.Days, nil, jobs, now)
	h.syncer = tracking.NewSyncer(s.UnitOfWork, s.Connections, s.Days, h.upstream, now)
	for range rapid.IntRange(3, 25).Draw(t, "events") {
		h.event()
		h.observe()
	}
	h.settle()
}

// account returns an account with heartbeats of the days around the start.
func (h *history) account(name string) *account {
	a := &account{
		key: domain.Secret("key-of-" + name + "-0"), history: domain.Day(rapid.SampledFrom([]int{0, 0, 7, 14}).Draw(h.T, "plan "+name)),
		noCategories: rapid.IntRange(0, 4).Draw(h.T, "no categories "+name) == 0,
		ignoresZone:  rapid.IntRange(0, 5).Draw(h.T, "ignores zone "+name) == 0,
	}
	for range rapid.IntRange(0, 6).Draw(h.T, "heartbeats "+name) {
		at := Start.Add(-time.Duration(rapid.IntRange(0, 9*24).Draw(h.T, "hours before")) * time.Hour)
		a.heartbeats = append(a.heartbeats, heartbeats{at: at, seconds: rapid.IntRange(1, 3000).Draw(h.T, "seconds"), arrives: at})
	}
	return a
}

// event lets something happen.
func (h *history) event() {
	events := []struct {
		name   string
		weight int
		happen func()
	}{
		{"time passes", 6, h.pass},
		{"sync", 8, h.sync},
		{"coding", 4, h.code},
		{"late heartbeats", 2, h.late},
		{"outage", 2, h.outage},
		{"connect", 3, h.connect},
		{"key reset", 1, h.resetKey},
		{"disconnect", 1, h.disconnect},
		{"time zone", 1, h.moveZone},
		{"plan", 1, h.changePlan},
		{"accept", 1, h.accept},
		{"reject", 1, h.reject},
		{"missing day", 1, h.omit},
	}
	total := 0
	for _, e := range events {
		total += e.weight
	}
	n := rapid.IntRange(0, total-1).Draw(h.T, "event")
	for _, e := range events {
		if n -= e.weight; n < 0 {
			e.happen()
			h.log = append(h.log, fmt.Sprintf("%s %s", h.clock.Format(time.DateTime), e.name))
			return
		}
	}
}

func (h *history) pass() {
	steps := []time.Duration{time.Minute, time.Hour, 7 * time.Hour, 24 * time.Hour, 6 * 24 * time.Hour, 20 * 24 * time.Hour, -3 * time.Minute}
	h.clock = h.clock.Add(rapid.SampledFrom(steps).Draw(h.T, "step"))
	h.latest = later(h.latest, h.clock)
}

// sync runs a sync of any scope. Slow requests may start before midnight and end after it.
func (h *history) sync() {
	today := h.zone.Today(h.clock)
	q := domain.SyncRequest{Scope: rapid.SampledFrom([]domain.SyncScope{domain.SyncToday, domain.SyncNightly, domain.SyncOnDemand, domain.SyncRange}).Draw(h.T, "scope")}
	if q.Scope == domain.SyncRange {
		q.Days.From = today - domain.Day(rapid.IntRange(0, 40).Draw(h.T, "from"))
		q.Days.To = q.Days.From + domain.Day(rapid.IntRange(0, 40).Draw(h.T, "to"))
	}
	h.upstream.slow = rapid.SampledFrom([]time.Duration{0, time.Second, 3 * time.Hour}).Draw(h.T, "slow")
	h.run(q)
	h.upstream.slow = 0
	h.latest = later(h.latest, h.clock)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (h *history) run(q domain.SyncRequest) {
	h.upstream.began = h.clock
	err := h.syncer.Sync(h.ctx, domain.System, h.stores.User, q)
	if _, ok := errors.AsType[*domain.UpstreamError](err); err != nil && !ok && (h.linked || !errors.Is(err, domain.ErrConnectionNotFound)) {
		h.Fatalf("sync: %v\n%v", err, h.log)
	}
}

func (h *history) any() *account {
	return h.upstream.accounts[rapid.SampledFrom([]string{"a", "b"}).Draw(h.T, "account")]
}

// code adds heartbeats of the last hour.
func (h *history) code() {
	a := h.any()
	a.heartbeats = append(a.heartbeats, heartbeats{h.clock.Add(-time.Minute), rapid.IntRange(1, 3000).Draw(h.T, "seconds"), h.clock})
}

// late adds heartbeats of up to 40 days ago, which the server knows of from now on.
func (h *history) late() {
	a := h.any()
	at := h.clock.Add(-time.Duration(rapid.IntRange(1, 40*24).Draw(h.T, "hours late")) * time.Hour)
	a.heartbeats = append(a.heartbeats, heartbeats{at, rapid.IntRange(1, 3000).Draw(h.T, "seconds"), h.clock})
}

func (h *history) outage() {
	h.upstream.outage = rapid.SampledFrom([]domain.Reason{
		domain.ReasonNone, domain.ReasonNone, domain.ReasonUnavailable, domain.ReasonThrottled, domain.ReasonInvalid, domain.ReasonNotReady,
		domain.ReasonPlanLimited, domain.ReasonUnsupported,
	}).Draw(h.T, "outage")
}

func (h *history) connect() {
	name := rapid.SampledFrom([]string{"a", "b"}).Draw(h.T, "to")
	if _, err := h.connections.ConnectWithKey(h.ctx, h.student, h.upstream.accounts[name].key, "", nil); err != nil {
		h.Fatalf("connect: %v", err)
	}
	h.current, h.linked, h.upstream.rejected = name, true, false
}

func (h *history) resetKey() {
	h.keys++
	a := h.any()
	a.key = domain.Secret(fmt.Sprintf("key-of-somebody-%d", h.keys))
}

func (h *history) disconnect() {
	_, err := h.connections.Disconnect(h.ctx, h.student, nil)
	if err != nil && (h.linked || !errors.Is(err, domain.ErrConnectionNotFound)) {
		h.Fatalf("disconnect: %v", err)
	}
	h.linked = false
}

func (h *history) moveZone() {
	h.zone = rapid.SampledFrom(zones).Draw(h.T, "new zone")
	if err := h.stores.SetTimeZone(h.zone); err != nil {
		h.Fatal(err)
	}
}

func (h *history) changePlan() {
	h.any().history = domain.Day(rapid.SampledFrom([]int{0, 3, 7, 30}).Draw(h.T, "new plan"))
}

func (h *history) accept() { h.judge(h.staff.AcceptAccount, true) }

func (h *history) reject() { h.judge(h.staff.RejectAccount, false) }

func (h *history) judge(do func(context.Context, domain.Actor, domain.UserID, domain.TrackedAccountID) (domain.TrackedAccount, error), accepted bool) {
	admin := domain.Actor{UserID: h.stores.Admin, Role: domain.RoleAdmin} // may do everything that staff may
	list, err := h.staff.StudentAccounts(h.ctx, admin, h.stores.User)
	if err != nil {
		h.Fatal(err)
	}
	if len(list) == 0 {
		return
	}
	chosen := rapid.SampledFrom(list).Draw(h.T, "judged")
	if _, err := do(h.ctx, admin, h.stores.User, chosen.ID); err != nil {
		h.Fatal(err)
	}
	h.accepted[chosen.Username] = accepted
}

// omit leaves a day out of the next responses.
func (h *history) omit() {
	h.upstream.missing[h.zone.Today(h.clock)-domain.Day(rapid.IntRange(0, 10).Draw(h.T, "omitted"))] = rapid.IntRange(1, 3).Draw(h.T, "times")
}

// noJobs is ports.SyncJobs for histories, which decide themselves when to sync.
type noJobs struct{}

func (noJobs) EnqueueSync(context.Context, domain.UserID, domain.SyncRequest, time.Time) error {
	return nil
}

func (noJobs) EnqueueSyncs(context.Context, []domain.PlannedSync) (int, error) { return 0, nil }
