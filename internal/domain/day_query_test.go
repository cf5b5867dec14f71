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
		})
	}
}
