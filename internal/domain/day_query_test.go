package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestDayQuery(t *testing.T) {
	t.Parallel()

	// At noon UTC it is already the next day in Kiritimati.
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	today := domain.NewDay(2026, 11, 24)
	tests := map[string]struct {
		q       domain.DayQuery
		today   domain.Day
		want    domain.DayRange
		invalid bool // in one time zone
		never   bool // invalid in every time zone
	}{
		"an empty query is the last 30 days":                            {q: domain.DayQuery{}, today: today, want: domain.DayRange{From: today - 29, To: today}},
		"the end defaults to today":                                     {q: domain.DayQuery{From: new(today - 3)}, today: today, want: domain.DayRange{From: today - 3, To: today}},
		"the start defaults to 30 days before the end":                  {q: domain.DayQuery{To: new(today - 100)}, today: today, want: domain.DayRange{From: today - 129, To: today - 100}},
		"a range of one day is valid":                                   {q: domain.DayQuery{From: new(today), To: new(today)}, today: today, want: domain.DayRange{From: today, To: today}},
		"a range of 366 days is valid":                                  {q: domain.DayQuery{From: new(today - 365)}, today: today, want: domain.DayRange{From: today - 365, To: today}},
		"367 days are too long, but not in every time zone":             {q: domain.DayQuery{From: new(today - 366)}, today: today, want: domain.DayRange{From: today - 366, To: today}, invalid: true},
		"368 days are too long in every time zone":                      {q: domain.DayQuery{From: new(today - 367)}, today: today, want: domain.DayRange{From: today - 367, To: today}, invalid: true, never: true},
		"a start tomorrow is reversed, but not in every time zone":      {q: domain.DayQuery{From: new(today + 1)}, today: today, want: domain.DayRange{From: today + 1, To: today}, invalid: true},
		"a start the day after tomorrow is reversed in every time zone": {q: domain.DayQuery{From: new(today + 2)}, today: today, want: domain.DayRange{From: today + 2, To: today}, invalid: true, never: true},
		"a start after the end is reversed in every time zone":          {q: domain.DayQuery{From: new(today), To: new(today - 1)}, today: today, want: domain.DayRange{From: today, To: today - 1}, invalid: true, never: true},
		"a closed range of 367 days is too long in every time zone":     {q: domain.DayQuery{From: new(today - 366), To: new(today)}, today: today, want: domain.DayRange{From: today - 366, To: today}, invalid: true, never: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := tt.q.Range(tt.today)

			if got != tt.want || errors.Is(err, domain.ErrInvalid) != tt.invalid || (err == nil) == tt.invalid {
				t.Errorf("Range: got %v, %v, want %v", got, err, tt.want)
			}
			if err := tt.q.Check(now); errors.Is(err, domain.ErrInvalid) != tt.never || (err == nil) == tt.never {
				t.Errorf("Check: got error %v", err)
			}
			span := tt.q.Span(now)
			if span.Len() > domain.MaxDays+2 {
				t.Errorf("Span: got %v, which are %d days", span, span.Len())
			}
			for today := tt.today - 1; today <= tt.today+1; today++ {
				if r, err := tt.q.Range(today); err == nil && r.Intersect(span) != r {
					t.Errorf("Span: got %v, which does not contain %v", span, r)
				}
			}
		})
	}
}

// A range does not start before the first day that a response may name.
func TestDayQuery_StartsInRange(t *testing.T) {
	t.Parallel()

	today := domain.NewDay(2026, time.October, 14)
	for to, want := range map[domain.Day]domain.Day{
		domain.MinDay:      domain.MinDay,
		domain.MinDay + 28: domain.MinDay,
		domain.MinDay + 30: domain.MinDay + 1,
		domain.MaxDay:      domain.MaxDay - 29,
	} {
		q := domain.DayQuery{To: &to}
		r, err := q.Range(today)
		if start := q.Start(); err != nil || r.From != want || *start != want {
			t.Errorf("the range until %s starts on %s (%s): %v; want %s", to, r.From, start, err, want)
		}
	}
	if q := (domain.DayQuery{}); q.Start() != nil {
		t.Errorf("a range until today starts on %s", q.Start())
	}
}

func TestDay_InRange(t *testing.T) {
	t.Parallel()

	for at, want := range map[string]bool{
		"1899-12-31T23:59:59Z": false, "1900-01-01T00:00:00Z": true, "1900-01-01T00:00:00+00:01": false, "1899-12-31T23:59:00-00:01": true,
		"2999-12-31T23:59:59.999999999Z": true, "3000-01-01T00:00:00Z": false, "9999-12-31T23:59:59-12:00": false, "0001-01-01T00:00:00+14:00": false,
	} {
		instant, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := domain.TimeInRange(instant); got != want {
			t.Errorf("%s is in range: %t, want %t", at, got, want)
		}
	}
}

func TestDayRange_CheckStudents(t *testing.T) {
	t.Parallel()
	today := domain.NewDay(2026, time.November, 28)
	for _, tt := range []struct {
		students, days int
		detail         string // empty if the range is accepted
	}{
		{students: 0, days: domain.MaxDays},
		{students: 135, days: domain.MaxDays},
		{students: 163, days: domain.MaxDays},
		{students: 2000, days: domain.DefaultDays},
		{students: 60_000, days: 1},
		{students: 164, days: domain.MaxDays, detail: "164 students times 366 days are 60024 student-days. The maximum is 60000. Request at most 365 days at once."},
		{students: 2000, days: domain.MaxDays, detail: "2000 students times 366 days are 732000 student-days. The maximum is 60000. Request at most 30 days at once."},
		{students: 60_001, days: 1, detail: "60001 students times 1 days are 60001 student-days. The maximum is 60000. Read the days of one student at a time."},
	} {
		err := domain.DayRange{From: today - domain.Day(tt.days) + 1, To: today}.CheckStudents(tt.students)
		if tt.detail == "" {
			if err != nil {
				t.Errorf("%d students, %d days: %v", tt.students, tt.days, err)
			}
			continue
		}
		e, ok := errors.AsType[*domain.Error](err)
		if !ok || e.Code != "range_too_large" || e.Detail != tt.detail || len(e.Fields) != 1 || e.Fields[0].Field != "from" || e.Fields[0].Detail != tt.detail {
			t.Errorf("%d students, %d days: %#v, want the detail %q", tt.students, tt.days, err, tt.detail)
		}
	}
}
