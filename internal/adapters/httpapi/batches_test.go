package httpapi_test

import (
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
)

const archivedJSON = `{"id": "` + batchID + `", "name": "Autumn", "description": "Evenings", "starts_on": "2026-09-07", "ends_on": "2026-12-18",
	"time_zone": "America/Chicago", "weekly_goal_seconds": null, "status": "archived", "students": 12, "instructors": 2,
	"archived_at": "` + agoText + `", "created_at": "` + agoText + `"}`

func archived() domain.Batch {
	b := servertest.Autumn()
	b.ArchivedAt, b.WeeklyGoal = &ago, nil
	return b
}

func batchRows() map[string]row {
	autumn := servertest.Autumn()
	return map[string]row{
		"all that the actor sees": {
			operation: "ListBatches", call: get("/batches"),
			port: func(s *server) {
				s.Batches.EXPECT().Batches(anything, s.Actor, domain.BatchFilter{}, domain.PageRequest{Limit: defaultLimit}).
					Return(domain.Page[domain.Batch]{Items: []domain.Batch{autumn}}, nil)
			},
			status: 200, want: `{"items": [` + servertest.AutumnJSON + `], "next": null}`,
		},
		"by status and name, from a cursor on": {
			operation: "ListBatches", call: get("/batches?status=active&search=aut&after=c1&limit=100"),
			port: func(s *server) {
				s.Batches.EXPECT().Batches(anything, s.Actor, domain.BatchFilter{Status: domain.BatchActive, Search: "aut"}, domain.PageRequest{After: "c1", Limit: 100}).
					Return(domain.Page[domain.Batch]{Next: "c2"}, nil)
			},
			status: 200, want: `{"items": [], "next": "c2"}`,
		},
		"with all that a batch can have": {
			operation: "CreateBatch",
			call: post("/batches", `{"name": "Autumn", "description": "Evenings", "starts_on": "2026-09-07", "ends_on": "2026-12-18",
				"time_zone": "America/Chicago", "weekly_goal_seconds": 36000}`),
			port: func(s *server) {
				s.Batches.EXPECT().CreateBatch(anything, s.Actor, domain.BatchUpdate{
					Name: new("Autumn"), Description: new("Evenings"), TimeZone: new("America/Chicago"),
					StartsOn: &autumn.StartsOn, EndsOn: &autumn.EndsOn, WeeklyGoal: new(new(36000)),
				}).Return(autumn, nil)
			},
			status: 201, want: servertest.AutumnJSON, headers: map[string]string{"Location": "/api/v1/batches/" + batchID},
		},
		"with what a batch needs": {
			operation: "CreateBatch",
			call:      post("/batches", `{"name": "Autumn", "starts_on": "2026-09-07", "ends_on": "2026-12-18", "time_zone": "America/Chicago"}`),
			port: func(s *server) {
				s.Batches.EXPECT().CreateBatch(anything, s.Actor, domain.BatchUpdate{
					Name: new("Autumn"), TimeZone: new("America/Chicago"),
					StartsOn: &autumn.StartsOn, EndsOn: &autumn.EndsOn, WeeklyGoal: new((*int)(nil)),
				}).Return(autumn, nil)
			},
			status: 201, want: servertest.AutumnJSON, headers: map[string]string{"Location": "/api/v1/batches/" + batchID},
		},
		"one batch": {
			operation: "GetBatch", call: get("/batches/" + batchID),
			port:   func(s *server) { s.Batches.EXPECT().Batch(anything, s.Actor, autumn.ID).Return(autumn, nil) },
			status: 200, want: servertest.AutumnJSON,
		},
		"one field": {
			operation: "UpdateBatch", call: patch("/batches/"+batchID, `{"ends_on": "2026-12-18"}`),
			port: func(s *server) {
				s.Batches.EXPECT().UpdateBatch(anything, s.Actor, autumn.ID, domain.BatchUpdate{EndsOn: &autumn.EndsOn}, nil).Return(autumn, nil)
			},
			status: 200, want: servertest.AutumnJSON,
		},
		"null takes the goal away": {
			operation: "UpdateBatch", call: patch("/batches/"+batchID, `{"weekly_goal_seconds": null}`),
			port: func(s *server) {
				s.Batches.EXPECT().UpdateBatch(anything, s.Actor, autumn.ID, domain.BatchUpdate{WeeklyGoal: new((*int)(nil))}, nil).Return(autumn, nil)
			},
			status: 200, want: servertest.AutumnJSON,
		},
		"every field": {
			operation: "UpdateBatch",
			call: patch("/batches/"+batchID, `{"name": "Autumn", "description": "", "starts_on": "2026-09-07", "ends_on": "2026-12-18",
				"time_zone": "UTC", "weekly_goal_seconds": 1}`),
			port: func(s *server) {
				s.Batches.EXPECT().UpdateBatch(anything, s.Actor, autumn.ID, domain.BatchUpdate{
					Name: new("Autumn"), Description: new(""), TimeZone: new("UTC"),
					StartsOn: &autumn.StartsOn, EndsOn: &autumn.EndsOn, WeeklyGoal: new(new(1)),
				}, nil).Return(autumn, nil)
			},
			status: 200, want: servertest.AutumnJSON,
		},
		"closed": {
			operation: "ArchiveBatch", call: post("/batches/"+batchID+"/archival", ""),
			port: func(s *server) {
				s.Batches.EXPECT().ArchiveBatch(anything, s.Actor, autumn.ID, nil).Return(archived(), nil)
			},
			status: 200, want: archivedJSON,
		},
		"open again": {
			operation: "RestoreBatch", call: del("/batches/" + batchID + "/archival"),
			port: func(s *server) {
				s.Batches.EXPECT().RestoreBatch(anything, s.Actor, autumn.ID, nil).Return(autumn, nil)
			},
			status: 204,
		},
	}
}

const (
	tomasJSON = `{"user_id": "` + tomasID + `", "name": "Tomas", "email": "tomas@example.com", "assigned_at": "` + agoText + `"}`
	keyJSON   = `{"batch_id": "` + batchID + `", "key": "K3YK3Y", "enabled": true, "expires_at": "` + laterText + `", "seats": 20,
		"seats_taken": 12, "rotated_at": "` + agoText + `"}`
	openKeyJSON = `{"batch_id": "` + batchID + `", "key": "K3YK3Y", "enabled": true, "expires_at": null, "seats": null,
		"seats_taken": 12, "rotated_at": "` + agoText + `"}`
)

func batchStaffRows() map[string]row {
	batch := id[domain.Batch](batchID)
	tomas := domain.Instructor{User: id[domain.User](tomasID), Name: "Tomas", Email: "tomas@example.com", AssignedAt: ago}
	open := domain.RegistrationKey{Batch: batch, Key: "K3YK3Y", Enabled: true, Taken: 12, RotatedAt: ago}
	limited := open
	limited.ExpiresAt, limited.Seats = &later, new(20)
	return map[string]row{
		"who teaches": {
			operation: "ListBatchInstructors", call: get("/batches/" + batchID + "/instructors"),
			port: func(s *server) {
				s.Staff.EXPECT().Instructors(anything, s.Actor, batch).Return([]domain.Instructor{tomas}, nil)
			},
			status: 200, want: `{"items": [` + tomasJSON + `], "next": null}`,
		},
		"one more": {
			operation: "AssignInstructor", call: put("/batches/"+batchID+"/instructors/"+tomasID, ""),
			port: func(s *server) {
				s.Staff.EXPECT().AssignInstructor(anything, s.Actor, batch, tomas.User).Return(tomas, nil)
			},
			status: 200, want: tomasJSON,
		},
		"one less": {
			operation: "RemoveInstructor", call: del("/batches/" + batchID + "/instructors/" + tomasID),
			port: func(s *server) {
				s.Staff.EXPECT().RemoveInstructor(anything, s.Actor, batch, tomas.User).Return(nil)
			},
			status: 204,
		},
		"with limits": {
			operation: "GetRegistrationKey", call: get("/batches/" + batchID + "/registration-key"),
			port:   func(s *server) { s.Staff.EXPECT().RegistrationKey(anything, s.Actor, batch).Return(limited, nil) },
			status: 200, want: keyJSON,
		},
		"a limit is set": {
			operation: "UpdateRegistrationKey",
			call:      patch("/batches/"+batchID+"/registration-key", `{"enabled": false, "expires_at": "`+laterText+`", "seats": 20}`),
			port: func(s *server) {
				s.Staff.EXPECT().UpdateRegistrationKey(anything, s.Actor, batch, domain.RegistrationKeyUpdate{
					Enabled: new(false), ExpiresAt: new(&later), Seats: new(new(20)),
				}, nil).Return(limited, nil)
			},
			status: 200, want: keyJSON,
		},
		"null takes a limit away": {
			operation: "UpdateRegistrationKey",
			call:      patch("/batches/"+batchID+"/registration-key", `{"expires_at": null, "seats": null}`),
			port: func(s *server) {
				s.Staff.EXPECT().UpdateRegistrationKey(anything, s.Actor, batch, domain.RegistrationKeyUpdate{
					ExpiresAt: new((*time.Time)(nil)), Seats: new((*int)(nil)),
				}, nil).Return(open, nil)
			},
			status: 200, want: openKeyJSON,
		},
		"nothing changes nothing": {
			operation: "UpdateRegistrationKey", call: patch("/batches/"+batchID+"/registration-key", `{}`),
			port: func(s *server) {
				s.Staff.EXPECT().UpdateRegistrationKey(anything, s.Actor, batch, domain.RegistrationKeyUpdate{}, nil).Return(open, nil)
			},
			status: 200, want: openKeyJSON,
		},
		"a new one": {
			operation: "RotateRegistrationKey", call: post("/batches/"+batchID+"/registration-key/rotation", ""),
			port: func(s *server) {
				s.Staff.EXPECT().RotateRegistrationKey(anything, s.Actor, batch, nil).Return(open, nil)
			},
			status: 200, want: openKeyJSON,
		},
	}
}
