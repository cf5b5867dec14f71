package domain_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

var dayStates = []domain.DayState{
	domain.DayOK, domain.DayEmpty, domain.DayPending, domain.DayPlanLimited, domain.DayError, domain.DayDisconnected, domain.DayPartial,
}

func dayIn(s domain.DayState, seconds int, ai *int) domain.DailySummary {
	d := domain.DailySummary{State: s}
	if s.Known() || s == domain.DayPartial {
		d.Seconds, d.AISeconds = &seconds, ai
	}
	return d
}

func TestCoverage_Count(t *testing.T) {
	t.Parallel()

	var c domain.Coverage
	if c.Share() != 1 {
		t.Errorf("the share of no expected days is %v, want 1", c.Share())
	}
	for i, s := range dayStates {
		for range i + 1 {
			c.Count(dayIn(s, 100*(i+1), new(10)))
		}
	}
	c.Count(dayIn(domain.DayOK, 1, nil))
	want := domain.Coverage{
		Expected: 29, OK: 2, Empty: 2, Pending: 3, PlanLimited: 4, Error: 5, Disconnected: 6, Partial: 7,
		Seconds: 501, AISeconds: 30, AIUnknown: 1, PartialSeconds: 4900,
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("Count (-want +got):\n%s", diff)
	}
	if c.Known() != 4 || c.Share() != 4.0/29 {
		t.Errorf("%d known, share %v", c.Known(), c.Share())
	}
}

func TestCoverage_AddsUp(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		var c domain.Coverage
		states := rapid.SliceOf(rapid.SampledFrom(dayStates)).Draw(t, "states")
		for _, s := range states {
			c.Count(dayIn(s, 1, nil))
		}
		if sum := c.Known() + c.Partial + c.Pending + c.PlanLimited + c.Error + c.Disconnected; sum != c.Expected || sum != len(states) {
			t.Fatalf("%d days are counted as %+v", len(states), c)
		}
		if share := c.Share(); share < 0 || share > 1 {
			t.Fatalf("share %v", share)
		}
	})
}

func TestTrackedDays(t *testing.T) {
	t.Parallel()

	const start, today = domain.Day(1000), domain.Day(1030)
	tests := map[string]struct {
		start, today domain.Day
		end          *domain.Day
		want         domain.DayRange
	}{
		"the week before the start is included": {start, today, nil, domain.DayRange{From: 994, To: 1030}},
		"a future end changes nothing":          {start, today, new(domain.Day(1100)), domain.DayRange{From: 994, To: 1030}},
		"nothing is tracked after the end":      {start, today, new(domain.Day(1010)), domain.DayRange{From: 994, To: 1010}},
		"on the first day a week is tracked":    {start, start, nil, domain.DayRange{From: 994, To: 1000}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := domain.TrackedDays(tt.start, tt.today, tt.end); got != tt.want {
				t.Errorf("TrackedDays = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTrackedUser_NextSync(t *testing.T) {
	t.Parallel()

	const zone = domain.TimeZone("Asia/Kathmandu")
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 3, day, hour, minute, 0, 0, zone.Location())
	}
	tests := map[string]struct {
		active    bool
		now, want time.Time
	}{
		"in an active batch it is an hour later":                {true, at(14, 12, 0), at(14, 13, 0)},
		"otherwise it is the next night":                        {false, at(14, 12, 0), at(15, 2, 0)},
		"before two it is the same day":                         {false, at(14, 1, 59), at(14, 2, 0)},
		"at two it is the next night":                           {false, at(14, 2, 0), at(15, 2, 0)},
		"after the last day of a month it is in the next month": {false, at(31, 12, 0), at(32, 2, 0)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := domain.TrackedUser{TimeZone: zone, Active: tt.active}.NextSync(tt.now.UTC())
			if !got.Equal(tt.want) || got.Location() != time.UTC {
				t.Errorf("NextSync = %v, want %v in UTC", got, tt.want)
			}
		})
	}
}

func TestTrackedUser_Ledger(t *testing.T) {
	t.Parallel()

	row := func(day domain.Day, seconds int) domain.DailySummary {
		return domain.DailySummary{Day: day, State: domain.DayOK, Seconds: &seconds}
	}
	blank := func(day domain.Day, state domain.DayState, reason domain.Reason) domain.DailySummary {
		return domain.DailySummary{Day: day, State: state, Reason: reason}
	}
	tracked := domain.TrackedUser{
		User: domain.UserID{1}, TimeZone: "Asia/Kathmandu", Today: 13, Tracked: domain.DayRange{From: 10, To: 13},
		Connection: domain.Connected, EverConnected: true,
	}
	ended := func(why domain.Reason) func(*domain.TrackedUser) {
		return func(u *domain.TrackedUser) {
			u.Connection, u.Failure = domain.NeedsReconnect, &domain.SyncFailure{Reason: why}
		}
	}
	partial := func(day domain.Day, seconds int) domain.DailySummary {
		return domain.DailySummary{Day: day, State: domain.DayPartial, Seconds: &seconds}
	}

	because := func(d domain.DailySummary, why domain.Reason) domain.DailySummary {
		d.Reason = why
		return d
	}

	tests := map[string]struct {
		change    func(*domain.TrackedUser)
		requested domain.DayRange
		rows      []domain.DailySummary
		days      []domain.DailySummary
		total     domain.Coverage
	}{
		"days without a row are pending, not zero": {
			requested: domain.DayRange{From: 10, To: 12},
			rows:      []domain.DailySummary{row(11, 60)},
			days:      []domain.DailySummary{blank(10, domain.DayPending, domain.ReasonNotSyncedYet), row(11, 60), blank(12, domain.DayPending, domain.ReasonNotSyncedYet)},
			total:     domain.Coverage{Expected: 3, OK: 1, Pending: 2, Seconds: 60, AIUnknown: 1},
		},
		"days after a disconnect say that the account was disconnected": {
			change:    func(u *domain.TrackedUser) { u.Connection = domain.NotConnected },
			requested: domain.DayRange{From: 10, To: 11},
			rows:      []domain.DailySummary{row(11, 60)},
			days:      []domain.DailySummary{blank(10, domain.DayDisconnected, domain.ReasonDisconnected), row(11, 60)},
			total:     domain.Coverage{Expected: 2, OK: 1, Disconnected: 1, Seconds: 60, AIUnknown: 1},
		},
		"days of a user who never connected say so": {
			change:    func(u *domain.TrackedUser) { u.Connection, u.EverConnected = domain.NotConnected, false },
			requested: domain.DayRange{From: 10, To: 10},
			days:      []domain.DailySummary{blank(10, domain.DayDisconnected, domain.ReasonNotConnected)},
			total:     domain.Coverage{Expected: 1, Disconnected: 1},
		},
		"days after the server ended the connection say why": {
			change:    ended(domain.ReasonUnauthorized),
			requested: domain.DayRange{From: 10, To: 10},
			days:      []domain.DailySummary{blank(10, domain.DayDisconnected, domain.ReasonUnauthorized)},
			total:     domain.Coverage{Expected: 1, Disconnected: 1},
		},
		"a partial day is not known, and today is not expected": {
			requested: domain.DayRange{From: 11, To: 13},
			rows:      []domain.DailySummary{row(11, 60), partial(12, 7), partial(13, 5)},
			days:      []domain.DailySummary{row(11, 60), because(partial(12, 7), domain.ReasonPartial), partial(13, 5)},
			total:     domain.Coverage{Expected: 2, OK: 1, Partial: 1, Seconds: 60, AIUnknown: 1, PartialSeconds: 12},
		},
		"a partial day without a connection says why it stays partial": {
			change:    func(u *domain.TrackedUser) { u.Connection = domain.NotConnected },
			requested: domain.DayRange{From: 12, To: 12},
			rows:      []domain.DailySummary{partial(12, 7)},
			days:      []domain.DailySummary{because(partial(12, 7), domain.ReasonDisconnected)},
			total:     domain.Coverage{Expected: 1, Partial: 1, PartialSeconds: 7},
		},
		"a failed day without a connection does not promise a retry": {
			change:    func(u *domain.TrackedUser) { u.Connection = domain.NotConnected },
			requested: domain.DayRange{From: 10, To: 12},
			rows: []domain.DailySummary{
				blank(10, domain.DayError, domain.ReasonUnavailable), blank(11, domain.DayPlanLimited, domain.ReasonPlanLimited), because(partial(12, 7), domain.ReasonUnavailable),
			},
			days: []domain.DailySummary{
				blank(10, domain.DayError, domain.ReasonDisconnected), blank(11, domain.DayPlanLimited, domain.ReasonPlanLimited), because(partial(12, 7), domain.ReasonDisconnected),
			},
			total: domain.Coverage{Expected: 3, Error: 1, PlanLimited: 1, Partial: 1, PartialSeconds: 7},
		},
		"a partial day keeps the reason of a failed attempt": {
			requested: domain.DayRange{From: 12, To: 12},
			rows:      []domain.DailySummary{because(partial(12, 7), domain.ReasonUnavailable)},
			days:      []domain.DailySummary{because(partial(12, 7), domain.ReasonUnavailable)},
			total:     domain.Coverage{Expected: 1, Partial: 1, PartialSeconds: 7},
		},
		"days that are not tracked are left out with their rows": {
			requested: domain.DayRange{From: 5, To: 20},
			rows:      []domain.DailySummary{row(8, 1), row(9, 2), row(10, 4), row(12, 8), row(14, 16)},
			days:      []domain.DailySummary{row(10, 4), blank(11, domain.DayPending, domain.ReasonNotSyncedYet), row(12, 8), blank(13, domain.DayPending, domain.ReasonNotSyncedYet)},
			total:     domain.Coverage{Expected: 3, OK: 2, Pending: 1, Seconds: 12, AIUnknown: 2},
		},
		"a range without tracked days has no days": {
			requested: domain.DayRange{From: 20, To: 30},
			rows:      []domain.DailySummary{row(25, 1)},
			days:      []domain.DailySummary{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			user := tracked
			if tt.change != nil {
				tt.change(&user)
			}
			want := domain.StudentCoverage{User: user.User, TimeZone: user.TimeZone, Range: tt.requested, Total: tt.total, Days: tt.days}
			if diff := cmp.Diff(want, user.Ledger(tt.requested, tt.rows)); diff != "" {
				t.Errorf("Ledger (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStudentCoverage_KeepChanged(t *testing.T) {
	t.Parallel()

	since := noon
	day := domain.UTC.Today(since)
	row := func(d domain.Day, changed time.Time) domain.DailySummary {
		return domain.DailySummary{Day: d, State: domain.DayOK, Seconds: new(1), ChangedAt: &changed}
	}
	c := domain.StudentCoverage{TimeZone: domain.UTC, Days: []domain.DailySummary{
		row(day-4, since.Add(-time.Second)),
		{Day: day - 3, State: domain.DayPartial, Seconds: new(1), ChangedAt: new(since.Add(-time.Second))},
		row(day-2, since),
		{Day: day - 1, State: domain.DayPending},
		row(day, since.Add(-time.Second)),
	}}
	c.KeepChanged(since)
	var got []domain.Day
	for _, d := range c.Days {
		got = append(got, d.Day)
	}
	if diff := cmp.Diff([]domain.Day{day - 3, day - 2, day - 1, day}, got); diff != "" {
		t.Errorf("days that changed (-want +got):\n%s", diff)
	}
}

func TestPlannedSync_Spread(t *testing.T) {
	t.Parallel()

	minutes := map[int]int{}
	for i := range 240 {
		p := domain.PlannedSync{User: domain.UserID{byte(i), 15: 7}, At: noon}
		again := p
		p.Spread()
		again.Spread()
		delay := p.At.Sub(noon)
		if delay < 0 || delay >= 55*time.Minute || !again.At.Equal(p.At) {
			t.Fatalf("user %d is delayed by %v, and then by %v", i, delay, again.At.Sub(noon))
		}
		minutes[int(delay/time.Minute)]++
	}
	if len(minutes) < 40 {
		t.Errorf("the syncs of 240 users are spread over %d minutes: %v", len(minutes), minutes)
	}
}
