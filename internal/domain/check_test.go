package domain_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestChecks_Add(t *testing.T) {
	t.Parallel()

	check := func(from, to domain.Day, hour int) domain.Check {
		return domain.Check{Days: domain.DayRange{From: from, To: to}, At: noon.Add(time.Duration(hour) * time.Hour)}
	}
	tests := map[string]struct{ checks, want domain.Checks }{
		"a first check":                          {domain.Checks{check(5, 9, 0)}, domain.Checks{check(5, 9, 0)}},
		"a later check of the same days":         {domain.Checks{check(5, 9, 0), check(5, 9, 1)}, domain.Checks{check(5, 9, 1)}},
		"an earlier check changes nothing":       {domain.Checks{check(5, 9, 1), check(5, 9, 0)}, domain.Checks{check(5, 9, 1)}},
		"a check in the middle splits":           {domain.Checks{check(1, 9, 0), check(4, 5, 1)}, domain.Checks{check(1, 3, 0), check(4, 5, 1), check(6, 9, 0)}},
		"an earlier check fills gaps only":       {domain.Checks{check(4, 5, 1), check(1, 9, 0)}, domain.Checks{check(1, 3, 0), check(4, 5, 1), check(6, 9, 0)}},
		"adjacent days of one check are merged":  {domain.Checks{check(4, 4, 1), check(5, 5, 1), check(3, 3, 1)}, domain.Checks{check(3, 5, 1)}},
		"days in between stay unchecked":         {domain.Checks{check(1, 2, 0), check(5, 6, 0)}, domain.Checks{check(1, 2, 0), check(5, 6, 0)}},
		"the nightly checks of a week leave one": {domain.Checks{check(1, 7, 0), check(2, 8, 24), check(3, 9, 48)}, domain.Checks{check(1, 1, 0), check(2, 2, 24), check(3, 9, 48)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var got domain.Checks
			for _, c := range tt.checks {
				got = got.Add(c.Days, c.At)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Add (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChecks_KeepTheLatestOfEachDay(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		latest := map[domain.Day]time.Time{}
		var checks domain.Checks
		for range rapid.IntRange(0, 12).Draw(t, "checks") {
			from := domain.Day(rapid.IntRange(0, 20).Draw(t, "from"))
			r := domain.DayRange{From: from, To: from + domain.Day(rapid.IntRange(-1, 9).Draw(t, "more"))}
			at := noon.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "hour")) * time.Hour)
			checks = checks.Add(r, at)
			for d := r.From; d <= r.To; d++ {
				if at.After(latest[d]) {
					latest[d] = at
				}
			}
		}
		for d := domain.Day(-1); d < 32; d++ {
			if at, ok := checks.At(d); ok != !latest[d].IsZero() || !at.Equal(latest[d]) {
				t.Fatalf("day %d was checked at %v, want %v: %v", d, at, latest[d], checks)
			}
		}
		for i := 1; i < len(checks); i++ {
			a, b := checks[i-1], checks[i]
			if a.Days.To >= b.Days.From || a.At.Equal(b.At) && a.Days.To+1 == b.Days.From {
				t.Fatalf("%v overlap or are not merged", checks)
			}
		}
	})
}

func TestTrackedUser_DaysToFetch(t *testing.T) {
	t.Parallel()

	const zone = domain.TimeZone("Asia/Kathmandu")
	today := domain.NewDay(2026, time.November, 24)
	at := func(d domain.Day, hour int) time.Time {
		y, m, n := d.Date().Date()
		return time.Date(y, m, n, hour, 0, 0, 0, zone.Location())
	}
	user := domain.TrackedUser{User: domain.UserID{1}, TimeZone: zone, Today: today, Tracked: domain.DayRange{From: today - 99, To: today}}
	row := func(d domain.Day, change ...func(*domain.DailySummary)) domain.DailySummary {
		s := domain.DailySummary{Day: d, State: domain.DayOK, Seconds: new(60), TimeZone: string(zone)}
		for _, f := range change {
			f(&s)
		}
		return s
	}
	in := func(state domain.DayState, why domain.Reason) func(*domain.DailySummary) {
		return func(s *domain.DailySummary) { s.State, s.Reason = state, why }
	}
	known := func(except map[domain.Day]domain.DailySummary, without ...domain.Day) []domain.DailySummary {
		var rows []domain.DailySummary
		for d := user.Tracked.From; d <= today; d++ {
			if s, ok := except[d]; ok {
				rows = append(rows, s)
			} else if len(without) == 0 || d != without[0] {
				rows = append(rows, row(d))
			}
		}
		return rows
	}
	fresh := domain.Checks{{Days: user.Tracked, At: at(today, 3)}}
	now := at(today, 4)
	tests := map[string]struct {
		request domain.SyncRequest
		rows    []domain.DailySummary
		checks  domain.Checks
		want    []domain.DayRange
	}{
		"an hourly sync fetches today":                                   {domain.SyncRequest{Scope: domain.SyncToday}, known(nil), fresh, []domain.DayRange{{From: today, To: today}}},
		"an hourly sync fetches yesterday if it is missing":              {domain.SyncRequest{Scope: domain.SyncToday}, known(nil, today-1), fresh, []domain.DayRange{{From: today - 1, To: today}}},
		"an hourly sync fetches a partial yesterday":                     {domain.SyncRequest{Scope: domain.SyncToday}, known(map[domain.Day]domain.DailySummary{today - 1: row(today-1, in(domain.DayPartial, ""))}), fresh, []domain.DayRange{{From: today - 1, To: today}}},
		"a requested sync fetches the last week":                         {domain.SyncRequest{Scope: domain.SyncOnDemand}, known(nil), fresh, []domain.DayRange{{From: today - 6, To: today}}},
		"a requested sync fetches missing days":                          {domain.SyncRequest{Scope: domain.SyncOnDemand}, known(nil, today-50), fresh, []domain.DayRange{{From: today - 50, To: today - 50}, {From: today - 6, To: today}}},
		"a requested range leaves out what was just fetched":             {domain.SyncRequest{Scope: domain.SyncRange, Days: domain.DayRange{From: today - 20, To: today - 10}}, known(nil), fresh.Add(domain.DayRange{From: today - 15, To: today - 12}, now.Add(-9*time.Minute)), []domain.DayRange{{From: today - 20, To: today - 16}, {From: today - 11, To: today - 10}}},
		"a requested range ends with the tracked days":                   {domain.SyncRequest{Scope: domain.SyncRange, Days: domain.DayRange{From: today - 200, To: today - 98}}, known(nil), nil, []domain.DayRange{{From: today - 99, To: today - 98}}},
		"a nightly sync does not repeat what this night fetched":         {domain.SyncRequest{Scope: domain.SyncNightly}, known(nil), fresh, nil},
		"a nightly sync fetches the last week again":                     {domain.SyncRequest{Scope: domain.SyncNightly}, known(nil), domain.Checks{{Days: domain.DayRange{From: user.Tracked.From, To: today - 7}, At: at(today, 3)}, {Days: domain.DayRange{From: today - 6, To: today}, At: at(today, 1)}}, []domain.DayRange{{From: today - 6, To: today}}},
		"days that were never checked are checked":                       {domain.SyncRequest{Scope: domain.SyncNightly}, known(nil), nil, []domain.DayRange{user.Tracked}},
		"days in another time zone are fetched":                          {domain.SyncRequest{Scope: domain.SyncNightly}, known(map[domain.Day]domain.DailySummary{today - 40: row(today-40, func(s *domain.DailySummary) { s.TimeZone = "UTC" })}), fresh, []domain.DayRange{{From: today - 40, To: today - 40}}},
		"days of a server that ignores the time zone are not":            {domain.SyncRequest{Scope: domain.SyncNightly}, known(map[domain.Day]domain.DailySummary{today - 40: row(today-40, func(s *domain.DailySummary) { s.TimeZone, s.Reason = "UTC", domain.ReasonOtherZone })}), fresh, nil},
		"days that the plan hides are left to the monthly check":         {domain.SyncRequest{Scope: domain.SyncOnDemand}, known(map[domain.Day]domain.DailySummary{today - 40: row(today-40, in(domain.DayPlanLimited, domain.ReasonPlanLimited))}), nil, []domain.DayRange{{From: today - 6, To: today}}},
		"a partial day that the plan hides by now is left to it as well": {domain.SyncRequest{Scope: domain.SyncOnDemand}, known(map[domain.Day]domain.DailySummary{today - 40: row(today-40, in(domain.DayPartial, domain.ReasonPlanLimited))}), nil, []domain.DayRange{{From: today - 6, To: today}}},
		"accepted days of another account are left to scheduled checks":  {domain.SyncRequest{Scope: domain.SyncOnDemand}, known(map[domain.Day]domain.DailySummary{today - 40: row(today-40, in(domain.DayPartial, ""), func(s *domain.DailySummary) { s.Account = 2 })}), fresh, []domain.DayRange{{From: today - 6, To: today}}},
		"failed days are fetched":                                        {domain.SyncRequest{Scope: domain.SyncNightly}, known(map[domain.Day]domain.DailySummary{today - 40: row(today-40, in(domain.DayError, domain.ReasonUnavailable))}), fresh, []domain.DayRange{{From: today - 40, To: today - 40}}},
		"a scope of another version fetches nothing":                     {domain.SyncRequest{Scope: "weekly"}, known(nil), nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			span := user.Candidates(tt.request)
			var rows []domain.DailySummary
			for _, r := range tt.rows {
				if span.Contains(r.Day) {
					rows = append(rows, r)
				}
			}
			var got []domain.DayRange
			for _, d := range user.DaysToFetch(tt.request, rows, domain.Connection{Checks: tt.checks}, now) {
				if n := len(got); n > 0 && got[n-1].To+1 == d {
					got[n-1].To = d
				} else {
					got = append(got, domain.DayRange{From: d, To: d})
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("DaysToFetch (-want +got):\n%s", diff)
			}
		})
	}
}

// Late heartbeats are noticed in time, whichever user it is: within a night, a week or a
// month, depending on the age of the day. A class does not check everything in one night.
func TestTrackedUser_NightlyChecksComeInTime(t *testing.T) {
	t.Parallel()

	const zone = domain.TimeZone("America/Chicago")
	first := domain.NewDay(2026, time.January, 1)
	full := map[domain.Day]int{} // users who check all days in a night
	for n := range 30 {
		user := domain.TrackedUser{User: domain.UserID{byte(n), 15: 1}, TimeZone: zone}
		var checks domain.Checks
		for night := range domain.Day(200) {
			user.Today = first + night
			user.Tracked = domain.DayRange{From: first - 6, To: user.Today}
			y, m, d := user.Today.Date().Date()
			now := time.Date(y, m, d, 2, 30, 0, 0, zone.Location())
			var rows []domain.DailySummary
			for d := user.Tracked.From; d <= user.Today; d++ {
				rows = append(rows, domain.DailySummary{Day: d, State: domain.DayOK, Seconds: new(1), TimeZone: string(zone)})
			}
			days := user.DaysToFetch(domain.SyncRequest{Scope: domain.SyncNightly}, rows, domain.Connection{Checks: checks}, now)
			for _, d := range days {
				checks = checks.Add(domain.DayRange{From: d, To: d}, now)
			}
			if night > 60 && len(days) == len(rows) {
				full[user.Today]++
			}
			for d := user.Tracked.From; d <= user.Today; d++ {
				limit := 30
				if age := user.Today - d; age < 7 {
					limit = 1
				} else if age < 30 {
					limit = 7
				}
				if at, ok := checks.At(d); !ok || now.Sub(at) >= time.Duration(limit)*24*time.Hour+2*time.Hour {
					t.Fatalf("user %d: on %s, %s was last checked at %v", n, user.Today, d, at)
				}
			}
			if len(checks) > 40 {
				t.Fatalf("user %d: %d ranges of checks", n, len(checks))
			}
		}
	}
	for day, n := range full {
		if n > 10 {
			t.Errorf("%d of 30 users check all their days in the night of %s", n, day)
		}
	}
}
