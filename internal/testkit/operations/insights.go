package operations

import (
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
)

const nothingJSON = `{"expected_days": 0, "known_days": 0, "ok_days": 0, "empty_days": 0, "partial_days": 0, "pending_days": 0, "plan_limited_days": 0,
	"error_days": 0, "disconnected_days": 0, "share": 1, "seconds": 0, "ai_seconds": 0, "ai_unknown_days": 0, "partial_seconds": 0}`

func (p *Ports) insights() *mock.MockInsightsMockRecorder {
	return p.Insights.(*mock.MockInsights).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) {
		u.Insights = mock.NewMockInsights(c)
	}, func() map[string]Operation {
		return map[string]Operation{
			"GetDashboard": {
				Access:   Access{Want: adminsOnly},
				Examples: Examples{"autumn": {As: "mira"}},
				Calls: Calls{
					"returns the dashboard": {
						Request: get("/admin/dashboard"),
						Ports: func(p *Ports) {
							p.insights().Dashboard(anything, p.Actor).Return(domain.Dashboard{
								At:            Now,
								UsersByRole:   map[domain.Role]int{domain.RoleAdmin: 1, domain.RoleInstructor: 2, domain.RoleStudent: 3},
								ActiveBatches: 4, StudentsEnrolled: 3, StudentsConnected: 2, JobsFailing: 5,
								Last7:  domain.CodingTotal{Days: 7, Seconds: 1 << 40, AISeconds: 1 << 39, PartialSeconds: 60, Known: 10, AIUnknown: 4, Partial: 3, Missed: 1},
								Last30: domain.CodingTotal{Days: 30, Seconds: 1 << 41, Known: 40, Missed: 2},
								Newest: []domain.Student{Student()},
								Batches: []domain.ActiveBatch{
									{
										ID: ID[domain.Batch](BatchID), Name: "Autumn", TimeZone: "UTC", EndsOn: domain.NewDay(2026, time.December, 18), Students: 3, Connected: 2,
										Measure: domain.Measure{AITime: domain.AIExcluded}, MedianSeconds: new(7200), LastWeek: new(Week()),
									},
									{ID: ID[domain.Batch](BatchID), Name: "Quiet", TimeZone: "UTC", EndsOn: domain.NewDay(2027, time.January, 1), Measure: domain.Measure{AITime: domain.AIIncluded}},
								},
							}, nil)
						},
						Status: 200, Response: `{"at": "2026-11-23T12:00:00Z", "users": {"admin": 1, "instructor": 2, "student": 3, "member": 0},
				"active_batches": 4, "students_enrolled": 3, "students_connected": 2, "jobs_failing": 5,
				"last_7_days": {"days": 7, "seconds": 1099511627776, "ai_seconds": 549755813888, "partial_seconds": 60,
					"known_days": 10, "ai_unknown_days": 4, "partial_days": 3, "missed_days": 1},
				"last_30_days": {"days": 30, "seconds": 2199023255552, "ai_seconds": 0, "partial_seconds": 0,
					"known_days": 40, "ai_unknown_days": 0, "partial_days": 0, "missed_days": 2},
				"newest_students": [` + StudentJSON + `],
				"batches": [
					{"id": "` + BatchID + `", "name": "Autumn", "time_zone": "UTC", "ends_on": "2026-12-18", "students": 3, "students_connected": 2,
						` + measureJSON + `, "median_seconds": 7200, "last_week": ` + WeekJSON + `},
					{"id": "` + BatchID + `", "name": "Quiet", "time_zone": "UTC", "ends_on": "2027-01-01", "students": 0, "students_connected": 0,
						"measure": {"ai_time": "include", "keystroke_timeout_minutes": 15, "writes_only": false}, "median_seconds": null, "last_week": null}]}`,
					},
				},
			},
		}
	})
}
