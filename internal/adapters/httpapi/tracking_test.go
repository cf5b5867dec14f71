package httpapi_test

import (
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
)

const oauthJSON = `{"state": "connected", "kind": "oauth", "base_url": null, "syncing": true,
	"account": {"id": "w1", "username": null, "time_zone": "Europe/Berlin", "plan": null},
	"scopes": ["email"], "missing_scopes": ["read_summaries"], "connected_at": "` + agoText + `",
	"last_synced_at": "` + agoText + `", "next_sync_at": "` + laterText + `",
	"failure": {"reason": "throttled", "detail": "WakaTime asked us to slow down; the next sync tries again.", "at": "2026-11-23T12:00:00Z", "since": "` + agoText + `"},
	"summary": "Connected, but the last sync did not reach its end: WakaTime asked us to slow down; the next sync tries again."}`

func oauth() domain.Connection {
	return domain.Connection{
		User: id[domain.User](adaID), Kind: domain.ConnectedByOAuth, State: domain.Connected,
		AccessToken: "waka_tok_canary", RefreshToken: "waka_ref_canary", ExpiresAt: &later, Scopes: []string{"email"},
		Account: domain.WakaTimeAccount{ID: "w1", TimeZone: "Europe/Berlin"}, ConnectedAt: ago,
		LastSyncedAt: &ago, NextSyncAt: &later, Syncing: true,
		Failure: &domain.SyncFailure{Reason: domain.ReasonThrottled, At: now, Since: ago},
	}
}

const byKeyJSON = `{"state": "connected", "kind": "api_key", "base_url": "https://wakapi.example/api", "syncing": false,
	"account": {"id": "w2", "username": "ada", "time_zone": null, "plan": "free"}, "scopes": [], "missing_scopes": [],
	"connected_at": "` + agoText + `", "last_synced_at": null, "next_sync_at": null, "failure": null,
	"summary": "Connected. The first sync is on its way."}`

func byKey() domain.Connection {
	return domain.Connection{
		User: id[domain.User](adaID), Kind: domain.ConnectedByKey, State: domain.Connected, BaseURL: "https://wakapi.example/api",
		AccessToken: "waka_key_canary", Account: domain.WakaTimeAccount{ID: "w2", Username: "ada", Plan: "free"}, ConnectedAt: ago,
	}
}

func connectionRows() map[string]row {
	return map[string]row{
		"a connection in trouble": {
			operation: "GetWakaTimeConnection", call: get("/me/wakatime"),
			port:   func(s *server) { s.Connections.EXPECT().Connection(anything, s.Actor).Return(oauth(), nil) },
			status: 200, want: oauthJSON,
		},
		"no connection": {
			operation: "GetWakaTimeConnection", call: get("/me/wakatime"),
			port: func(s *server) {
				s.Connections.EXPECT().Connection(anything, s.Actor).Return(domain.Connection{State: domain.NotConnected}, nil)
			},
			status: 200, want: `{"state": "not_connected", "kind": null, "base_url": null, "account": null, "scopes": [], "missing_scopes": [],
				"connected_at": null, "last_synced_at": null, "next_sync_at": null, "syncing": false, "failure": null,
				"summary": "No WakaTime account is connected."}`,
		},
		"where to send the browser": {
			operation: "StartWakaTimeAuthorization", call: post("/me/wakatime/authorization", ""),
			port: func(s *server) {
				s.Connections.EXPECT().Authorize(anything, s.Actor).Return("https://wakatime.com/oauth/authorize?state=s", later, nil)
			},
			status: 201, want: `{"authorization_url": "https://wakatime.com/oauth/authorize?state=s", "expires_at": "` + laterText + `"}`,
			headers: map[string]string{"Location": "/api/v1/me/wakatime"},
		},
		"what the browser brought back": {
			operation: "CompleteWakaTimeAuthorization", call: post("/me/wakatime/callback", `{"code": "c", "state": "s"}`),
			port: func(s *server) {
				s.Connections.EXPECT().CompleteAuthorization(anything, s.Actor, domain.Secret("c"), domain.Secret("s")).Return(oauth(), nil)
			},
			status: 200, want: oauthJSON,
		},
		"a key of WakaTime itself": {
			operation: "ConnectWakaTimeWithKey", call: put("/me/wakatime/api-key", `{"api_key": "waka_1"}`),
			port: func(s *server) {
				s.Connections.EXPECT().ConnectWithKey(anything, s.Actor, domain.Secret("waka_1"), "", nil).Return(byKey(), nil)
			},
			status: 200, want: byKeyJSON,
		},
		"a key of another server": {
			operation: "ConnectWakaTimeWithKey", call: put("/me/wakatime/api-key", `{"api_key": "waka_1", "base_url": "https://wakapi.example/api"}`),
			port: func(s *server) {
				s.Connections.EXPECT().ConnectWithKey(anything, s.Actor, domain.Secret("waka_1"), "https://wakapi.example/api", nil).Return(byKey(), nil)
			},
			status: 200, want: byKeyJSON,
		},
		"null stands for WakaTime itself": {
			operation: "ConnectWakaTimeWithKey", call: put("/me/wakatime/api-key", `{"api_key": "waka_1", "base_url": null}`),
			port: func(s *server) {
				s.Connections.EXPECT().ConnectWithKey(anything, s.Actor, domain.Secret("waka_1"), "", nil).Return(byKey(), nil)
			},
			status: 200, want: byKeyJSON,
		},
		"what became of the tokens": {
			operation: "DisconnectWakaTime", call: del("/me/wakatime"),
			port: func(s *server) {
				s.Connections.EXPECT().Disconnect(anything, s.Actor, nil).Return(domain.RevocationFailed, nil)
			},
			status: 200, want: `{"revocation": "failed"}`,
		},
		"of oneself": {
			operation: "SyncMyDays", call: post("/me/wakatime/sync", ""),
			port:   func(s *server) { s.Tracking.EXPECT().RequestSync(anything, s.Actor, s.Actor.UserID).Return(nil) },
			status: 202, want: `{"status_url": "/api/v1/me/wakatime"}`, headers: map[string]string{"Location": "/api/v1/me/wakatime"},
		},
		"of a student": {
			operation: "SyncStudentDays", call: post("/students/"+tomasID+"/sync", ""),
			port: func(s *server) {
				s.Tracking.EXPECT().RequestSync(anything, s.Actor, id[domain.User](tomasID)).Return(nil)
			},
			status: 202, want: `{"status_url": "/api/v1/students/` + tomasID + `/coverage"}`,
			headers: map[string]string{"Location": "/api/v1/students/" + tomasID + "/coverage"},
		},
	}
}

const (
	fetchedJSON = `"day": "2026-11-21", "state": "ok", "seconds": 7200, "final": true, "time_zone": "America/Chicago", "source": "wakatime.com",
		"fetched_at": "` + agoText + `", "attempts": 0, "reason": "other_time_zone",
		"reason_detail": "This day was cut in another time zone: the server ignored ours, or the zone has changed and the next sync cuts it anew."`
	pendingJSON = `"day": "2026-11-22", "state": "pending", "seconds": null, "final": false, "time_zone": null, "source": null,
		"fetched_at": null, "attempts": 2, "reason": null, "reason_detail": null`
	noPartsJSON = `"languages": [], "projects": [], "editors": [], "operating_systems": [], "categories": [], "dependencies": [], "machines": []`
	reportJSON  = `"user_id": "` + adaID + `", "time_zone": "America/Chicago", "from": "2026-11-21", "to": "2026-11-22", "total": ` + servertest.WeekJSON
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
		User: id[domain.User](adaID), TimeZone: "America/Chicago", Range: domain.DayRange{From: from, To: to}, Total: servertest.Week(),
		Days: []domain.DailySummary{
			{
				Day: from, State: domain.DayOK, Seconds: new(7200), TimeZone: "America/Chicago", Source: "wakatime.com", FetchedAt: &ago,
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

func trackingRows() map[string]row {
	return map[string]row{
		"a range of one's own": {
			operation: "ListMyDays", call: get("/me/days?from=2026-11-21&to=2026-11-22"),
			port: func(s *server) {
				s.Tracking.EXPECT().Days(anything, s.Actor, s.Actor.UserID, &from, &to).Return(ledger(), nil)
			},
			status: 200, want: daysJSON,
		},
		"one's latest": {
			operation: "ListMyDays", call: get("/me/days"),
			port: func(s *server) {
				s.Tracking.EXPECT().Days(anything, s.Actor, s.Actor.UserID, nil, nil).Return(ledger(), nil)
			},
			status: 200, want: daysJSON,
		},
		"so far": {
			operation: "GetToday", call: get("/me/today"),
			port:   func(s *server) { s.Tracking.EXPECT().Today(anything, s.Actor).Return(ledger(), nil) },
			status: 200, want: daysJSON,
		},
		"a range of a student": {
			operation: "ListStudentDays", call: get("/students/" + tomasID + "/days?from=2026-11-21&to=2026-11-22"),
			port: func(s *server) {
				s.Tracking.EXPECT().Days(anything, s.Actor, id[domain.User](tomasID), &from, &to).Return(ledger(), nil)
			},
			status: 200, want: daysJSON,
		},
		"what is known of a student": {
			operation: "GetStudentCoverage", call: get("/students/" + tomasID + "/coverage?from=2026-11-21&to=2026-11-22"),
			port: func(s *server) {
				s.Tracking.EXPECT().Coverage(anything, s.Actor, id[domain.User](tomasID), &from, &to).Return(ledger(), nil)
			},
			status: 200, want: `{` + reportJSON + `, "days": [{` + fetchedJSON + `}, {` + pendingJSON + `}]}`,
		},
	}
}

const classJSON = `"batch_id": "` + batchID + `", "time_zone": "America/Chicago", "from": "2026-11-21", "to": "2026-11-22", "total": ` + servertest.WeekJSON

func classRows() map[string]row {
	batch, days := id[domain.Batch](batchID), domain.DayRange{From: from, To: to}
	return map[string]row{
		"a page of a class by days": {
			operation: "GetBatchProgress", call: get("/batches/" + batchID + "/progress?from=2026-11-21&to=2026-11-22&after=c1&limit=10"),
			port: func(s *server) {
				s.Tracking.EXPECT().BatchProgress(anything, s.Actor, batch, &from, &to, domain.PageRequest{After: "c1", Limit: 10}).Return(domain.BatchProgress{
					Batch: batch, TimeZone: "America/Chicago", Range: days, Total: servertest.Week(),
					Students: domain.Page[domain.Progress]{Next: "c2", Items: []domain.Progress{{
						User: id[domain.User](adaID), Name: "Ada Brandt", Connection: domain.Connected, Total: servertest.Week(),
						States: []domain.DayState{"", domain.DayOK}, Seconds: []*int{nil, new(7200)},
					}}},
				}, nil)
			},
			status: 200, want: `{` + classJSON + `, "days": ["2026-11-21", "2026-11-22"], "next": "c2", "items": [{"student_id": "` + adaID + `",
				"name": "Ada Brandt", "connection": "connected", "total": ` + servertest.WeekJSON + `, "states": ["not_expected", "ok"], "seconds": [null, 7200]}]}`,
		},
		"a class without students": {
			operation: "GetBatchProgress", call: get("/batches/" + batchID + "/progress"),
			port: func(s *server) {
				s.Tracking.EXPECT().BatchProgress(anything, s.Actor, batch, nil, nil, domain.PageRequest{Limit: defaultLimit}).
					Return(domain.BatchProgress{Batch: batch, TimeZone: "America/Chicago", Range: days, Total: servertest.Week()}, nil)
			},
			status: 200, want: `{` + classJSON + `, "days": ["2026-11-21", "2026-11-22"], "next": null, "items": []}`,
		},
		"who has gaps": {
			operation: "GetBatchCoverage", call: get("/batches/" + batchID + "/coverage?from=2026-11-21&to=2026-11-22"),
			port: func(s *server) {
				s.Tracking.EXPECT().BatchCoverage(anything, s.Actor, batch, &from, &to).Return(domain.BatchCoverage{
					Batch: batch, TimeZone: "America/Chicago", Range: days, Total: servertest.Week(),
					Gaps: []domain.Gap{
						{User: id[domain.User](adaID), Name: "Ada Brandt", Connection: domain.NeedsReconnect, Total: servertest.Week(), Since: from, Reason: domain.ReasonRevoked, LastSyncedAt: &ago},
						{User: id[domain.User](tomasID), Name: "Tomas", Connection: domain.NotConnected, Total: servertest.Week(), Since: to},
					},
				}, nil)
			},
			status: 200, want: `{` + classJSON + `, "gaps": [
				{"student_id": "` + adaID + `", "name": "Ada Brandt", "connection": "needs_reconnect", "total": ` + servertest.WeekJSON + `, "since": "2026-11-21",
					"reason": "revoked", "reason_detail": "WakaTime ended the connection. Connect again.", "last_synced_at": "` + agoText + `"},
				{"student_id": "` + tomasID + `", "name": "Tomas", "connection": "not_connected", "total": ` + servertest.WeekJSON + `, "since": "2026-11-22",
					"reason": null, "reason_detail": null, "last_synced_at": null}]}`,
		},
	}
}
