package domain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestPlanOfDue(t *testing.T) {
	t.Parallel()

	const zone = domain.TimeZone("Asia/Kathmandu")
	day := domain.NewDay(2026, time.March, 14)
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 14, hour, minute, 0, 0, zone.Location()) }
	nightly := func(now time.Time) *domain.PlannedSync {
		return &domain.PlannedSync{User: domain.UserID{1}, Scope: domain.SyncNightly, At: now, Night: day}
	}
	today := func(now time.Time) *domain.PlannedSync {
		return &domain.PlannedSync{User: domain.UserID{1}, Scope: domain.SyncToday, At: now}
	}

	tests := map[string]struct {
		due  domain.SyncCandidate
		now  time.Time
		want *domain.PlannedSync
	}{
		"at two the night is planned":                            {domain.SyncCandidate{Active: true, PlannedNight: new(day - 1)}, at(2, 0), nightly(at(2, 0))},
		"before two it is too early for the night":               {domain.SyncCandidate{Active: true, PlannedNight: new(day - 1)}, at(1, 59), today(at(1, 59))},
		"a night that was planned is not planned again":          {domain.SyncCandidate{Active: true, PlannedNight: new(day)}, at(3, 0), today(at(3, 0))},
		"a night that was missed is made up for in the evening":  {domain.SyncCandidate{Active: true, PlannedNight: new(day - 5)}, at(23, 30), nightly(at(23, 30))},
		"who was never planned for is planned for":               {domain.SyncCandidate{}, at(12, 0), nightly(at(12, 0))},
		"who is in no active batch is read at night only":        {domain.SyncCandidate{PlannedNight: new(day)}, at(12, 0), nil},
		"who is in no active batch is not read before two":       {domain.SyncCandidate{}, at(1, 0), nil},
		"nobody reads the days of a batch that is long over":     {domain.SyncCandidate{Active: true, Ended: true}, at(12, 0), nil},
		"a night planned for tomorrow, west of here, is planned": {domain.SyncCandidate{Active: true, PlannedNight: new(day + 1)}, at(12, 0), today(at(12, 0))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tt.due.User, tt.due.TimeZone = domain.UserID{1}, zone
			got, ok := tt.due.Plan(tt.now.UTC())

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

func TestEveryNightIsPlannedOnce(t *testing.T) {
	t.Parallel()

	// Both nights on which the clock changes are among these.
	for _, zone := range []domain.TimeZone{"America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati"} {
		due := domain.SyncCandidate{TimeZone: zone, Active: true}
		nights := map[domain.Day]int{}
		start := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC)
		for hour := range 365 * 24 {
			p, ok := due.Plan(start.Add(time.Duration(hour) * time.Hour))
			if !ok {
				t.Fatalf("%s: nothing is planned in hour %d", zone, hour)
			}
			if p.Scope == domain.SyncNightly {
				nights[p.Night]++
				due.PlannedNight = &p.Night
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
		"no days are no question":             {nil, nil},
		"one day is a question":               {days(5), []domain.DayRange{{From: 5, To: 5}}},
		"14 days are one question":            {days(1, 14), []domain.DayRange{{From: 1, To: 14}}},
		"15 days are two":                     {days(1, 15), []domain.DayRange{{From: 15, To: 15}, {From: 1, To: 1}}},
		"the newest come first":               {days(1, 2, 30, 31, 60), []domain.DayRange{{From: 60, To: 60}, {From: 30, To: 31}, {From: 1, To: 2}}},
		"a small gap is cheaper to read over": {days(20, 22, 25), []domain.DayRange{{From: 20, To: 25}}},
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

func TestChunksCoverEveryDayOnceAndAreShort(t *testing.T) {
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
				t.Fatalf("%v is no tight range of at most %d days", c, domain.MaxChunk)
			}
			if i > 0 && c.To >= chunks[i-1].From {
				t.Fatalf("%v are not newest first", chunks)
			}
		}
	})
}
