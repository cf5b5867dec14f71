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

// kwameID is a student of the demo class who connected another account.
const kwameID = "019b76dc-5d80-7a60-91b2-d74e65264b62"

const oauthJSON = `{"state": "connected", "kind": "oauth", "server": "WakaTime", "base_url": null, "syncing": true,
	"account": {"id": "w1", "username": null, "time_zone": "Europe/Berlin", "plan": null}, "yardstick": {"kind": "standard", "timeout_minutes": 15},
	"scopes": ["email"], "missing_scopes": ["read_summaries"], "connected_at": "` + AgoText + `",
	"last_synced_at": "` + AgoText + `", "next_sync_at": "` + LaterText + `",
	"failure": {"reason": "throttled", "detail": "WakaTime is limiting requests. The next sync will retry.", "at": "2026-11-23T12:00:00Z", "since": "` + AgoText + `"},
	"coverage": ` + WeekJSON + `,
	"summary": "Connected to WakaTime, but the last sync failed: WakaTime is limiting requests. The next sync will retry."}`

func oauth() domain.ConnectionReport {
	return domain.ConnectionReport{Coverage: Week(), Connection: domain.Connection{
		User: ID[domain.User](AdaID), Kind: domain.ConnectedByOAuth, State: domain.Connected,
		AccessToken: "waka_tok_canary", RefreshToken: "waka_ref_canary", ExpiresAt: &Later, Scopes: []string{"email"},
		Account:   domain.WakaTimeAccount{Server: "api.wakatime.com", ID: "w1", TimeZone: "Europe/Berlin"},
		Yardstick: domain.Yardstick{Kind: domain.YardstickStandard, Timeout: 15}, ConnectedAt: Ago,
		LastSyncedAt: &Ago, NextSyncAt: &Later, Syncing: true,
		Failure: &domain.SyncFailure{Reason: domain.ReasonThrottled, At: Now, Since: Ago},
	}}
}

const byKeyJSON = `{"state": "connected", "kind": "api_key", "server": "wakapi.example", "base_url": "https://wakapi.example/api", "syncing": false,
	"account": {"id": "w2", "username": "ada", "time_zone": null, "plan": "free"}, "yardstick": {"kind": "unknown", "timeout_minutes": null}, "scopes": [], "missing_scopes": [],
	"connected_at": "` + AgoText + `", "last_synced_at": null, "next_sync_at": null, "failure": null,
	"coverage": ` + nothingJSON + `, "summary": "Connected to wakapi.example. The first sync has not finished yet."}`

func byKey() domain.ConnectionReport {
	return domain.ConnectionReport{Connection: domain.Connection{
		User: ID[domain.User](AdaID), Kind: domain.ConnectedByKey, State: domain.Connected, BaseURL: "https://wakapi.example/api",
		AccessToken: "waka_key_canary", Account: domain.WakaTimeAccount{Server: "wakapi.example", ID: "w2", Username: "ada", Plan: "free"}, ConnectedAt: Ago,
	}}
}

const (
	accountID          = "01a13bad-ac40-7d21-9a35-6b0e8c14f7d2"
	earlierAccountJSON = `{"id": "` + accountID + `", "server": "wakapi.example", "username": "ada", "current": false, "accepted_at": "` + AgoText + `",
		"first_day": "2026-09-07", "last_day": "2026-10-02", "days": 20, "seconds": 158951, "counted_days": 3}`
)

func earlierAccount() domain.TrackedAccount {
	return domain.TrackedAccount{
		ID: ID[domain.TrackedAccount](accountID), Server: "wakapi.example", Username: "ada", AcceptedAt: &Ago,
		First: new(domain.NewDay(2026, time.September, 7)), Last: new(domain.NewDay(2026, time.October, 2)), Days: 20, Seconds: 158951, Counted: 3,
	}
}

func (p *Ports) connections() *mock.MockConnectionsMockRecorder {
	return p.Connections.(*mock.MockConnections).EXPECT()
}

func (p *Ports) studentConnections() *mock.MockStudentConnectionsMockRecorder {
	return p.StudentConnections.(*mock.MockStudentConnections).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) {
		u.Connections, u.StudentConnections = mock.NewMockConnections(c), mock.NewMockStudentConnections(c)
	}, func() map[string]Operation {
		ada := ID[domain.User](AdaID)
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
							p.connections().Connection(anything, p.Actor).Return(domain.ConnectionReport{Connection: domain.Connection{State: domain.NotConnected}, Coverage: Week()}, nil)
						},
						Status: 200, Response: `{"state": "not_connected", "kind": null, "server": null, "base_url": null, "account": null, "yardstick": null, "scopes": [], "missing_scopes": [],
				"connected_at": null, "last_synced_at": null, "next_sync_at": null, "syncing": false, "failure": null,
				"coverage": ` + WeekJSON + `, "summary": "No coding account is connected."}`,
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
			"ListWakaTimeServers": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"all": {As: "ada"}},
				Calls: Calls{
					"lists the allowed servers": {
						Request: get("/wakatime/servers"),
						Ports: func(p *Ports) {
							p.connections().Servers(anything, p.Actor).Return([]domain.WakaTimeServer{
								{Name: "WakaTime", BaseURL: "https://api.wakatime.com/api/v1", Default: true},
								{Name: "wakapi.example", BaseURL: "https://wakapi.example/api/compat/wakatime/v1"},
							}, nil)
						},
						Status: 200, Response: `{"items": [
				{"name": "WakaTime", "base_url": "https://api.wakatime.com/api/v1", "default": true},
				{"name": "wakapi.example", "base_url": "https://wakapi.example/api/compat/wakatime/v1", "default": false}], "next": null}`,
					},
				},
			},
			"DisconnectStudentWakaTime": {
				Access:   Access{On: "student_id", Want: staffOnly},
				Examples: Examples{"revoked": {As: "tomas"}},
				Calls: Calls{
					"disconnects a student": {
						Request: del("/students/" + AdaID + "/wakatime"),
						Ports: func(p *Ports) {
							p.studentConnections().DisconnectStudent(anything, p.Actor, ada).Return(domain.RevocationDone, nil)
						},
						Status: 200, Response: `{"revocation": "revoked"}`,
					},
				},
			},
			"ListStudentWakaTimeAccounts": {
				Access:   Access{On: "student_id", Want: staffOnly},
				Examples: Examples{"all": {As: "tomas", Path: map[string]string{"student_id": kwameID}}},
				Calls: Calls{
					"lists the accounts of a student": {
						Request: get("/students/" + AdaID + "/wakatime/accounts"),
						Ports: func(p *Ports) {
							p.studentConnections().StudentAccounts(anything, p.Actor, ada).
								Return([]domain.TrackedAccount{{ID: ID[domain.TrackedAccount](TomasID), Server: "api.wakatime.com", Current: true}, earlierAccount()}, nil)
						},
						Status: 200, Response: `{"items": [
				{"id": "` + TomasID + `", "server": "WakaTime", "username": null, "current": true, "accepted_at": null, "first_day": null, "last_day": null,
					"days": 0, "seconds": 0, "counted_days": 0}, ` + earlierAccountJSON + `], "next": null}`,
					},
				},
			},
			"AcceptWakaTimeAccount": {
				Access:   Access{On: "student_id", Want: staffOnly},
				Examples: Examples{"accepted": {As: "tomas", Path: map[string]string{"student_id": kwameID}}},
				Calls: Calls{
					"accepts an account": {
						Request: put("/students/"+AdaID+"/wakatime/accounts/"+accountID+"/acceptance", ""),
						Ports: func(p *Ports) {
							p.studentConnections().AcceptAccount(anything, p.Actor, ada, ID[domain.TrackedAccount](accountID)).Return(earlierAccount(), nil)
						},
						Status: 200, Response: earlierAccountJSON,
					},
				},
			},
			"RejectWakaTimeAccount": {
				Access:   Access{On: "student_id", Want: staffOnly},
				Examples: Examples{"rejected": {As: "tomas", Path: map[string]string{"student_id": kwameID}}},
				Calls: Calls{
					"rejects an account": {
						Request: del("/students/" + AdaID + "/wakatime/accounts/" + accountID + "/acceptance"),
						Ports: func(p *Ports) {
							p.studentConnections().RejectAccount(anything, p.Actor, ada, ID[domain.TrackedAccount](accountID)).Return(earlierAccount(), nil)
						},
						Status: 200, Response: earlierAccountJSON,
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
