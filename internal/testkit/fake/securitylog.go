package fake

import (
	"context"
	"slices"
	"sync"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// SecurityLog is a ports.SecurityLog that keeps the events.
type SecurityLog struct {
	mu     sync.Mutex
	events []domain.SecurityEvent
}

var _ ports.SecurityLog = (*SecurityLog)(nil)

// Record implements ports.SecurityLog.
func (l *SecurityLog) Record(_ context.Context, e domain.SecurityEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

// Events returns the events so far.
func (l *SecurityLog) Events() []domain.SecurityEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}
