package httpapi_test

import (
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	weekJSON = `{"expected_days": 7, "known_days": 4, "ok_days": 3, "empty_days": 1, "pending_days": 1, "plan_limited_days": 0,
		"error_days": 1, "disconnected_days": 1, "share": 0.5714285714285714, "seconds": 10800}`
	studentJSON = `{"id": "` + adaID + `", "name": "Ada Brandt", "email": "ada@example.com", "batch_id": "` + batchID + `",
		"batch_name": "Autumn", "time_zone": "America/Chicago", "status": "active", "enrolled_at": "` + agoText + `",
		"connection": "needs_reconnect", "last_week": ` + weekJSON + `}`
)

func week() domain.Coverage {
	return domain.Coverage{Expected: 7, OK: 3, Empty: 1, Pending: 1, Error: 1, Disconnected: 1, Seconds: 10800}
}

func student() domain.Student {
	return domain.Student{
		ID: id[domain.User](adaID), Name: "Ada Brandt", Email: "ada@example.com", Batch: id[domain.Batch](batchID), BatchName: "Autumn",
		TimeZone: "America/Chicago", Status: domain.EnrolmentActive, EnrolledAt: ago, Connection: domain.NeedsReconnect, LastWeek: week(),
	}
}

func studentRows() map[string]row {
	ada := student()
	return map[string]row{
		"with a key": {
			operation: "JoinBatch", call: post("/me/enrolment", `{"registration_key": "k3y-k3y"}`),
			port:   func(s *server) { s.Students.EXPECT().Join(anything, s.Actor, "k3y-k3y").Return(ada, nil) },
			status: 201, want: studentJSON, headers: map[string]string{"Location": "/api/v1/students/" + adaID},
		},
		"all that the actor sees": {
			operation: "ListStudents", call: get("/students"),
			port: func(s *server) {
				s.Students.EXPECT().Students(anything, s.Actor, domain.StudentFilter{}, domain.PageRequest{Limit: defaultLimit}).
					Return(domain.Page[domain.Student]{}, nil)
			},
			status: 200, want: `{"items": [], "next": null}`,
		},
		"by batch, status, name and connection": {
			operation: "ListStudents", call: get("/students?batch_id=" + batchID + "&status=paused&search=ada&connected=false&after=c1&limit=1"),
			port: func(s *server) {
				s.Students.EXPECT().Students(anything, s.Actor, domain.StudentFilter{
					Batch: ada.Batch, Status: domain.EnrolmentPaused, Search: "ada", Connected: new(false),
				}, domain.PageRequest{After: "c1", Limit: 1}).Return(domain.Page[domain.Student]{Items: []domain.Student{ada}, Next: "c2"}, nil)
			},
			status: 200, want: `{"items": [` + studentJSON + `], "next": "c2"}`,
		},
		"one student": {
			operation: "GetStudent", call: get("/students/" + adaID),
			port:   func(s *server) { s.Students.EXPECT().Student(anything, s.Actor, ada.ID).Return(ada, nil) },
			status: 200, want: studentJSON,
		},
	}
}

func insightRows() map[string]row {
	entry := domain.AuditEntry{
		ID: id[domain.AuditEntry]("01a13bad-0000-7000-8000-000000000001"), At: ago,
		ActorID: id[domain.User](adaID), ActorName: "Ada Brandt", ActorRole: domain.RoleAdmin,
		Change: domain.Change{Action: domain.ActBatchCreate, Subject: batchID, Details: map[string]any{"name": "Autumn"}},
		Origin: domain.Origin{RequestID: requestID, Address: "192.0.2.1"},
	}
	const auditID = `{"id": "01a13bad-0000-7000-8000-000000000001", "at": "` + agoText + `", `
	return map[string]row{
		"the school at a glance": {
			operation: "GetDashboard", call: get("/admin/dashboard"),
			port: func(s *server) {
				s.Insights.EXPECT().Dashboard(anything, s.Actor).Return(domain.Dashboard{
					At:            now,
					UsersByRole:   map[domain.Role]int{domain.RoleAdmin: 1, domain.RoleInstructor: 2, domain.RoleStudent: 3},
					ActiveBatches: 4, StudentsEnrolled: 3, StudentsConnected: 2, JobsFailing: 5,
					Last7:  domain.CodingTotal{Days: 7, Seconds: 1 << 40, Known: 10, Missed: 1},
					Last30: domain.CodingTotal{Days: 30, Seconds: 1 << 41, Known: 40, Missed: 2},
					Newest: []domain.Student{student()},
					Batches: []domain.ActiveBatch{
						{ID: id[domain.Batch](batchID), Name: "Autumn", TimeZone: "UTC", EndsOn: domain.NewDay(2026, time.December, 18), Students: 3, Connected: 2, MedianSeconds: new(7200), LastWeek: week()},
						{ID: id[domain.Batch](batchID), Name: "Quiet", TimeZone: "UTC", EndsOn: domain.NewDay(2027, time.January, 1)},
					},
				}, nil)
			},
			status: 200, want: `{"at": "2026-11-23T12:00:00Z", "users": {"admin": 1, "instructor": 2, "student": 3, "member": 0},
				"active_batches": 4, "students_enrolled": 3, "students_connected": 2, "jobs_failing": 5,
				"last_7_days": {"days": 7, "seconds": 1099511627776, "known_days": 10, "missed_days": 1},
				"last_30_days": {"days": 30, "seconds": 2199023255552, "known_days": 40, "missed_days": 2},
				"newest_students": [` + studentJSON + `],
				"batches": [
					{"id": "` + batchID + `", "name": "Autumn", "time_zone": "UTC", "ends_on": "2026-12-18", "students": 3, "students_connected": 2,
						"median_seconds": 7200, "last_week": ` + weekJSON + `},
					{"id": "` + batchID + `", "name": "Quiet", "time_zone": "UTC", "ends_on": "2027-01-01", "students": 0, "students_connected": 0,
						"median_seconds": null, "last_week": ` + nothingJSON + `}]}`,
		},
		"everything that was done": {
			operation: "ListAuditEntries", call: get("/audit-log"),
			port: func(s *server) {
				s.AuditLog.EXPECT().AuditEntries(anything, s.Actor, domain.AuditFilter{}, domain.PageRequest{Limit: defaultLimit}).
					Return(domain.Page[domain.AuditEntry]{Items: []domain.AuditEntry{entry}, Next: "c2"}, nil)
			},
			status: 200, want: `{"items": [` + auditID + `"actor_id": "` + adaID + `", "actor_name": "Ada Brandt", "actor_role": "admin",
				"action": "batch.create", "subject": "` + batchID + `", "details": {"name": "Autumn"}, "request_id": "` + requestID + `", "address": "192.0.2.1"}],
				"next": "c2"}`,
		},
		"what one actor did to one thing in a time": {
			operation: "ListAuditEntries",
			call: get("/audit-log?actor_id=" + adaID + "&subject=" + batchID + "&action=batch.create" +
				"&from=2026-11-23T12%3A00%3A00%2B01%3A00&to=" + laterText + "&after=c1&limit=3"),
			port: func(s *server) {
				s.AuditLog.EXPECT().AuditEntries(anything, s.Actor, gomock.Cond(func(f domain.AuditFilter) bool {
					return f.Actor == id[domain.User](adaID) && f.Subject == batchID && f.Action == domain.ActBatchCreate && f.From.Equal(ago) && f.To.Equal(later)
				}), domain.PageRequest{After: "c1", Limit: 3}).Return(domain.Page[domain.AuditEntry]{}, nil)
			},
			status: 200, want: `{"items": [], "next": null}`,
		},
		"a background job without details": {
			operation: "ListAuditEntries", call: get("/audit-log?limit=1"),
			port: func(s *server) {
				e := domain.AuditEntry{ID: entry.ID, At: ago, ActorRole: domain.RoleSystem, Change: domain.Change{Action: domain.ActWakaTimeUnlink, Subject: adaID}}
				s.AuditLog.EXPECT().AuditEntries(anything, s.Actor, domain.AuditFilter{}, domain.PageRequest{Limit: 1}).
					Return(domain.Page[domain.AuditEntry]{Items: []domain.AuditEntry{e}}, nil)
			},
			status: 200, want: `{"items": [` + auditID + `"actor_id": null, "actor_name": null, "actor_role": "system", "action": "wakatime.unlink",
				"subject": "` + adaID + `", "details": {}, "request_id": null, "address": null}], "next": null}`,
		},
	}
}

const nothingJSON = `{"expected_days": 0, "known_days": 0, "ok_days": 0, "empty_days": 0, "pending_days": 0, "plan_limited_days": 0,
	"error_days": 0, "disconnected_days": 0, "share": 1, "seconds": 0}`
