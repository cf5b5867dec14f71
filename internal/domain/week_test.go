package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestDayCounter_EqualsLedger(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		const today = domain.Day(1000)
		start, end := rapid.IntRange(-20, 5).Draw(t, "start"), rapid.IntRange(-20, 20).Draw(t, "end")
		user := domain.TrackedUser{
			Today: today, TimeZone: domain.UTC, EverConnected: true,
			Connection: rapid.SampledFrom([]domain.ConnectionState{domain.Connected, domain.NeedsReconnect, domain.NotConnected}).Draw(t, "connection"),
			Tracked:    domain.TrackedDays(today+domain.Day(start), today, new(today+domain.Day(end))),
		}
		week := domain.DayRange{From: today - 6, To: today}
		count := user.Count(week)
		var rows []domain.DailySummary
		for day := today - 9; day <= today+2; day++ {
			if rapid.Bool().Draw(t, "no row") {
				continue
			}
			d := dayIn(rapid.SampledFrom([]domain.DayState{domain.DayOK, domain.DayEmpty, domain.DayPartial, domain.DayPending, domain.DayPlanLimited, domain.DayError}).Draw(t, "state"), rapid.IntRange(0, 90).Draw(t, "seconds"), rapid.SampledFrom([]*int{nil, new(0), new(9)}).Draw(t, "ai"))
			d.Day = day
			rows = append(rows, d)
		}
		for i := range rows {
			count.Add(rows[len(rows)-1-i].Bare())
		}
		if diff := cmp.Diff(user.Ledger(week, rows).Total, count.Total()); diff != "" {
			t.Fatalf("(-Ledger +DayCounter):\n%s", diff)
		}
	})
}
