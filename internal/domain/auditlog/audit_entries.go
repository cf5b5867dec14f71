package auditlog

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// AuditEntries implements ports.AuditLog.
func (s *Service) AuditEntries(ctx context.Context, actor domain.Actor, f domain.AuditFilter, page domain.PageRequest) (domain.Page[domain.AuditEntry], error) {
	if err := actor.May(domain.ActAuditRead, domain.Subject{}); err != nil {
		return domain.Page[domain.AuditEntry]{}, err
	}
	return s.entries.ListAuditEntries(ctx, f, page)
}
