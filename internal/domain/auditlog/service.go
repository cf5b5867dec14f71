// Package auditlog lists audit entries.
package auditlog

import "github.com/gradus-dev/gradus/internal/ports"

// Service implements ports.AuditLog.
type Service struct{ entries ports.AuditStore }

var _ ports.AuditLog = (*Service)(nil)

// New returns a Service.
func New(entries ports.AuditStore) *Service { return &Service{entries: entries} }
