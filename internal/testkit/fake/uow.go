// Package fake provides test doubles that generated mocks cannot express.
package fake

import (
	"context"
	"errors"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// UnitOfWork is a ports.UnitOfWork without a database. It records the changes that would be
// in the audit log.
type UnitOfWork struct {
	Changes []domain.Change // of units of work that succeeded
	Actors  []domain.Actor  // of Changes
}

var _ ports.UnitOfWork = (*UnitOfWork)(nil)

type inside struct{}

// Inside reports whether ctx belongs to a unit of work, so that a store called with it
// would use its transaction.
func Inside(ctx context.Context) bool { return ctx.Value(inside{}) != nil }

// Do calls fn. It rejects nested units of work, as the real one does.
func (u *UnitOfWork) Do(ctx context.Context, actor domain.Actor, fn func(context.Context) (domain.Change, error)) error {
	if Inside(ctx) {
		return errors.New("unit of work inside a unit of work")
	}
	c, err := fn(context.WithValue(ctx, inside{}, true))
	if err == nil && c.Action != "" {
		u.Changes = append(u.Changes, c)
		u.Actors = append(u.Actors, actor)
	}
	return err
}
