package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=security.go -destination=mock/security.go -package=mock

// SecurityLog is a driven interface: it reports security events to operators.
type SecurityLog interface {
	// Record reports an event. Use cases call it outside of units of work, which can run
	// several times.
	// Errors: none.
	Record(ctx context.Context, e domain.SecurityEvent)
}
