package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=auditlog.go -destination=mock/auditlog.go -package=mock

// AuditLog is driving: who did what.
type AuditLog interface {
	// AuditEntries lists what was done, newest first.
	// Errors: ErrForbidden, ErrInvalidCursor.
	AuditEntries(ctx context.Context, actor domain.Actor, f domain.AuditFilter, page domain.PageRequest) (domain.Page[domain.AuditEntry], error)
}

// AuditStore is driven: where the audit log is read. The unit of work writes it.
type AuditStore interface {
	// ListAuditEntries lists entries, newest first.
	// Errors: ErrInvalidCursor.
	ListAuditEntries(ctx context.Context, f domain.AuditFilter, page domain.PageRequest) (domain.Page[domain.AuditEntry], error)
}
