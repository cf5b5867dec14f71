package wakatime_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// oddZones have extreme offsets or clock changes.
var oddZones = []domain.TimeZone{"America/Chicago", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe", "Pacific/Apia", "UTC"}

// oddDays are near clock changes, ends of years and a leap day.
func oddDays() []domain.Day {
	var out []domain.Day
	for _, d := range []time.Time{
		time.Date(2024, time.February, 29, 0, 0, 0, 0, time.UTC), time.Date(2024, time.December, 31, 0, 0, 0, 0, time.UTC),
		time.Date(2025, time.March, 9, 0, 0, 0, 0, time.UTC), time.Date(2025, time.April, 6, 0, 0, 0, 0, time.UTC),
		time.Date(2025, time.October, 5, 0, 0, 0, 0, time.UTC), time.Date(2025, time.November, 2, 0, 0, 0, 0, time.UTC),
		time.Date(2025, time.December, 31, 0, 0, 0, 0, time.UTC), time.Date(2026, time.March, 8, 0, 0, 0, 0, time.UTC),
		time.Date(2026, time.April, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, time.October, 4, 0, 0, 0, 0, time.UTC),
		time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC),
	} {
		out = append(out, domain.DayAt(d, time.UTC))
	}
	return out
}

// newZoneServer returns an in-memory fake WakaTime with a user in each odd zone.
func newZoneServer(t *testing.T) (*fakewaka.Server, *wakatime.Client) {
	t.Helper()
	cfg := fakewaka.Config{Seed: 11, Now: clock}
	for _, z := range oddZones {
		cfg.People = append(cfg.People, fakewaka.Person{
			Username: string(z), TimeZone: string(z), Activity: fakewaka.Activity{WeeklyHours: 60, WeekendShare: 0.4},
		})
	}
	fake := fakewaka.New(cfg)
	c := newClient(t, "https://wakatime.example")
	c.SetTransport(serve(fake.Handler()))
	return fake, c
}

// testQuery requests the days of a user of one zone in another zone.
type testQuery struct {
	who   domain.TimeZone
	zone  domain.TimeZone
	days  domain.DayRange
	cred  domain.Credential
	style string
}

func drawQuery(t *rapid.T, fake *fakewaka.Server) testQuery {
	q := testQuery{
		who:   rapid.SampledFrom(oddZones).Draw(t, "who"),
		zone:  rapid.SampledFrom(oddZones).Draw(t, "zone"),
		style: rapid.SampledFrom([]string{"", "https://wakatime.example/api/compat/wakatime/v1"}).Draw(t, "style"),
	}
	q.days.From = rapid.SampledFrom(oddDays()).Draw(t, "near") - domain.Day(rapid.IntRange(0, domain.MaxChunk).Draw(t, "before"))
	q.days.To = q.days.From + domain.Day(rapid.IntRange(0, domain.MaxChunk-1).Draw(t, "more"))
	q.cred = domain.Credential{
		User: user, Kind: domain.ConnectedByKey, BaseURL: q.style, Token: domain.Secret(fake.APIKey(string(q.who))),
	}
	return q
}

func TestSummaries_EveryDayInTheRequestedZone(t *testing.T) {
	t.Parallel()
	fake, c := newZoneServer(t)
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuery(t, fake)
		got, err := c.Summaries(t.Context(), q.cred, q.zone, q.days)
		if err != nil {
			t.Fatal(err)
		}
		checkDays(t, fake, got, string(q.who), q.zone, q.days)
	})
}

func TestSummaries_DetectsAnIgnoredZone(t *testing.T) {
	t.Parallel()
	fake, c := newZoneServer(t)
	fake.SetScenario("", fakewaka.Scenario{IgnoreTimezone: true})
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuery(t, fake)
		got, err := c.Summaries(t.Context(), q.cred, q.zone, q.days)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range got.Days {
			// If midnights coincide, the days are the same or a whole day apart.
			requested, own := d.Day.Start(q.zone.Location()), d.Day.Start(q.who.Location())
			zone := q.who
			other := true
			if d.TimeZone == string(q.zone) {
				zone, other = q.zone, false
				if h := requested.Sub(own); h%(24*time.Hour) != 0 {
					t.Errorf("%s has zone %s, but its start differs by %s", d.Day, q.zone, h)
				}
			}
			if d.Failure == domain.ReasonMissingDay && requested.Sub(own)%(24*time.Hour) == 0 && !requested.Equal(own) {
				continue
			}
			if seconds := fake.Seconds(string(q.who), d.Day.String(), zone.Location()); d.Seconds != seconds || d.OtherZone != other || d.Failure != "" {
				t.Errorf("%s is %+v, want %d seconds, in another zone: %t", d.Day, d, seconds, other)
			}
		}
	})
}

func TestSummaries_DayWithoutMidnight(t *testing.T) {
	t.Parallel()
	const cairo = domain.TimeZone("Africa/Cairo")
	fake := fakewaka.New(fakewaka.Config{Now: clock, People: []fakewaka.Person{
		{Username: "nour", TimeZone: string(cairo), Activity: fakewaka.Activity{WeeklyHours: 80, WeekendShare: 0.5}},
	}})
	web := httptest.NewServer(fake.Handler())
	t.Cleanup(web.Close)
	c := newClient(t, web.URL)
	r := days(t, "2026-04-22", "2026-04-26")
	cred := domain.Credential{Kind: domain.ConnectedByKey, Token: domain.Secret(fake.APIKey("nour"))}
	got, err := c.Summaries(t.Context(), cred, cairo, r)
	if err != nil {
		t.Fatal(err)
	}
	checkDays(t, fake, got, "nour", cairo, r)
}
