package domain_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

var dayStates = []domain.DayState{
	domain.DayOK, domain.DayEmpty, domain.DayPending, domain.DayPlanLimited, domain.DayError, domain.DayDisconnected,
}

func TestCoverage_Count(t *testing.T) {
	t.Parallel()

	var c domain.Coverage
	if c.Share() != 1 {
		t.Errorf("the share of no expected days is %v, want 1", c.Share())
	}
	for i, s := range dayStates {
		for range i + 1 {
			c.Count(s, map[bool]*int{true: new(100 * i), false: nil}[s.Known()])
		}
	}
	want := domain.Coverage{Expected: 21, OK: 1, Empty: 2, Pending: 3, PlanLimited: 4, Error: 5, Disconnected: 6, Seconds: 200}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("Count (-want +got):\n%s", diff)
	}
	if c.Known() != 3 || c.Share() != 3.0/21 {
		t.Errorf("%d known, share %v", c.Known(), c.Share())
	}
}

func TestCoverage_AddsUp(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		var c domain.Coverage
		states := rapid.SliceOf(rapid.SampledFrom(dayStates)).Draw(t, "states")
		for _, s := range states {
			c.Count(s, nil)
		}
		if sum := c.Known() + c.Pending + c.PlanLimited + c.Error + c.Disconnected; sum != c.Expected || sum != len(states) {
			t.Fatalf("%d days are counted as %+v", len(states), c)
		}
		if share := c.Share(); share < 0 || share > 1 {
			t.Fatalf("share %v", share)
		}
	})
}

func TestExpectedDays(t *testing.T) {
	t.Parallel()

	const start, today = domain.Day(1000), domain.Day(1030)
	tests := map[string]struct {
		start, today domain.Day
		end          *domain.Day
		want         domain.DayRange
	}{
		"the week before the start is included": {start, today, nil, domain.DayRange{From: 994, To: 1030}},
		"a future end changes nothing":          {start, today, new(domain.Day(1100)), domain.DayRange{From: 994, To: 1030}},
		"nothing is expected after the end":     {start, today, new(domain.Day(1010)), domain.DayRange{From: 994, To: 1010}},
		"on the first day a week is expected":   {start, start, nil, domain.DayRange{From: 994, To: 1000}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := domain.ExpectedDays(tt.start, tt.today, tt.end); got != tt.want {
				t.Errorf("ExpectedDays = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTrackedUser_DaysToFetch(t *testing.T) {
	t.Parallel()

	expected := domain.DayRange{From: 900, To: 1000}
	tests := map[string]struct {
		expected       domain.DayRange
		scope          domain.SyncScope
		window, always domain.DayRange
	}{
		"an hourly sync fetches today, and yesterday if it is missing": {expected, domain.SyncToday, domain.DayRange{From: 999, To: 1000}, domain.DayRange{From: 1000, To: 1000}},
		"a nightly sync fetches the last week and all missing days":    {expected, domain.SyncNightly, expected, domain.DayRange{From: 994, To: 1000}},
		"a requested sync fetches the same as a nightly one":           {expected, domain.SyncOnDemand, expected, domain.DayRange{From: 994, To: 1000}},
		"days that are not expected are not fetched":                   {domain.DayRange{From: 998, To: 1000}, domain.SyncNightly, domain.DayRange{From: 998, To: 1000}, domain.DayRange{From: 998, To: 1000}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			window, always := domain.TrackedUser{Expected: tt.expected}.DaysToFetch(tt.scope, 1000)
			if window != tt.window || always != tt.always {
				t.Errorf("DaysToFetch = %v, %v; want %v, %v", window, always, tt.window, tt.always)
			}
		})
	}
	t.Run("today is not fetched after the end of the batch", func(t *testing.T) {
		t.Parallel()

		window, always := domain.TrackedUser{Expected: domain.DayRange{From: 900, To: 950}}.DaysToFetch(domain.SyncToday, 1000)
		if window.Len() != 0 || always.Len() != 0 {
			t.Errorf("DaysToFetch = %v, %v; want no days", window, always)
		}
	})
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
	tracked := domain.TrackedUser{User: domain.UserID{1}, TimeZone: "Asia/Kathmandu", Expected: domain.DayRange{From: 10, To: 13}, Connection: domain.Connected}

	tests := map[string]struct {
		connection domain.ConnectionState
		requested  domain.DayRange
		rows       []domain.DailySummary
		days       []domain.DailySummary
		total      domain.Coverage
	}{
		"days without a row are pending, not zero": {
			domain.Connected,
			domain.DayRange{From: 10, To: 12},
			[]domain.DailySummary{row(11, 60)},
			[]domain.DailySummary{blank(10, domain.DayPending, domain.ReasonNotSyncedYet), row(11, 60), blank(12, domain.DayPending, domain.ReasonNotSyncedYet)},
			domain.Coverage{Expected: 3, OK: 1, Pending: 2, Seconds: 60},
		},
		"without a connection, days without a row are disconnected": {
			domain.NotConnected,
			domain.DayRange{From: 10, To: 11},
			[]domain.DailySummary{row(11, 60)},
			[]domain.DailySummary{blank(10, domain.DayDisconnected, domain.ReasonNotConnected), row(11, 60)},
			domain.Coverage{Expected: 2, OK: 1, Disconnected: 1, Seconds: 60},
		},
		"days that are not expected are left out with their rows": {
			domain.Connected,
			domain.DayRange{From: 5, To: 20},
			[]domain.DailySummary{row(8, 1), row(9, 2), row(10, 4), row(13, 8), row(14, 16)},
			[]domain.DailySummary{row(10, 4), blank(11, domain.DayPending, domain.ReasonNotSyncedYet), blank(12, domain.DayPending, domain.ReasonNotSyncedYet), row(13, 8)},
			domain.Coverage{Expected: 4, OK: 2, Pending: 2, Seconds: 12},
		},
		"a range without expected days has no days": {
			domain.Connected,
			domain.DayRange{From: 20, To: 30},
			[]domain.DailySummary{row(25, 1)},
			[]domain.DailySummary{},
			domain.Coverage{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			user := tracked
			user.Connection = tt.connection
			want := domain.StudentCoverage{User: user.User, TimeZone: user.TimeZone, Range: tt.requested, Total: tt.total, Days: tt.days}
			if diff := cmp.Diff(want, user.Ledger(tt.requested, tt.rows)); diff != "" {
				t.Errorf("Ledger (-want +got):\n%s", diff)
			}
		})
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

func TestNewFailedAttempt(t *testing.T) {
	t.Parallel()

	want := map[domain.Reason]domain.DayState{
		domain.ReasonNotReady:    domain.DayPending,
		domain.ReasonThrottled:   domain.DayPending,
		domain.ReasonPlanLimited: domain.DayPlanLimited,
		domain.ReasonUnavailable: domain.DayError,
		domain.ReasonMissingDay:  domain.DayError,
	}
	for reason, state := range want {
		if got := domain.NewFailedAttempt(5, reason); got != (domain.FailedAttempt{Day: 5, State: state, Reason: reason}) {
			t.Errorf("NewFailedAttempt(%s) = %+v, want %s", reason, got, state)
		}
	}
}
