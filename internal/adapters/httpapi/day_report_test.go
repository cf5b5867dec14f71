package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

// yearOfDays returns days of every kind, with text that JSON has to escape.
func yearOfDays() domain.StudentCoverage {
	s := domain.StudentCoverage{TimeZone: "Asia/Kathmandu", Range: domain.DayRange{From: 20_000, To: 20_365}}
	at := time.Date(2026, 10, 14, 12, 0, 0, 123_456_000, time.UTC)
	for d := s.Range.From; d <= s.Range.To; d++ {
		day := domain.DailySummary{
			Day: d, State: domain.DayOK, Seconds: new(3600), AISeconds: new(60), TimeZone: "Asia/Kathmandu", Account: 1,
			Source: "wakatime.com", Username: "ada", ChangedAt: &at, CheckedAt: &at,
		}
		for i, dimension := range domain.Dimensions {
			day.Shares = append(day.Shares, domain.Share{Dimension: dimension, Name: "Go", Seconds: 3600 - i}, domain.Share{Dimension: dimension, Name: "SQL", Seconds: i})
		}
		switch d % 30 {
		case 0:
			day = domain.DailySummary{Day: d, State: domain.DayError, Reason: domain.ReasonUnavailable, Attempts: 3, Source: "waka.example"}
		case 1:
			day = domain.DailySummary{Day: d, State: domain.DayPending}
		case 2:
			day.Username, day.OtherSeconds, day.ChangedAt = "Zoë \"<&>\" \u2028\x7f\\", 60, new(at.Add(time.Hour))
			day.Shares = []domain.Share{{Dimension: domain.ByProject, Name: "a\tb\xff", Seconds: 1}, {Dimension: domain.ByLanguage, Name: "🚀"}, {Dimension: "new"}, {Dimension: domain.ByProject, Name: "c"}}
		case 3:
			day.Absent, day.Shares, day.AISeconds = []domain.Dimension{domain.ByMachine, domain.ByCategory}, nil, nil
		}
		s.Days = append(s.Days, day)
	}
	return s
}

func TestDayReport_IsEncodedAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	none := yearOfDays()
	none.Days = nil
	for name, s := range map[string]domain.StudentCoverage{"a year": yearOfDays(), "no day": none} {
		var want bytes.Buffer
		report := dayReportJSON(s)
		for i := range s.Days {
			var alone days
			report.Days = append(report.Days, *alone.detailedDay(&s.Days[i]))
		}
		if err := json.NewEncoder(&want).Encode(report); err != nil {
			t.Fatal(err)
		}
		got := httptest.NewRecorder()
		if err := dayReport(s).VisitListMyDaysResponse(got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.Body.String()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// discarded is a response that nobody reads.
type discarded struct{}

func (discarded) Header() http.Header         { return http.Header{} }
func (discarded) Write(b []byte) (int, error) { return len(b), nil }
func (discarded) WriteHeader(int)             {}

// A year must not become more expensive unnoticed.
//
//nolint:paralleltest // AllocsPerRun counts the allocations of all tests that run.
func TestDayReport_AllocatesLittle(t *testing.T) {
	s := yearOfDays()
	n := testing.AllocsPerRun(20, func() {
		if err := dayReport(s).write(discarded{}); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%.0f allocations", n)
	if n > 700 { // 588, and more with the race detector, which empties pools at random
		t.Errorf("a year costs %.0f allocations, want at most 700", n)
	}
}
