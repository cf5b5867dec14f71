package domain_test

import (
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestMail_OverdueAfterADayOrWhenItsLinkHasExpired(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		expires time.Time
		after   time.Duration
		want    bool
	}{
		"a notice is sent within a day":            {after: 24*time.Hour - 1},
		"a notice is overdue after a day":          {after: 24 * time.Hour, want: true},
		"a link is sent until it expires":          {expires: at.Add(time.Hour), after: time.Hour - 1},
		"an expired link is overdue":               {expires: at.Add(time.Hour), after: time.Hour, want: true},
		"a link that lasts is overdue after a day": {expires: at.Add(72 * time.Hour), after: 24 * time.Hour, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (domain.Mail{At: at, Expires: tt.expires}).Overdue(at.Add(tt.after)); got != tt.want {
				t.Errorf("Overdue after %v is %v, want %v", tt.after, got, tt.want)
			}
		})
	}
}
