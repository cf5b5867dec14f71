package domain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestSyncCandidate_Plan(t *testing.T) {
	t.Parallel()

	const zone = domain.TimeZone("Asia/Kathmandu")
	day := domain.NewDay(2026, time.March, 14)
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 14, hour, minute, 0, 0, zone.Location()) }
	nightly := func(now time.Time) *domain.PlannedSync {
		return &domain.PlannedSync{User: domain.UserID{1}, SyncRequest: domain.SyncRequest{Scope: domain.SyncNightly}, At: now, Night: day}
	}
	today := func(now time.Time) *domain.PlannedSync {
		return &domain.PlannedSync{User: domain.UserID{1}, SyncRequest: domain.SyncRequest{Scope: domain.SyncToday}, At: now}
	}

	tests := map[string]struct {
		candidate domain.SyncCandidate
		now       time.Time
		want      *domain.PlannedSync
	}{
		"the nightly sync is planned at two":                                   {domain.SyncCandidate{Active: true, PlannedNight: new(day - 1)}, at(2, 0), nightly(at(2, 0))},
		"the nightly sync is not planned before two":                           {domain.SyncCandidate{Active: true, PlannedNight: new(day - 1)}, at(1, 59), today(at(1, 59))},
		"a night is not planned twice":                                         {domain.SyncCandidate{Active: true, PlannedNight: new(day)}, at(3, 0), today(at(3, 0))},
		"a missed night is planned later the same day":                         {domain.SyncCandidate{Active: true, PlannedNight: new(day - 5)}, at(23, 30), nightly(at(23, 30))},
		"a user who was never planned is planned":                              {domain.SyncCandidate{}, at(12, 0), nightly(at(12, 0))},
		"a user without an active batch has nightly syncs only":                {domain.SyncCandidate{PlannedNight: new(day)}, at(12, 0), nil},
		"a user without an active batch has no sync before two":                {domain.SyncCandidate{}, at(1, 0), nil},
		"a batch that ended long ago has no syncs":                             {domain.SyncCandidate{Active: true, Ended: true}, at(12, 0), nil},
		"a night that was planned in a zone further east is not planned again": {domain.SyncCandidate{Active: true, PlannedNight: new(day + 1)}, at(12, 0), today(at(12, 0))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tt.candidate.User, tt.candidate.TimeZone = domain.UserID{1}, zone
			got, ok := tt.candidate.Plan(tt.now.UTC())

			if want := tt.want; ok != (want != nil) {
				t.Fatalf("Plan: %+v, %t; want %+v", got, ok, want)
			}
			if tt.want == nil {
				return
			}
			if diff := cmp.Diff(*tt.want, got); diff != "" {
				t.Errorf("Plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSyncCandidate_PlansEveryNightOnce(t *testing.T) {
	t.Parallel()

	// The year includes both clock changes.
	for _, zone := range []domain.TimeZone{"America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati"} {
		candidate := domain.SyncCandidate{TimeZone: zone, Active: true}
		nights := map[domain.Day]int{}
		start := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC)
		for hour := range 365 * 24 {
			p, ok := candidate.Plan(start.Add(time.Duration(hour) * time.Hour))
			if !ok {
				t.Fatalf("%s: nothing is planned in hour %d", zone, hour)
			}
			if p.Scope == domain.SyncNightly {
				nights[p.Night]++
				candidate.PlannedNight = &p.Night
			}
		}
		first := domain.NewDay(2026, time.January, 2)
		for day := first; day < first+363; day++ {
			if nights[day] != 1 {
				t.Errorf("%s: the night of %s is planned %d times", zone, day, nights[day])
			}
		}
	}
}

// daysUntil returns the days from 1 to last.
func daysUntil(last domain.Day) (out []domain.Day) {
	for d := domain.Day(1); d <= last; d++ {
		out = append(out, d)
	}
	return out
}

func TestChunks(t *testing.T) {
	t.Parallel()

	days := func(ns ...int) []domain.Day {
		var out []domain.Day
		for _, n := range ns {
			out = append(out, domain.Day(n))
		}
		return out
	}
	tests := map[string]struct {
		days []domain.Day
		want []domain.DayRange
	}{
		"no days need no request":    {nil, nil},
		"one day needs one request":  {days(5), []domain.DayRange{{From: 5, To: 5}}},
		"14 days need one request":   {days(1, 14), []domain.DayRange{{From: 1, To: 14}}},
		"15 days need two requests":  {days(1, 15), []domain.DayRange{{From: 15, To: 15}, {From: 1, To: 1}}},
		"the newest days come first": {days(1, 2, 30, 31, 60), []domain.DayRange{{From: 60, To: 60}, {From: 30, To: 31}, {From: 1, To: 2}}},
		"a year needs two requests":  {daysUntil(365), []domain.DayRange{{From: 352, To: 365}, {From: 1, To: 351}}},
		"large gaps are left out":    {append(days(1, 2, 20), daysUntil(365)[325:]...), []domain.DayRange{{From: 352, To: 365}, {From: 326, To: 351}, {From: 20, To: 20}, {From: 1, To: 2}}},
		"small gaps are included":    {days(20, 22, 25), []domain.DayRange{{From: 20, To: 25}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if diff := cmp.Diff(tt.want, domain.Chunks(tt.days)); diff != "" {
				t.Errorf("Chunks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChunks_CoverEveryDayOnce(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfDistinct(rapid.Map(rapid.Int32Range(20_000, 20_400), func(n int32) domain.Day { return domain.Day(n) }), rapid.ID[domain.Day]).Draw(t, "days")
		slices.Sort(days)
		chunks := domain.Chunks(days)
		for _, d := range days {
			if n := len(slices.Collect(func(yield func(domain.DayRange) bool) {
				for _, c := range chunks {
					if c.Contains(d) && !yield(c) {
						return
					}
				}
			})); n != 1 {
				t.Fatalf("day %d is in %d of %v", d, n, chunks)
			}
		}
		for i, c := range chunks {
			if c.Len() < 1 || c.Len() > domain.MaxChunk || !slices.Contains(days, c.From) || !slices.Contains(days, c.To) {
				t.Fatalf("%v is not a minimal range of at most %d days", c, domain.MaxChunk)
			}
			if i > 0 && c.To >= chunks[i-1].From {
				t.Fatalf("%v are not sorted newest first", chunks)
			}
		}
	})
}
