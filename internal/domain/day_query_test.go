package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestDayQuestion(t *testing.T) {
	t.Parallel()

	// At noon UTC it is today in most of the world, and tomorrow in Kiritimati.
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	today := domain.NewDay(2026, 11, 24)
	tests := map[string]struct {
		q     domain.DayQuery
		today domain.Day
		want  domain.DayRange
		wrong bool // by the calendar of one zone
		check bool // in every zone
	}{
		"open ends are the last thirty days":                {q: domain.DayQuery{}, today: today, want: domain.DayRange{From: today - 29, To: today}},
		"a start alone goes up to today":                    {q: domain.DayQuery{From: new(today - 3)}, today: today, want: domain.DayRange{From: today - 3, To: today}},
		"an end alone has thirty days before it":            {q: domain.DayQuery{To: new(today - 100)}, today: today, want: domain.DayRange{From: today - 129, To: today - 100}},
		"one day is a range":                                {q: domain.DayQuery{From: new(today), To: new(today)}, today: today, want: domain.DayRange{From: today, To: today}},
		"366 days are a range":                              {q: domain.DayQuery{From: new(today - 365)}, today: today, want: domain.DayRange{From: today - 365, To: today}},
		"one more is too long, but not everywhere":          {q: domain.DayQuery{From: new(today - 366)}, today: today, want: domain.DayRange{From: today - 366, To: today}, wrong: true},
		"two more are too long everywhere":                  {q: domain.DayQuery{From: new(today - 367)}, today: today, want: domain.DayRange{From: today - 367, To: today}, wrong: true, check: true},
		"a start tomorrow is reversed, but not everywhere":  {q: domain.DayQuery{From: new(today + 1)}, today: today, want: domain.DayRange{From: today + 1, To: today}, wrong: true},
		"a start the day after is reversed everywhere":      {q: domain.DayQuery{From: new(today + 2)}, today: today, want: domain.DayRange{From: today + 2, To: today}, wrong: true, check: true},
		"a start after the end is reversed everywhere":      {q: domain.DayQuery{From: new(today), To: new(today - 1)}, today: today, want: domain.DayRange{From: today, To: today - 1}, wrong: true, check: true},
		"both ends can be too far apart in every time zone": {q: domain.DayQuery{From: new(today - 366), To: new(today)}, today: today, want: domain.DayRange{From: today - 366, To: today}, wrong: true, check: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := tt.q.Range(tt.today)

			if got != tt.want || errors.Is(err, domain.ErrInvalid) != tt.wrong || (err == nil) == tt.wrong {
				t.Errorf("Range: got %v, %v, want %v", got, err, tt.want)
			}
			if err := tt.q.Check(now); errors.Is(err, domain.ErrInvalid) != tt.check || (err == nil) == tt.check {
				t.Errorf("Check: got error %v", err)
			}
		})
	}
}
