package operations

import (
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

const archivedJSON = `{"id": "` + BatchID + `", "name": "Autumn", "description": "Evenings", "starts_on": "2026-09-07", "ends_on": "2026-12-18",
	"time_zone": "America/Chicago", "weekly_goal_seconds": null, "ai_time": "exclude", "status": "archived", "students": 12, "instructors": 2,
	"archived_at": "` + AgoText + `", "created_at": "` + AgoText + `"}`

func archived() domain.Batch {
	b := Autumn()
	b.ArchivedAt, b.WeeklyGoal = &Ago, nil
	return b
}

const (
	tomasJSON = `{"user_id": "` + TomasID + `", "name": "Tomas", "email": "tomas@example.com", "assigned_at": "` + AgoText + `"}`
	keyJSON   = `{"batch_id": "` + BatchID + `", "key": "K3YK3Y", "enabled": true, "expires_at": "` + LaterText + `", "seats": 20,
		"seats_taken": 12, "rotated_at": "` + AgoText + `"}`
	openKeyJSON = `{"batch_id": "` + BatchID + `", "key": "K3YK3Y", "enabled": true, "expires_at": null, "seats": null,
		"seats_taken": 12, "rotated_at": "` + AgoText + `"}`
)

func (p *Ports) batches() *mock.MockBatchesMockRecorder {
	return p.Batches.(*mock.MockBatches).EXPECT()
}

func (p *Ports) batchStaff() *mock.MockBatchStaffMockRecorder {
	return p.BatchStaff.(*mock.MockBatchStaff).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) {
		u.Batches, u.BatchStaff = mock.NewMockBatches(c), mock.NewMockBatchStaff(c)
	}, func() map[string]Operation {
		autumn := Autumn()
		batch := ID[domain.Batch](BatchID)
		tomas := domain.Instructor{User: ID[domain.User](TomasID), Name: "Tomas", Email: "tomas@example.com", AssignedAt: Ago}
		open := domain.RegistrationKey{Batch: batch, Key: "K3YK3Y", Enabled: true, Taken: 12, RotatedAt: Ago}
		limited := open
		limited.ExpiresAt, limited.Seats = &Later, new(20)
		return map[string]Operation{
			"ListBatches": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"page": {As: "mira"}},
				Calls: Calls{
					"lists all that the actor can access": {
						Request: get("/batches"),
						Ports: func(p *Ports) {
							p.batches().Batches(anything, p.Actor, domain.BatchFilter{}, domain.PageRequest{Limit: defaultLimit}).
								Return(domain.Page[domain.Batch]{Items: []domain.Batch{autumn}}, nil)
						},
						Status: 200, Response: `{"items": [` + AutumnJSON + `], "next": null}`,
					},
					"filters and pages": {
						Request: get("/batches?status=active&search=aut&after=c1&limit=100"),
						Ports: func(p *Ports) {
							p.batches().Batches(anything, p.Actor, domain.BatchFilter{Status: domain.BatchActive, Search: "aut"}, domain.PageRequest{After: "c1", Limit: 100}).
								Return(domain.Page[domain.Batch]{Next: "c2"}, nil)
						},
						Status: 200, Response: `{"items": [], "next": "c2"}`,
					},
				},
			},
			"CreateBatch": {
				Access: Access{Want: "401 403 403 403 403 403 201 401", Body: apiclient.Object{
					"name": "Another", "starts_on": "2040-01-01", "ends_on": "2040-12-31", "time_zone": "UTC",
				}},
				Examples: Examples{"winter": {As: "mira"}},
				Volatile: Volatile{{"id", nil, "random"}},
				Calls: Calls{
					"creates a batch with all fields": {
						Request: post("/batches", `{"name": "Autumn", "description": "Evenings", "starts_on": "2026-09-07", "ends_on": "2026-12-18",
				"time_zone": "America/Chicago", "weekly_goal_seconds": 36000, "ai_time": "include"}`),
						Ports: func(p *Ports) {
							p.batches().CreateBatch(anything, p.Actor, domain.BatchUpdate{
								Name: new("Autumn"), Description: new("Evenings"), TimeZone: new("America/Chicago"),
								StartsOn: &autumn.StartsOn, EndsOn: &autumn.EndsOn, WeeklyGoal: new(new(36000)), AITime: new(domain.AIIncluded),
							}).Return(autumn, nil)
						},
						Status: 201, Response: AutumnJSON, Headers: map[string]string{"Location": "/api/v1/batches/" + BatchID},
					},
					"creates a batch with the required fields": {
						Request: post("/batches", `{"name": "Autumn", "starts_on": "2026-09-07", "ends_on": "2026-12-18", "time_zone": "America/Chicago"}`),
						Ports: func(p *Ports) {
							p.batches().CreateBatch(anything, p.Actor, domain.BatchUpdate{
								Name: new("Autumn"), TimeZone: new("America/Chicago"),
								StartsOn: &autumn.StartsOn, EndsOn: &autumn.EndsOn, WeeklyGoal: new((*int)(nil)),
							}).Return(autumn, nil)
						},
						Status: 201, Response: AutumnJSON, Headers: map[string]string{"Location": "/api/v1/batches/" + BatchID},
					},
				},
			},
			"GetBatch": {
				Access:   Access{On: "batch_id", Want: insiders},
				Examples: Examples{"autumn": {As: "tomas"}},
				Calls: Calls{
					"returns a batch": {
						Request: get("/batches/" + BatchID),
						Ports:   func(p *Ports) { p.batches().Batch(anything, p.Actor, autumn.ID).Return(autumn, nil) },
						Status:  200, Response: AutumnJSON,
					},
				},
			},
			"UpdateBatch": {
				Access:   Access{On: "batch_id", Want: staffOnly, Body: apiclient.Object{"name": "Renamed"}},
				Examples: Examples{"goal": {As: "tomas"}, "no_goal": {As: "tomas"}},
				Calls: Calls{
					"updates one field": {
						Request: patch("/batches/"+BatchID, `{"ends_on": "2026-12-18"}`),
						Ports: func(p *Ports) {
							p.batches().UpdateBatch(anything, p.Actor, autumn.ID, domain.BatchUpdate{EndsOn: &autumn.EndsOn}, nil).Return(autumn, nil)
						},
						Status: 200, Response: AutumnJSON,
					},
					"null removes the goal": {
						Request: patch("/batches/"+BatchID, `{"weekly_goal_seconds": null}`),
						Ports: func(p *Ports) {
							p.batches().UpdateBatch(anything, p.Actor, autumn.ID, domain.BatchUpdate{WeeklyGoal: new((*int)(nil))}, nil).Return(autumn, nil)
						},
						Status: 200, Response: AutumnJSON,
					},
					"updates all fields": {
						Request: patch("/batches/"+BatchID, `{"name": "Autumn", "description": "", "starts_on": "2026-09-07", "ends_on": "2026-12-18",
				"time_zone": "UTC", "weekly_goal_seconds": 1, "ai_time": "exclude"}`),
						Ports: func(p *Ports) {
							p.batches().UpdateBatch(anything, p.Actor, autumn.ID, domain.BatchUpdate{
								Name: new("Autumn"), Description: new(""), TimeZone: new("UTC"),
								StartsOn: &autumn.StartsOn, EndsOn: &autumn.EndsOn, WeeklyGoal: new(new(1)), AITime: new(domain.AIExcluded),
							}, nil).Return(autumn, nil)
						},
						Status: 200, Response: AutumnJSON,
					},
				},
			},
			"ArchiveBatch": {
				Access:   Access{On: "batch_id", Want: adminOfBatch},
				Examples: Examples{"archived": {As: "mira"}},
				Calls: Calls{
					"archives a batch": {
						Request: post("/batches/"+BatchID+"/archival", ""),
						Ports: func(p *Ports) {
							p.batches().ArchiveBatch(anything, p.Actor, autumn.ID, nil).Return(archived(), nil)
						},
						Status: 200, Response: archivedJSON,
					},
				},
			},
			"RestoreBatch": {
				Access:   Access{On: "batch_id", Want: "401 404 403 404 403 404 204 401"},
				Examples: Examples{"": {As: "mira"}},
				Calls: Calls{
					"restores a batch": {
						Request: del("/batches/" + BatchID + "/archival"),
						Ports: func(p *Ports) {
							p.batches().RestoreBatch(anything, p.Actor, autumn.ID, nil).Return(autumn, nil)
						},
						Status: 204,
					},
				},
			},
			"ListBatchInstructors": {
				Access:   Access{On: "batch_id", Want: staffOnly},
				Examples: Examples{"all": {As: "tomas"}},
				Calls: Calls{
					"lists the instructors": {
						Request: get("/batches/" + BatchID + "/instructors"),
						Ports: func(p *Ports) {
							p.batchStaff().Instructors(anything, p.Actor, batch).Return([]domain.Instructor{tomas}, nil)
						},
						Status: 200, Response: `{"items": [` + tomasJSON + `], "next": null}`,
					},
				},
			},
			"AssignInstructor": {
				Access:   Access{On: "batch_id", Want: adminOfBatch, User: "other instructor"},
				Examples: Examples{"tomas": {As: "mira"}},
				Calls: Calls{
					"assigns an instructor": {
						Request: put("/batches/"+BatchID+"/instructors/"+TomasID, ""),
						Ports: func(p *Ports) {
							p.batchStaff().AssignInstructor(anything, p.Actor, batch, tomas.User).Return(tomas, nil)
						},
						Status: 200, Response: tomasJSON,
					},
				},
			},
			"RemoveInstructor": {
				Access:   Access{On: "batch_id", Want: "401 404 403 404 403 404 204 401", User: "instructor"},
				Examples: Examples{"": {As: "mira"}},
				Calls: Calls{
					"removes an instructor": {
						Request: del("/batches/" + BatchID + "/instructors/" + TomasID),
						Ports: func(p *Ports) {
							p.batchStaff().RemoveInstructor(anything, p.Actor, batch, tomas.User).Return(nil)
						},
						Status: 204,
					},
				},
			},
			"GetRegistrationKey": {
				Access:   Access{On: "batch_id", Want: staffOnly},
				Examples: Examples{"open": {As: "tomas"}},
				Calls: Calls{
					"returns a key with limits": {
						Request: get("/batches/" + BatchID + "/registration-key"),
						Ports:   func(p *Ports) { p.batchStaff().RegistrationKey(anything, p.Actor, batch).Return(limited, nil) },
						Status:  200, Response: keyJSON,
					},
				},
			},
			"UpdateRegistrationKey": {
				Access:   Access{On: "batch_id", Want: staffOnly, Body: apiclient.Object{"seats": 3}},
				Examples: Examples{"limit": {As: "tomas"}, "off": {As: "tomas"}},
				Calls: Calls{
					"sets limits": {
						Request: patch("/batches/"+BatchID+"/registration-key", `{"enabled": false, "expires_at": "`+LaterText+`", "seats": 20}`),
						Ports: func(p *Ports) {
							p.batchStaff().UpdateRegistrationKey(anything, p.Actor, batch, domain.RegistrationKeyUpdate{
								Enabled: new(false), ExpiresAt: new(&Later), Seats: new(new(20)),
							}, nil).Return(limited, nil)
						},
						Status: 200, Response: keyJSON,
					},
					"null removes a limit": {
						Request: patch("/batches/"+BatchID+"/registration-key", `{"expires_at": null, "seats": null}`),
						Ports: func(p *Ports) {
							p.batchStaff().UpdateRegistrationKey(anything, p.Actor, batch, domain.RegistrationKeyUpdate{
								ExpiresAt: new((*time.Time)(nil)), Seats: new((*int)(nil)),
							}, nil).Return(open, nil)
						},
						Status: 200, Response: openKeyJSON,
					},
					"an empty update changes nothing": {
						Request: patch("/batches/"+BatchID+"/registration-key", `{}`),
						Ports: func(p *Ports) {
							p.batchStaff().UpdateRegistrationKey(anything, p.Actor, batch, domain.RegistrationKeyUpdate{}, nil).Return(open, nil)
						},
						Status: 200, Response: openKeyJSON,
					},
				},
			},
			"RotateRegistrationKey": {
				Access:   Access{On: "batch_id", Want: staffOnly},
				Examples: Examples{"rotated": {As: "tomas"}},
				Volatile: Volatile{{"key", nil, "random"}},
				Calls: Calls{
					"rotates the key": {
						Request: post("/batches/"+BatchID+"/registration-key/rotation", ""),
						Ports: func(p *Ports) {
							p.batchStaff().RotateRegistrationKey(anything, p.Actor, batch, nil).Return(open, nil)
						},
						Status: 200, Response: openKeyJSON,
					},
				},
			},
		}
	})
}
