package operations

import (
	"maps"
	"regexp"
	"strings"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// noorID is a student of the demo class whose connection has ended.
const noorID = "019b76dc-3670-7f9d-aa81-65ee80878147"

const oauthJSON = `{"state": "connected", "kind": "oauth", "base_url": null, "syncing": true,
	"account": {"id": "w1", "username": null, "time_zone": "Europe/Berlin", "plan": null},
	"scopes": ["email"], "missing_scopes": ["read_summaries"], "connected_at": "` + AgoText + `",
	"last_synced_at": "` + AgoText + `", "next_sync_at": "` + LaterText + `",
	"failure": {"reason": "throttled", "detail": "WakaTime is limiting requests. The next sync will retry.", "at": "2026-11-23T12:00:00Z", "since": "` + AgoText + `"},
	"summary": "Connected, but the last sync failed: WakaTime is limiting requests. The next sync will retry."}`

func oauth() domain.Connection {
	return domain.Connection{
		User: ID[domain.User](AdaID), Kind: domain.ConnectedByOAuth, State: domain.Connected,
		AccessToken: "waka_tok_canary", RefreshToken: "waka_ref_canary", ExpiresAt: &Later, Scopes: []string{"email"},
		Account: domain.WakaTimeAccount{ID: "w1", TimeZone: "Europe/Berlin"}, ConnectedAt: Ago,
		LastSyncedAt: &Ago, NextSyncAt: &Later, Syncing: true,
		Failure: &domain.SyncFailure{Reason: domain.ReasonThrottled, At: Now, Since: Ago},
	}
}

const byKeyJSON = `{"state": "connected", "kind": "api_key", "base_url": "https://wakapi.example/api", "syncing": false,
	"account": {"id": "w2", "username": "ada", "time_zone": null, "plan": "free"}, "scopes": [], "missing_scopes": [],
	"connected_at": "` + AgoText + `", "last_synced_at": null, "next_sync_at": null, "failure": null,
	"summary": "Connected. The first sync has not finished yet."}`

func byKey() domain.Connection {
	return domain.Connection{
		User: ID[domain.User](AdaID), Kind: domain.ConnectedByKey, State: domain.Connected, BaseURL: "https://wakapi.example/api",
		AccessToken: "waka_key_canary", Account: domain.WakaTimeAccount{ID: "w2", Username: "ada", Plan: "free"}, ConnectedAt: Ago,
	}
}

const (
	fetchedJSON = `"day": "2026-11-21", "state": "ok", "seconds": 7200, "final": true, "time_zone": "America/Chicago", "source": "wakatime.com",
		"fetched_at": "` + AgoText + `", "attempts": 0, "reason": "other_time_zone",
		"reason_detail": "This day was split in another time zone. Either the server ignored the requested one, or the time zone has changed and the next sync will fetch the day again."`
	pendingJSON = `"day": "2026-11-22", "state": "pending", "seconds": null, "final": false, "time_zone": null, "source": null,
		"fetched_at": null, "attempts": 2, "reason": null, "reason_detail": null`
	noPartsJSON = `"languages": [], "projects": [], "editors": [], "operating_systems": [], "categories": [], "dependencies": [], "machines": []`
	reportJSON  = `"user_id": "` + AdaID + `", "time_zone": "America/Chicago", "from": "2026-11-21", "to": "2026-11-22", "total": ` + WeekJSON
	daysJSON    = `{` + reportJSON + `, "days": [
		{` + fetchedJSON + `, "languages": [{"name": "Go", "seconds": 7000}, {"name": "SQL", "seconds": 200}], "projects": [{"name": "gradus", "seconds": 7200}],
			"editors": [{"name": "Vim", "seconds": 7200}], "operating_systems": [{"name": "Linux", "seconds": 7200}],
			"categories": [{"name": "Coding", "seconds": 7200}], "dependencies": [{"name": "echo", "seconds": 1}], "machines": [{"name": "m1", "seconds": 7200}]},
		{` + pendingJSON + `, ` + noPartsJSON + `}]}`
)

// from and to are the days that the tests ask for.
var (
	from = domain.NewDay(2026, time.November, 21)
	to   = domain.NewDay(2026, time.November, 22)
)

func ledger() domain.StudentCoverage {
	share := func(d domain.Dimension, name string, seconds int) domain.Share {
		return domain.Share{Dimension: d, Name: name, Seconds: seconds}
	}
	return domain.StudentCoverage{
		User: ID[domain.User](AdaID), TimeZone: "America/Chicago", Range: domain.DayRange{From: from, To: to}, Total: Week(),
		Days: []domain.DailySummary{
			{
				Day: from, State: domain.DayOK, Seconds: new(7200), TimeZone: "America/Chicago", Source: "wakatime.com", FetchedAt: &Ago,
				Final: true, Reason: domain.ReasonOtherZone, Shares: []domain.Share{
					share(domain.ByLanguage, "Go", 7000), share(domain.ByLanguage, "SQL", 200), share(domain.ByProject, "gradus", 7200),
					share(domain.ByEditor, "Vim", 7200), share(domain.ByOperatingSystem, "Linux", 7200), share(domain.ByCategory, "Coding", 7200),
					share(domain.ByDependency, "echo", 1), share(domain.ByMachine, "m1", 7200), share("of a newer version", "x", 1),
				},
			},
			{Day: to, State: domain.DayPending, Attempts: 2},
		},
	}
}

const classJSON = `"batch_id": "` + BatchID + `", "time_zone": "America/Chicago", "from": "2026-11-21", "to": "2026-11-22", "total": ` + WeekJSON

func (p *Ports) connections() *mock.MockConnectionsMockRecorder {
	return p.Connections.(*mock.MockConnections).EXPECT()
}

func (p *Ports) tracking() *mock.MockTrackingMockRecorder {
	return p.Tracking.(*mock.MockTracking).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) {
		u.Connections, u.Tracking = mock.NewMockConnections(c), mock.NewMockTracking(c)
	}, func() map[string]Operation {
		batch, days := ID[domain.Batch](BatchID), domain.DayRange{From: from, To: to}
		return map[string]Operation{
			"GetWakaTimeConnection": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"connected": {As: "ada"}, "needs_reconnect": {As: "noor"}, "not_connected": {As: "tariq"}},
				Calls: Calls{
					"returns a failing connection": {
						Request: get("/me/wakatime"),
						Ports:   func(p *Ports) { p.connections().Connection(anything, p.Actor).Return(oauth(), nil) },
						Status:  200, Response: oauthJSON,
					},
					"returns a missing connection": {
						Request: get("/me/wakatime"),
						Ports: func(p *Ports) {
							p.connections().Connection(anything, p.Actor).Return(domain.Connection{State: domain.NotConnected}, nil)
						},
						Status: 200, Response: `{"state": "not_connected", "kind": null, "base_url": null, "account": null, "scopes": [], "missing_scopes": [],
				"connected_at": null, "last_synced_at": null, "next_sync_at": null, "syncing": false, "failure": null,
				"summary": "No WakaTime account is connected."}`,
					},
				},
			},
			"StartWakaTimeAuthorization": {
				Access:   Access{Want: "401 201 201 201 201 201 201 401"},
				Examples: Examples{"started": {As: "tariq"}},
				Volatile: Volatile{{"authorization_url", regexp.MustCompile(`state=[\w-]+`), "a secret"}},
				Calls: Calls{
					"returns the authorization URL": {
						Request: post("/me/wakatime/authorization", ""),
						Ports: func(p *Ports) {
							p.connections().Authorize(anything, p.Actor).Return("https://wakatime.com/oauth/authorize?state=s", Later, nil)
						},
						Status: 201, Response: `{"authorization_url": "https://wakatime.com/oauth/authorize?state=s", "expires_at": "` + LaterText + `"}`,
						Headers: map[string]string{"Location": "/api/v1/me/wakatime"},
					},
				},
			},
			"CompleteWakaTimeAuthorization": {
				Access:   Access{Want: "401 422 422 422 422 422 422 401", Body: apiclient.Object{"code": "c", "state": "s"}},
				Examples: Examples{"returned": {As: "tariq", Prepare: consent}},
				Calls: Calls{
					"connects with the code and the state": {
						Request: post("/me/wakatime/callback", `{"code": "c", "state": "s"}`),
						Ports: func(p *Ports) {
							p.connections().CompleteAuthorization(anything, p.Actor, domain.Secret("c"), domain.Secret("s")).Return(oauth(), nil)
						},
						Status: 200, Response: oauthJSON,
					},
				},
			},
			"ConnectWakaTimeWithKey": {
				Access:   Access{Want: signedInOnly, Body: apiclient.Object{"api_key": SpareKey}},
				Examples: Examples{"wakatime": {As: "tariq"}, "compatible": {As: "tariq"}},
				Calls: Calls{
					"connects to WakaTime": {
						Request: put("/me/wakatime/api-key", `{"api_key": "waka_1"}`),
						Ports: func(p *Ports) {
							p.connections().ConnectWithKey(anything, p.Actor, domain.Secret("waka_1"), "", nil).Return(byKey(), nil)
						},
						Status: 200, Response: byKeyJSON,
					},
					"connects to another server": {
						Request: put("/me/wakatime/api-key", `{"api_key": "waka_1", "base_url": "https://wakapi.example/api"}`),
						Ports: func(p *Ports) {
							p.connections().ConnectWithKey(anything, p.Actor, domain.Secret("waka_1"), "https://wakapi.example/api", nil).Return(byKey(), nil)
						},
						Status: 200, Response: byKeyJSON,
					},
					"null means WakaTime": {
						Request: put("/me/wakatime/api-key", `{"api_key": "waka_1", "base_url": null}`),
						Ports: func(p *Ports) {
							p.connections().ConnectWithKey(anything, p.Actor, domain.Secret("waka_1"), "", nil).Return(byKey(), nil)
						},
						Status: 200, Response: byKeyJSON,
					},
				},
			},
			"DisconnectWakaTime": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"revoked": {As: "ada"}},
				Calls: Calls{
					"returns the revocation status": {
						Request: del("/me/wakatime"),
						Ports: func(p *Ports) {
							p.connections().Disconnect(anything, p.Actor, nil).Return(domain.RevocationFailed, nil)
						},
						Status: 200, Response: `{"revocation": "failed"}`,
					},
				},
			},
			"SyncMyDays": {
				Access:   Access{Want: "401 202 202 202 202 202 202 401"},
				Examples: Examples{"planned": {As: "ada"}},
				Calls: Calls{
					"requests a sync of the actor": {
						Request: post("/me/wakatime/sync", ""),
						Ports:   func(p *Ports) { p.tracking().RequestSync(anything, p.Actor, p.Actor.UserID).Return(nil) },
						Status:  202, Response: `{"status_url": "/api/v1/me/wakatime"}`, Headers: map[string]string{"Location": "/api/v1/me/wakatime"},
					},
				},
			},
			"SyncStudentDays": {
				Access:   Access{On: "student_id", Want: "401 404 202 404 202 404 202 401", Self: "401 202 202 202 202 202 202 401"},
				Examples: Examples{"planned": {As: "tomas"}},
				Calls: Calls{
					"requests a sync of a student": {
						Request: post("/students/"+TomasID+"/sync", ""),
						Ports: func(p *Ports) {
							p.tracking().RequestSync(anything, p.Actor, ID[domain.User](TomasID)).Return(nil)
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
						Request: get("/me/days?from=2026-11-21&to=2026-11-22"),
						Ports: func(p *Ports) {
							p.tracking().Days(anything, p.Actor, p.Actor.UserID, &from, &to).Return(ledger(), nil)
						},
						Status: 200, Response: daysJSON,
					},
					"returns the default range": {
						Request: get("/me/days"),
						Ports: func(p *Ports) {
							p.tracking().Days(anything, p.Actor, p.Actor.UserID, nil, nil).Return(ledger(), nil)
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
					"returns a range of a student": {
						Request: get("/students/" + TomasID + "/days?from=2026-11-21&to=2026-11-22"),
						Ports: func(p *Ports) {
							p.tracking().Days(anything, p.Actor, ID[domain.User](TomasID), &from, &to).Return(ledger(), nil)
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
						Request: get("/students/" + TomasID + "/coverage?from=2026-11-21&to=2026-11-22"),
						Ports: func(p *Ports) {
							p.tracking().Coverage(anything, p.Actor, ID[domain.User](TomasID), &from, &to).Return(ledger(), nil)
						},
						Status: 200, Response: `{` + reportJSON + `, "days": [{` + fetchedJSON + `}, {` + pendingJSON + `}]}`,
					},
				},
			},
			"GetBatchProgress": {
				Access:   Access{On: "batch_id", Want: staffOnly},
				Examples: Examples{"days": {As: "tomas"}},
				Calls: Calls{
					"returns a page": {
						Request: get("/batches/" + BatchID + "/progress?from=2026-11-21&to=2026-11-22&after=c1&limit=10"),
						Ports: func(p *Ports) {
							p.tracking().BatchProgress(anything, p.Actor, batch, &from, &to, domain.PageRequest{After: "c1", Limit: 10}).Return(domain.BatchProgress{
								Batch: batch, TimeZone: "America/Chicago", Range: days, Total: Week(),
								Students: domain.Page[domain.Progress]{Next: "c2", Items: []domain.Progress{{
									User: ID[domain.User](AdaID), Name: "Ada Brandt", Connection: domain.Connected, Total: Week(),
									States: []domain.DayState{"", domain.DayOK}, Seconds: []*int{nil, new(7200)},
								}}},
							}, nil)
						},
						Status: 200, Response: `{` + classJSON + `, "days": ["2026-11-21", "2026-11-22"], "next": "c2", "items": [{"student_id": "` + AdaID + `",
				"name": "Ada Brandt", "connection": "connected", "total": ` + WeekJSON + `, "states": ["not_expected", "ok"], "seconds": [null, 7200]}]}`,
					},
					"returns a batch without students": {
						Request: get("/batches/" + BatchID + "/progress"),
						Ports: func(p *Ports) {
							p.tracking().BatchProgress(anything, p.Actor, batch, nil, nil, domain.PageRequest{Limit: defaultLimit}).
								Return(domain.BatchProgress{Batch: batch, TimeZone: "America/Chicago", Range: days, Total: Week()}, nil)
						},
						Status: 200, Response: `{` + classJSON + `, "days": ["2026-11-21", "2026-11-22"], "next": null, "items": []}`,
					},
				},
			},
			"GetBatchCoverage": {
				Access:   Access{On: "batch_id", Want: staffOnly},
				Examples: Examples{"days": {As: "tomas"}},
				Calls: Calls{
					"lists students with missing days": {
						Request: get("/batches/" + BatchID + "/coverage?from=2026-11-21&to=2026-11-22"),
						Ports: func(p *Ports) {
							p.tracking().BatchCoverage(anything, p.Actor, batch, &from, &to).Return(domain.BatchCoverage{
								Batch: batch, TimeZone: "America/Chicago", Range: days, Total: Week(),
								Gaps: []domain.Gap{
									{User: ID[domain.User](AdaID), Name: "Ada Brandt", Connection: domain.NeedsReconnect, Total: Week(), Since: from, Reason: domain.ReasonRevoked, LastSyncedAt: &Ago},
									{User: ID[domain.User](TomasID), Name: "Tomas", Connection: domain.NotConnected, Total: Week(), Since: to},
								},
							}, nil)
						},
						Status: 200, Response: `{` + classJSON + `, "gaps": [
				{"student_id": "` + AdaID + `", "name": "Ada Brandt", "connection": "needs_reconnect", "total": ` + WeekJSON + `, "since": "2026-11-21",
					"reason": "revoked", "reason_detail": "WakaTime ended the connection. Reconnect.", "last_synced_at": "` + AgoText + `"},
				{"student_id": "` + TomasID + `", "name": "Tomas", "connection": "not_connected", "total": ` + WeekJSON + `, "since": "2026-11-22",
					"reason": null, "reason_detail": null, "last_synced_at": null}]}`,
					},
				},
			},
		}
	})
}

// consent adds the parameters with which WakaTime redirects the caller.
func consent(c apiclient.Client, body apiclient.Object) {
	username, _, _ := strings.Cut(c.Email, "@")
	maps.Copy(body, c.Consent(username))
}
