package httpapi

import (
	"context"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

type auditlogHandlers struct{ auditlog ports.AuditLog }

func (h auditlogHandlers) ListAuditEntries(ctx context.Context, r api.ListAuditEntriesRequestObject) (api.ListAuditEntriesResponseObject, error) {
	page, err := h.auditlog.AuditEntries(ctx, actor(ctx), domain.AuditFilter{
		Actor:   domain.UserID(optional(r.Params.ActorID)),
		Subject: canonicalID(optional(r.Params.Subject)),
		Action:  domain.Action(optional(r.Params.Action)),
		From:    optional(r.Params.From),
		To:      optional(r.Params.To),
	}, pageRequest(r.Params.After, r.Params.Limit))
	if err != nil {
		return nil, err
	}
	return api.ListAuditEntries200JSONResponse{Items: each(page.Items, auditEntryJSON), Next: next(page.Next)}, nil
}

func auditEntryJSON(e domain.AuditEntry) api.AuditEntry {
	out := api.AuditEntry{
		ID:        types.UUID(e.ID),
		At:        e.At,
		ActorName: filled(e.ActorName),
		ActorRole: api.AuditRole(e.ActorRole),
		Action:    string(e.Action),
		Subject:   e.Subject,
		Details:   e.Details,
		RequestID: filled(e.Origin.RequestID),
		Address:   filled(e.Origin.Address),
	}
	if out.Details == nil {
		out.Details = map[string]any{} // never null
	}
	if !e.ActorID.IsZero() {
		out.ActorID = new(types.UUID(e.ActorID))
	}
	return out
}
