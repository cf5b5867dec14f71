package operations

import (
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
)

// noorID is a student of the demo class whose connection has ended.
const noorID = "019b76dc-3670-7f9d-aa81-65ee80878147"

const (
	fetchedJSON = `"day": "2026-11-21", "state": "ok", "seconds": 7200, "ai_seconds": 200, "other_account_seconds": 60,
		"time_zone": "America/Chicago", "source": "wakatime.com", "account": "ada", "checked_at": "2026-11-23T12:00:00Z", "changed_at": "` + AgoText + `",
		"attempts": 0, "reason": "other_time_zone",
		"reason_detail": "WakaTime split this day in another time zone. Either it ignored the requested one, or the time zone has changed and the next sync will fetch the day again."`
	partialJSON = `"day": "2026-11-22", "state": "partial", "seconds": 0, "ai_seconds": null, "other_account_seconds": null,
		"time_zone": "America/Chicago", "source": "wakapi.example", "account": null, "checked_at": "` + AgoText + `", "changed_at": "` + AgoText + `",
		"attempts": 1, "reason": "unavailable", "reason_detail": "wakapi.example is unavailable. The next sync will retry."`
	pendingJSON = `"day": "2026-11-23", "state": "pending", "seconds": null, "ai_seconds": null, "other_account_seconds": null,
		"time_zone": null, "source": null, "account": null, "checked_at": null, "changed_at": null,
		"attempts": 2, "reason": null, "reason_detail": null`
	failedJSON = `"day": "2026-11-24", "state": "error", "seconds": null, "ai_seconds": null, "other_account_seconds": null,
		"time_zone": null, "source": "wakapi.example", "account": null, "checked_at": null, "changed_at": "` + AgoText + `",
		"attempts": 3, "reason": "invalid_response",
		"reason_detail": "wakapi.example returned an invalid response, which was not stored. The next sync will retry."`
	unknownParts = `"languages": null, "projects": null, "editors": null, "operating_systems": null, "categories": null, "dependencies": null, "machines": null`
	reportJSON   = `"user_id": "` + AdaID + `", "time_zone": "America/Chicago", "from": "2026-11-21", "to": "2026-11-24", "total": ` + WeekJSON
	daysJSON     = `{` + reportJSON + `, "days": [
		{` + fetchedJSON + `, "languages": [{"name": "Go", "seconds": 7000}, {"name": "SQL", "seconds": 200}], "projects": [{"name": "gradus", "seconds": 7200}],
			"editors": [{"name": "Vim", "seconds": 7200}], "operating_systems": [{"name": "Linux", "seconds": 7200}],
			"categories": [{"name": "Coding", "seconds": 7200}], "dependencies": [{"name": "echo", "seconds": 1}], "machines": [{"name": "m1", "seconds": 7200}],
			"parts_reason": null},
		{` + partialJSON + `, "languages": [], "projects": [], "editors": null, "operating_systems": [], "categories": null, "dependencies": [], "machines": [],
			"parts_reason": "not_offered"},
		{` + pendingJSON + `, ` + unknownParts + `, "parts_reason": "not_synced_yet"},
		{` + failedJSON + `, ` + unknownParts + `, "parts_reason": "invalid_response"}]}`
)

// from and to are the range that the tests request.
var (
	from = domain.NewDay(2026, time.November, 21)
	to   = domain.NewDay(2026, time.November, 24)
	both = domain.DayQuery{From: &from, To: &to}
	open = domain.DayQuery{}
)

func ledger() domain.StudentCoverage {
	share := func(d domain.Dimension, name string, seconds int) domain.Share {
		return domain.Share{Dimension: d, Name: name, Seconds: seconds}
	}
	return domain.StudentCoverage{
		User: ID[domain.User](AdaID), TimeZone: "America/Chicago", Range: domain.DayRange{From: from, To: to}, Total: Week(),
		Days: []domain.DailySummary{
			{
				Day: from, State: domain.DayOK, Seconds: new(7200), AISeconds: new(200), OtherSeconds: 60, TimeZone: "America/Chicago",
				Source: "wakatime.com", Username: "ada", CheckedAt: &Now, ChangedAt: &Ago, Reason: domain.ReasonOtherZone, Shares: []domain.Share{
					share(domain.ByLanguage, "Go", 7000), share(domain.ByLanguage, "SQL", 200), share(domain.ByProject, "gradus", 7200),
					share(domain.ByEditor, "Vim", 7200), share(domain.ByOperatingSystem, "Linux", 7200), share(domain.ByCategory, "Coding", 7200),
					share(domain.ByDependency, "echo", 1), share(domain.ByMachine, "m1", 7200), share("of a newer version", "x", 1),
				},
			},
			{
				Day: from + 1, State: domain.DayPartial, Seconds: new(0), TimeZone: "America/Chicago", Source: "wakapi.example",
				CheckedAt: &Ago, ChangedAt: &Ago, Attempts: 1, Reason: domain.ReasonUnavailable, Absent: []domain.Dimension{domain.ByEditor, domain.ByCategory},
			},
			{Day: from + 2, State: domain.DayPending, Attempts: 2},
			{Day: to, State: domain.DayError, Source: "wakapi.example", ChangedAt: &Ago, Attempts: 3, Reason: domain.ReasonInvalid},
		},
	}
}

const (
	classJSON   = `"batch_id": "` + BatchID + `", "time_zone": "America/Chicago", "from": "2026-11-21", "to": "2026-11-24"`
	totalJSON   = `"total": ` + WeekJSON
	measureJSON = `"measure": {"ai_time": "exclude", "keystroke_timeout_minutes": 15, "writes_only": false}`
	rangeJSON   = `"days": ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"]`
)

func (p *Ports) tracking() *mock.MockTrackingMockRecorder {
	return p.Tracking.(*mock.MockTracking).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) {
		u.Tracking = mock.NewMockTracking(c)
	}, func() map[string]Operation {
		batch, days := ID[domain.Batch](BatchID), domain.DayRange{From: from, To: to}
		return map[string]Operation{
			"SyncMyDays": {
				Access:   Access{Want: "401 202 202 202 202 202 202 401"},
				Examples: Examples{"planned": {As: "ada"}},
				Calls: Calls{
					"requests a sync of a range": {
						Request: post("/me/wakatime/sync", `{"from": "2026-11-21", "to": "2026-11-24"}`),
						Ports:   func(p *Ports) { p.tracking().RequestSync(anything, p.Actor, p.Actor.UserID, both).Return(nil) },
						Status:  202, Response: `{"status_url": "/api/v1/me/wakatime"}`,
					},
					"an empty body is like none": {
						Request: post("/me/wakatime/sync", `{}`),
						Ports:   func(p *Ports) { p.tracking().RequestSync(anything, p.Actor, p.Actor.UserID, open).Return(nil) },
						Status:  202, Response: `{"status_url": "/api/v1/me/wakatime"}`,
					},
					"requests a sync of the actor": {
						Request: post("/me/wakatime/sync", ""),
						Ports:   func(p *Ports) { p.tracking().RequestSync(anything, p.Actor, p.Actor.UserID, open).Return(nil) },
						Status:  202, Response: `{"status_url": "/api/v1/me/wakatime"}`, Headers: map[string]string{"Location": "/api/v1/me/wakatime"},
					},
				},
			},
			"SyncStudentDays": {
				Access:   Access{On: "student_id", Want: "401 404 202 404 202 404 202 401", Self: "401 202 202 202 202 202 202 401"},
				Examples: Examples{"planned": {As: "tomas"}},
				Calls: Calls{
					"requests a sync of a range": {
						Request: post("/students/"+TomasID+"/sync", `{"from": "2026-11-21"}`),
						Ports: func(p *Ports) {
							p.tracking().RequestSync(anything, p.Actor, ID[domain.User](TomasID), domain.DayQuery{From: &from}).Return(nil)
						},
						Status: 202, Response: `{"status_url": "/api/v1/students/` + TomasID + `/coverage"}`,
					},
					"requests a sync of a student": {
						Request: post("/students/"+TomasID+"/sync", ""),
						Ports: func(p *Ports) {
							p.tracking().RequestSync(anything, p.Actor, ID[domain.User](TomasID), open).Return(nil)
						},
						Status: 202, Response: `{"status_url": "/api/v1/students/` + TomasID + `/coverage"}`,
						Headers: map[string]string{"Location": "/api/v1/students/" + TomasID + "/coverage"},
					},
				},
			},
			"ListMyDays": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"days": {As: "ada"}},
				Calls: Calls{
					"returns a range": {
						Request: get("/me/days?from=2026-11-21&to=2026-11-24"),
						Ports: func(p *Ports) {
							p.tracking().Days(anything, p.Actor, p.Actor.UserID, both, time.Time{}).Return(ledger(), nil)
						},
						Status: 200, Response: daysJSON,
					},
					"returns the days that changed": {
						Request: get("/me/days?changed_since=2026-11-23T12:00:00%2B01:00"),
						Ports: func(p *Ports) {
							p.tracking().Days(anything, p.Actor, p.Actor.UserID, open, gomock.Cond(Ago.Equal)).Return(ledger(), nil)
						},
						Status: 200, Response: daysJSON,
					},
					"returns the default range": {
						Request: get("/me/days"),
						Ports: func(p *Ports) {
							p.tracking().Days(anything, p.Actor, p.Actor.UserID, open, time.Time{}).Return(ledger(), nil)
						},
						Status: 200, Response: daysJSON,
					},
				},
			},
			"GetToday": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"today": {As: "ada"}},
				Calls: Calls{
					"returns today": {
						Request: get("/me/today"),
						Ports:   func(p *Ports) { p.tracking().Today(anything, p.Actor).Return(ledger(), nil) },
						Status:  200, Response: daysJSON,
					},
				},
			},
			"ListStudentDays": {
				Access:   Access{On: "student_id", Want: insiders, Self: signedInOnly},
				Examples: Examples{"days": {As: "tomas"}},
				Calls: Calls{
					"returns the days of a student that changed": {
						Request: get("/students/" + TomasID + "/days?changed_since=" + AgoText),
						Ports: func(p *Ports) {
							p.tracking().Days(anything, p.Actor, ID[domain.User](TomasID), open, gomock.Cond(Ago.Equal)).Return(ledger(), nil)
						},
						Status: 200, Response: daysJSON,
					},
					"returns a range of a student": {
						Request: get("/students/" + TomasID + "/days?from=2026-11-21&to=2026-11-24"),
						Ports: func(p *Ports) {
							p.tracking().Days(anything, p.Actor, ID[domain.User](TomasID), both, time.Time{}).Return(ledger(), nil)
						},
						Status: 200, Response: daysJSON,
					},
				},
			},
			"GetStudentCoverage": {
				Access:   Access{On: "student_id", Want: insiders, Self: signedInOnly},
				Examples: Examples{"known": {As: "tomas"}, "gaps": {As: "tomas", Path: map[string]string{"student_id": noorID}}},
				Calls: Calls{
					"returns the coverage of a student": {
						Request: get("/students/" + TomasID + "/coverage?from=2026-11-21&to=2026-11-24"),
						Ports: func(p *Ports) {
							p.tracking().Coverage(anything, p.Actor, ID[domain.User](TomasID), both).Return(ledger(), nil)
						},
						Status: 200, Response: `{` + reportJSON + `, "days": [{` + fetchedJSON + `}, {` + partialJSON + `}, {` + pendingJSON + `}, {` + failedJSON + `}]}`,
					},
				},
			},
			"GetBatchProgress": {
				Access:   Access{On: "batch_id", Want: staffOnly},
				Examples: Examples{"days": {As: "tomas"}},
				Calls: Calls{
					"returns a page": {
						Request: get("/batches/" + BatchID + "/progress?from=2026-11-21&to=2026-11-24&after=c1&limit=10"),
						Ports: func(p *Ports) {
							p.tracking().BatchProgress(anything, p.Actor, batch, both, domain.PageRequest{After: "c1", Limit: 10}).Return(domain.BatchProgress{
								Batch: batch, TimeZone: "America/Chicago", Measure: domain.Measure{AITime: domain.AIExcluded}, Range: days,
								Students: domain.Page[domain.Progress]{Next: "c2", Items: []domain.Progress{{
									User: ID[domain.User](AdaID), Name: "Ada Brandt", Connection: domain.Connected, Failing: failing(), Total: Week(),
									Yardstick: domain.Yardstick{Kind: domain.YardstickOther, Timeout: 60},
									States:    []domain.DayState{"", domain.DayOK, domain.DayPartial, domain.DayPending},
									Seconds:   []*int{nil, new(7200), new(60), nil}, AISeconds: []*int{nil, new(200), nil, nil},
								}, {User: ID[domain.User](TomasID), Name: "Tomas", Connection: domain.NotConnected}}},
							}, nil)
						},
						Status: 200, Response: `{` + classJSON + `, ` + measureJSON + `, ` + rangeJSON + `, "total": null, "next": "c2", "items": [
				{"student_id": "` + AdaID + `", "name": "Ada Brandt", "connection": "connected", "failing": ` + failingJSON + `,
					"yardstick": {"kind": "other", "timeout_minutes": 60}, "total": ` + WeekJSON + `,
					"states": ["not_expected", "ok", "partial", "pending"], "seconds": [null, 7200, 60, null], "ai_seconds": [null, 200, null, null]},
				{"student_id": "` + TomasID + `", "name": "Tomas", "connection": "not_connected", "failing": null,
					"yardstick": {"kind": "unknown", "timeout_minutes": null}, "total": ` + nothingJSON + `, "states": [], "seconds": [], "ai_seconds": []}]}`,
					},
					"returns a batch without students": {
						Request: get("/batches/" + BatchID + "/progress"),
						Ports: func(p *Ports) {
							p.tracking().BatchProgress(anything, p.Actor, batch, open, domain.PageRequest{Limit: defaultLimit}).
								Return(domain.BatchProgress{Batch: batch, TimeZone: "America/Chicago", Measure: domain.Measure{AITime: domain.AIIncluded}, Range: days, Total: new(Week())}, nil)
						},
						Status: 200, Response: `{` + classJSON + `, "measure": {"ai_time": "include", "keystroke_timeout_minutes": 15, "writes_only": false}, ` + rangeJSON + `, ` + totalJSON + `, "next": null, "items": []}`,
					},
				},
			},
			"GetBatchCoverage": {
				Access:   Access{On: "batch_id", Want: staffOnly},
				Examples: Examples{"days": {As: "tomas"}},
				Calls: Calls{
					"lists students with missing days": {
						Request: get("/batches/" + BatchID + "/coverage?from=2026-11-21&to=2026-11-24&limit=2"),
						Ports: func(p *Ports) {
							p.tracking().BatchCoverage(anything, p.Actor, batch, both, domain.PageRequest{Limit: 2}).Return(domain.BatchCoverage{
								Batch: batch, TimeZone: "America/Chicago", Range: days, Total: new(Week()),
								Gaps: domain.Page[domain.Gap]{Next: "c2", Items: []domain.Gap{
									{
										User: ID[domain.User](AdaID), Name: "Ada Brandt", Connection: domain.NeedsReconnect, Failing: failing(), Server: "wakapi.example",
										Total: Week(), Since: from, Reason: domain.ReasonUnauthorized, LastSyncedAt: &Ago,
									},
									{User: ID[domain.User](TomasID), Name: "Tomas", Connection: domain.NotConnected, Total: Week(), Since: to},
								}},
							}, nil)
						},
						Status: 200, Response: `{` + classJSON + `, ` + totalJSON + `, "next": "c2", "items": [
				{"student_id": "` + AdaID + `", "name": "Ada Brandt", "connection": "needs_reconnect", "failing": ` + failingJSON + `,
					"server": "wakapi.example", "total": ` + WeekJSON + `, "since": "2026-11-21", "reason": "unauthorized",
					"reason_detail": "wakapi.example no longer accepts the stored credentials. Reconnect.", "last_synced_at": "` + AgoText + `"},
				{"student_id": "` + TomasID + `", "name": "Tomas", "connection": "not_connected", "failing": null, "server": null, "total": ` + WeekJSON + `,
					"since": "2026-11-24", "reason": null, "reason_detail": null, "last_synced_at": null}]}`,
					},
				},
			},
		}
	})
}
