package httpapi_test

import (
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func auditRows() map[string]row {
	entry := domain.AuditEntry{
		ID: id[domain.AuditEntry]("01a13bad-0000-7000-8000-000000000001"), At: ago,
		ActorID: id[domain.User](adaID), ActorName: "Ada Brandt", ActorRole: domain.RoleAdmin,
		Change: domain.Change{Action: domain.ActBatchCreate, Subject: batchID, Details: map[string]any{"name": "Autumn"}},
		Origin: domain.Origin{RequestID: requestID, Address: "192.0.2.1"},
	}
	const auditID = `{"id": "01a13bad-0000-7000-8000-000000000001", "at": "` + agoText + `", `
	return map[string]row{
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
