package domain_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestDailySummary_Receive(t *testing.T) {
	t.Parallel()

	const zone = "Asia/Kathmandu"
	day := domain.NewDay(2026, time.November, 23)
	end := day.End(domain.TimeZone(zone).Location())
	during, after := end.Add(-time.Nanosecond), end
	fetched := func(seconds int, change ...func(*domain.FetchedDay)) domain.FetchedDay {
		f := domain.FetchedDay{Day: day, Seconds: seconds, AISeconds: new(seconds / 10), TimeZone: zone}
		for _, c := range change {
			c(&f)
		}
		return f
	}
	row := func(state domain.DayState, seconds int, change ...func(*domain.DailySummary)) domain.DailySummary {
		s := domain.DailySummary{Day: day, State: state, Seconds: &seconds, AISeconds: new(seconds / 10), TimeZone: zone, Account: 1}
		for _, c := range change {
			c(&s)
		}
		return s
	}
	failed := domain.DailySummary{Day: day, State: domain.DayError, Reason: domain.ReasonUnavailable, Attempts: 3}
	other := func(s *domain.DailySummary) { s.Account = 2 }
	utc := func(f *domain.FetchedDay) { f.TimeZone, f.OtherZone = "UTC", true }
	noCategories := func(f *domain.FetchedDay) { f.AISeconds, f.Absent = nil, []domain.Dimension{domain.ByCategory} }

	tests := map[string]struct {
		before  domain.DailySummary
		day     domain.FetchedDay
		asked   time.Time
		want    domain.DailySummary
		changed bool
	}{
		"a day requested after it ended is known":                    {domain.DailySummary{Day: day}, fetched(60), after, row(domain.DayOK, 60), true},
		"a day requested after it ended without time is empty":       {domain.DailySummary{Day: day}, fetched(0), after, row(domain.DayEmpty, 0), true},
		"a day requested before it ended is partial":                 {domain.DailySummary{Day: day}, fetched(60), during, row(domain.DayPartial, 60), true},
		"a day without time so far is partial, not empty":            {domain.DailySummary{Day: day}, fetched(0), during, row(domain.DayPartial, 0), true},
		"the same seconds after the end of a partial day make it ok": {row(domain.DayPartial, 60), fetched(60), after, row(domain.DayOK, 60), true},
		"the same response changes nothing":                          {row(domain.DayOK, 60), fetched(60), after, row(domain.DayOK, 60), false},
		"late heartbeats change a known day":                         {row(domain.DayOK, 60), fetched(90), after, row(domain.DayOK, 90), true},
		"a lower total replaces a higher one":                        {row(domain.DayOK, 60), fetched(30), after, row(domain.DayOK, 30), true},
		"a success resets failed attempts":                           {failed, fetched(60), after, row(domain.DayOK, 60), true},
		"a response that is older than a known day is ignored":       {row(domain.DayOK, 60), fetched(30), during, row(domain.DayOK, 60), false},
		"accepted days stay where the current account has no time":   {row(domain.DayOK, 60, other), fetched(0), after, row(domain.DayOK, 60, other), false},
		"accepted days give way to time of the current account":      {row(domain.DayOK, 60, other), fetched(30), after, row(domain.DayOK, 30), true},
		"an empty accepted day gives way":                            {row(domain.DayEmpty, 0, other), fetched(0), after, row(domain.DayEmpty, 0), true},
		"a day in another zone ends there": {
			domain.DailySummary{Day: day},
			fetched(60, utc), after,
			row(domain.DayPartial, 60, func(s *domain.DailySummary) { s.TimeZone, s.Reason = "UTC", domain.ReasonOtherZone }), true,
		},
		"a day in an unknown zone ends when it has ended everywhere": {
			domain.DailySummary{Day: day},
			fetched(60, func(f *domain.FetchedDay) { f.TimeZone = "Mars" }), day.End(time.UTC),
			row(domain.DayPartial, 60, func(s *domain.DailySummary) { s.TimeZone = "Mars" }), true,
		},
		"a server without categories does not tell AI time": {
			domain.DailySummary{Day: day},
			fetched(60, noCategories), after,
			row(domain.DayOK, 60, func(s *domain.DailySummary) { s.AISeconds, s.Absent = nil, []domain.Dimension{domain.ByCategory} }), true,
		},
		"an invalid day is a failed attempt": {
			domain.DailySummary{Day: day},
			domain.FetchedDay{Day: day, Failure: domain.ReasonInvalid},
			after,
			domain.DailySummary{Day: day, State: domain.DayError, Reason: domain.ReasonInvalid, Attempts: 1},
			true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, changed := tt.before.Receive(tt.day, 1, tt.asked)
			if diff := cmp.Diff(tt.want, got); diff != "" || changed != tt.changed {
				t.Errorf("Receive: changed %t (-want +got):\n%s", changed, diff)
			}
		})
	}
}

func TestDailySummary_Fail(t *testing.T) {
	t.Parallel()

	partial := domain.DailySummary{Day: 5, State: domain.DayPartial, Seconds: new(60)}
	known := domain.DailySummary{Day: 5, State: domain.DayEmpty, Seconds: new(0)}
	pending := domain.DailySummary{Day: 5, State: domain.DayPending, Reason: domain.ReasonNewAccount}
	failed := func(s domain.DailySummary, state domain.DayState, r domain.Reason) domain.DailySummary {
		s.State, s.Reason, s.Attempts = state, r, s.Attempts+1
		return s
	}
	tests := map[string]struct {
		before  domain.DailySummary
		reason  domain.Reason
		want    domain.DailySummary
		changed bool
	}{
		"a known day stays known":                     {known, domain.ReasonUnavailable, known, false},
		"a partial day keeps its seconds":             {partial, domain.ReasonUnavailable, failed(partial, domain.DayPartial, domain.ReasonUnavailable), true},
		"a partial day that the plan hides":           {partial, domain.ReasonPlanLimited, failed(partial, domain.DayPartial, domain.ReasonPlanLimited), true},
		"an outage is an error":                       {pending, domain.ReasonUnavailable, failed(pending, domain.DayError, domain.ReasonUnavailable), true},
		"a day that is still being computed":          {pending, domain.ReasonNotReady, failed(pending, domain.DayPending, domain.ReasonNotReady), true},
		"a throttled request leaves the day pending":  {pending, domain.ReasonThrottled, failed(pending, domain.DayPending, domain.ReasonThrottled), true},
		"a day that the plan hides":                   {pending, domain.ReasonPlanLimited, failed(pending, domain.DayPlanLimited, domain.ReasonPlanLimited), true},
		"a day that was missing in the response":      {pending, domain.ReasonMissingDay, failed(pending, domain.DayError, domain.ReasonMissingDay), true},
		"the number of failed attempts has a maximum": {domain.DailySummary{Attempts: 32_767}, domain.ReasonUnavailable, domain.DailySummary{Attempts: 32_767, State: domain.DayError, Reason: domain.ReasonUnavailable}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, changed := tt.before.Fail(tt.reason)
			if diff := cmp.Diff(tt.want, got); diff != "" || changed != tt.changed {
				t.Errorf("Fail: changed %t (-want +got):\n%s", changed, diff)
			}
		})
	}
}
