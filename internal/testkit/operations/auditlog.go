package operations

import (
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
)

func (p *Ports) auditLog() *mock.MockAuditLogMockRecorder {
	return p.AuditLog.(*mock.MockAuditLog).EXPECT()
}

func init() {
	register(func(c *gomock.Controller, u *httpapi.UseCases) {
		u.AuditLog = mock.NewMockAuditLog(c)
	}, func() map[string]Operation {
		entry := domain.AuditEntry{
			ID: ID[domain.AuditEntry]("01a13bad-0000-7000-8000-000000000001"), At: Ago,
			ActorID: ID[domain.User](AdaID), ActorName: "Ada Brandt", ActorRole: domain.RoleAdmin,
			Change: domain.Change{Action: domain.ActBatchCreate, Subject: BatchID, Details: map[string]any{"name": "Autumn"}},
			Origin: domain.Origin{RequestID: RequestID, Address: "192.0.2.1"},
		}
		const auditID = `{"id": "01a13bad-0000-7000-8000-000000000001", "at": "` + AgoText + `", `
		return map[string]Operation{
			"ListAuditEntries": {
				Access:   Access{Want: adminsOnly},
				Examples: Examples{"page": {As: "mira"}},
				Calls: Calls{
					"lists all entries": {
						Request: get("/audit-log"),
						Ports: func(p *Ports) {
							p.auditLog().AuditEntries(anything, p.Actor, domain.AuditFilter{}, domain.PageRequest{Limit: defaultLimit}).
								Return(domain.Page[domain.AuditEntry]{Items: []domain.AuditEntry{entry}, Next: "c2"}, nil)
						},
						Status: 200, Response: `{"items": [` + auditID + `"actor_id": "` + AdaID + `", "actor_name": "Ada Brandt", "actor_role": "admin",
				"action": "batch.create", "subject": "` + BatchID + `", "details": {"name": "Autumn"}, "request_id": "` + RequestID + `", "address": "192.0.2.1"}],
				"next": "c2"}`,
					},
					"filters and pages": {
						Request: get("/audit-log?actor_id=" + AdaID + "&subject=" + BatchID + "&action=batch.create" +
							"&from=2026-11-23T12%3A00%3A00%2B01%3A00&to=" + LaterText + "&after=c1&limit=3"),
						Ports: func(p *Ports) {
							p.auditLog().AuditEntries(anything, p.Actor, gomock.Cond(func(f domain.AuditFilter) bool {
								return f.Actor == ID[domain.User](AdaID) && f.Subject == BatchID && f.Action == domain.ActBatchCreate && f.From.Equal(Ago) && f.To.Equal(Later)
							}), domain.PageRequest{After: "c1", Limit: 3}).Return(domain.Page[domain.AuditEntry]{}, nil)
						},
						Status: 200, Response: `{"items": [], "next": null}`,
					},
					"a background job without details": {
						Request: get("/audit-log?limit=1"),
						Ports: func(p *Ports) {
							e := domain.AuditEntry{ID: entry.ID, At: Ago, ActorRole: domain.RoleSystem, Change: domain.Change{Action: domain.ActWakaTimeUnlink, Subject: AdaID}}
							p.auditLog().AuditEntries(anything, p.Actor, domain.AuditFilter{}, domain.PageRequest{Limit: 1}).
								Return(domain.Page[domain.AuditEntry]{Items: []domain.AuditEntry{e}}, nil)
						},
						Status: 200, Response: `{"items": [` + auditID + `"actor_id": null, "actor_name": null, "actor_role": "system", "action": "wakatime.unlink",
				"subject": "` + AdaID + `", "details": {}, "request_id": null, "address": null}], "next": null}`,
					},
				},
			},
		}
	})
}
