package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=auditlog.go -destination=mock/auditlog.go -package=mock

// AuditLog is a driving interface: the record of who did what.
type AuditLog interface {
	// AuditEntries lists audit entries, newest first.
	// Errors: ErrForbidden, ErrInvalidCursor.
	AuditEntries(ctx context.Context, actor domain.Actor, f domain.AuditFilter, page domain.PageRequest) (domain.Page[domain.AuditEntry], error)
}

// AuditStore is a driven interface: it reads audit entries. UnitOfWork writes them.
type AuditStore interface {
	// ListAuditEntries lists audit entries, newest first.
	// Errors: ErrInvalidCursor.
	ListAuditEntries(ctx context.Context, f domain.AuditFilter, page domain.PageRequest) (domain.Page[domain.AuditEntry], error)
}
