// Package fake provides test doubles that generated mocks cannot express.
package fake

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// UnitOfWork is a ports.UnitOfWork without a database. It records the changes that would be
// in the audit log.
type UnitOfWork struct {
	// Current, if set, returns the actor as they are when the unit of work begins.
	Current func(domain.Actor) (domain.Actor, error)

	Runs    atomic.Int64    // calls of Do
	Changes []domain.Change // of units of work that succeeded
	Actors  []domain.Actor  // of Changes

	mu sync.Mutex // for Changes and Actors
}

var _ ports.UnitOfWork = (*UnitOfWork)(nil)

type inside struct{}

// Inside reports whether ctx belongs to a unit of work, so that a store called with it
// would use its transaction.
func Inside(ctx context.Context) bool { return ctx.Value(inside{}) != nil }

// Do calls fn. It rejects nested units of work, as the real one does.
func (u *UnitOfWork) Do(ctx context.Context, actor domain.Actor, _ ports.Locks, fn func(context.Context, domain.Actor) (domain.Change, error)) error {
	if Inside(ctx) {
		return errors.New("unit of work inside a unit of work")
	}
	u.Runs.Add(1)
	if u.Current != nil {
		var err error
		if actor, err = u.Current(actor); err != nil {
			return err
		}
	}
	c, err := fn(context.WithValue(ctx, inside{}, true), actor)
	if err == nil && c.Action != "" {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.Changes = append(u.Changes, c)
		u.Actors = append(u.Actors, actor)
	}
	return err
}
