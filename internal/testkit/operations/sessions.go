package operations

import (
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

const sessionID = "019b76da-b3b8-7ddf-a081-e2a6e5da37bb"

func (p *Ports) activeSessions() *mock.MockActiveSessionsMockRecorder {
	return p.ActiveSessions.(*mock.MockActiveSessions).EXPECT()
}

// laptop returns a page with one session.
func laptop(id domain.SessionID) domain.Page[domain.Session] {
	return domain.Page[domain.Session]{Next: "c2", Items: []domain.Session{{
		ID: id, UserAgent: "Firefox", Address: "192.0.2.7", CreatedAt: Ago, LastSeenAt: Now, ExpiresAt: Later,
	}}}
}

func laptopJSON(id, current string) string {
	return `{"items": [{"id": "` + id + `", "user_agent": "Firefox", "address": "192.0.2.7", "created_at": "` + AgoText + `",
		"last_used_at": "2026-11-23T12:00:00Z", "expires_at": "` + LaterText + `", "current": ` + current + `}], "next": "c2"}`
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) { u.ActiveSessions = mock.NewMockActiveSessions(c) }, func() map[string]Operation {
		first := domain.PageRequest{Limit: defaultLimit}
		const chidi = "019b76dc-8490-7ed5-91f6-5886d13e37bf" // a student
		return map[string]Operation{
			"ListMySessions": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"page": {As: "freya"}},
				Volatile: Volatile{{"items.0.id", nil, "random"}},
				Calls: Calls{
					"marks the session of the request": {
						Request: get("/me/sessions"),
						Ports: func(p *Ports) {
							p.activeSessions().MySessions(anything, p.Actor, first).Return(laptop(p.Actor.SessionID), nil)
						},
						Status: 200, Response: laptopJSON("01a13b00-0000-7000-8000-000000000001", "true"),
					},
					"pages": {
						Request: get("/me/sessions?after=c1&limit=2"),
						Ports: func(p *Ports) {
							p.activeSessions().MySessions(anything, p.Actor, domain.PageRequest{After: "c1", Limit: 2}).Return(laptop(ID[domain.Session](sessionID)), nil)
						},
						Status: 200, Response: laptopJSON(sessionID, "false"),
					},
				},
			},
			"RevokeMyOtherSessions": {
				Access:   Access{Want: "401 204 204 204 204 204 204 401"},
				Examples: Examples{"": {As: "ada"}},
				Calls: Calls{
					"ends the others": {
						Request: del("/me/sessions"),
						Ports:   func(p *Ports) { p.activeSessions().RevokeMyOtherSessions(anything, p.Actor).Return(nil) },
						Status:  204,
					},
				},
			},
			"RevokeMySession": {
				Access:   Access{On: "session_id", Want: "401 404 204 404 404 404 404 401", Self: "401 204 204 204 204 204 204 401"},
				Examples: Examples{"": {As: "freya"}},
				Calls: Calls{
					"ends one": {
						Request: del("/me/sessions/" + sessionID),
						Ports: func(p *Ports) {
							p.activeSessions().RevokeMySession(anything, p.Actor, ID[domain.Session](sessionID)).Return(nil)
						},
						Status: 204,
					},
				},
			},
			"ChangePassword": {
				Access: Access{Want: "401 204 204 204 204 204 204 401", Body: apiclient.Object{
					"current_password": apiclient.Password, "password": "nine grey herons wading home",
				}},
				Examples: Examples{"": {As: "ada"}},
				Calls: Calls{
					"passes both passwords": {
						Request: put("/me/password", `{"current_password": "three blue teapots sing", "password": "nine grey herons"}`),
						Ports: func(p *Ports) {
							p.activeSessions().ChangePassword(anything, p.Actor, ports.PasswordChange{Current: "three blue teapots sing", New: "nine grey herons"}).Return(nil)
						},
						Status: 204,
					},
				},
			},
			"ListUserSessions": {
				Access:   Access{On: "user_id", Want: adminsOnly},
				Examples: Examples{"page": {As: "mira", Path: map[string]string{"user_id": chidi}}},
				Calls: Calls{
					"lists those of a user": {
						Request: get("/users/" + AdaID + "/sessions"),
						Ports: func(p *Ports) {
							p.activeSessions().UserSessions(anything, p.Actor, ID[domain.User](AdaID), first).Return(laptop(ID[domain.Session](sessionID)), nil)
						},
						Status: 200, Response: laptopJSON(sessionID, "false"),
					},
				},
			},
			"RevokeUserSessions": {
				Access:   Access{On: "user_id", Want: "401 403 403 403 403 403 204 401"},
				Examples: Examples{"": {As: "mira"}},
				Calls: Calls{
					"ends all": {
						Request: del("/users/" + AdaID + "/sessions"),
						Ports: func(p *Ports) {
							p.activeSessions().RevokeUserSessions(anything, p.Actor, ID[domain.User](AdaID)).Return(nil)
						},
						Status: 204,
					},
				},
			},
		}
	})
}
