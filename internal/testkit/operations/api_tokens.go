package operations

import (
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

const (
	apiTokenID   = "019b76da-b3b8-7ddf-a081-e2a6e5da37bb"
	apiTokenJSON = `{"id": "` + apiTokenID + `", "user_id": "` + AdaID + `", "user_name": "Ada Brandt", "name": "QA", "scopes": ["read", "students:write"],
		"created_at": "` + AgoText + `", "expires_at": "` + LaterText + `", "revoked_at": null, "last_used_at": null, "last_used_address": null}`
	usedTokenJSON = `{"id": "` + apiTokenID + `", "user_id": "` + AdaID + `", "user_name": "Ada Brandt", "name": "QA", "scopes": ["read", "students:write"],
		"created_at": "` + AgoText + `", "expires_at": "` + LaterText + `", "revoked_at": "2026-11-23T12:00:00Z", "last_used_at": "` + AgoText + `", "last_used_address": "192.0.2.7"}`
)

func (p *Ports) apiTokens() *mock.MockAPITokensMockRecorder {
	return p.APITokens.(*mock.MockAPITokens).EXPECT()
}

func qaToken() domain.APIToken {
	return domain.APIToken{
		ID: ID[domain.APIToken](apiTokenID), User: ID[domain.User](AdaID), UserName: "Ada Brandt", Name: "QA",
		Scopes: []domain.APIScope{"read", "students:write"}, CreatedAt: Ago, ExpiresAt: Later,
	}
}

// revokedToken returns a page with a token that was used and revoked.
func revokedToken() domain.Page[domain.APIToken] {
	t := qaToken()
	t.RevokedAt, t.LastUsedAt, t.LastUsedAddress = &Now, &Ago, "192.0.2.7"
	return domain.Page[domain.APIToken]{Next: "c2", Items: []domain.APIToken{t}}
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) { u.APITokens = mock.NewMockAPITokens(c) }, func() map[string]Operation {
		page := domain.PageRequest{After: "c1", Limit: 2}
		return map[string]Operation{
			"ListMyApiTokens": {
				Access:   Access{Want: signedInOnly},
				Examples: Examples{"page": {As: "mira"}},
				Calls: Calls{"pages": {
					Request: get("/me/api-tokens?after=c1&limit=2"),
					Ports:   func(p *Ports) { p.apiTokens().MyAPITokens(anything, p.Actor, page).Return(revokedToken(), nil) },
					Status:  200, Response: `{"items": [` + usedTokenJSON + `], "next": "c2"}`,
				}},
			},
			"CreateApiToken": {
				Access:   Access{Want: "401 201 201 201 201 201 201 401", Body: apiclient.Object{"name": "QA", "scopes": []string{"read"}, "expires_in_days": 90}},
				Examples: Examples{"qa": {As: "mira"}},
				Volatile: Volatile{{"token", nil, "a secret"}, {"api_token.id", nil, "random"}},
				Calls: Calls{"shows the token once": {
					Request: post("/me/api-tokens", `{"name": "QA", "scopes": ["read", "students:write"], "expires_in_days": 90}`),
					Ports: func(p *Ports) {
						p.apiTokens().CreateAPIToken(anything, p.Actor, ports.NewAPIToken{
							Name: "QA", Scopes: []domain.APIScope{"read", "students:write"}, Days: 90,
						}).Return(domain.CreatedAPIToken{APIToken: qaToken(), Token: "gradus_pat_text"}, nil)
					},
					Status: 201, Response: `{"token": "gradus_pat_text", "api_token": ` + apiTokenJSON + `}`,
					Headers: map[string]string{"Location": "/api/v1/me/api-tokens"},
				}},
			},
			"RevokeMyApiToken": {
				Access:   Access{On: "token_id", Want: "401 404 204 404 404 404 404 401", Self: "401 204 204 204 204 204 204 401"},
				Examples: Examples{"": {As: "mira"}},
				Calls: Calls{"revokes one": {
					Request: del("/me/api-tokens/" + apiTokenID),
					Ports: func(p *Ports) {
						p.apiTokens().RevokeMyAPIToken(anything, p.Actor, qaToken().ID).Return(nil)
					},
					Status: 204,
				}},
			},
			"ListApiTokens": {
				Access:   Access{Want: adminsOnly},
				Examples: Examples{"page": {As: "mira"}},
				Calls: Calls{
					"lists all": {
						Request: get("/api-tokens"),
						Ports: func(p *Ports) {
							p.apiTokens().AllAPITokens(anything, p.Actor, domain.APITokenFilter{}, domain.PageRequest{Limit: defaultLimit}).Return(revokedToken(), nil)
						},
						Status: 200, Response: `{"items": [` + usedTokenJSON + `], "next": "c2"}`,
					},
					"lists those of a user": {
						Request: get("/api-tokens?after=c1&limit=2&user_id=" + AdaID),
						Ports: func(p *Ports) {
							p.apiTokens().AllAPITokens(anything, p.Actor, domain.APITokenFilter{User: ID[domain.User](AdaID)}, page).Return(revokedToken(), nil)
						},
						Status: 200, Response: `{"items": [` + usedTokenJSON + `], "next": "c2"}`,
					},
				},
			},
			"RevokeApiToken": {
				Access:   Access{On: "token_id", Want: "401 403 403 403 403 403 204 401"},
				Examples: Examples{"": {As: "mira"}},
				Calls: Calls{"revokes the token of anybody": {
					Request: del("/api-tokens/" + apiTokenID),
					Ports:   func(p *Ports) { p.apiTokens().RevokeAPIToken(anything, p.Actor, qaToken().ID).Return(nil) },
					Status:  204,
				}},
			},
		}
	})
}
