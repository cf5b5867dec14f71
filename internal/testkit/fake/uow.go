// Package fake holds the few hand-written doubles that mocks cannot express.
package fake

import (
	"context"
	"errors"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// UnitOfWork runs work at once and remembers what the audit log would.
type UnitOfWork struct {
	Changes []domain.Change // of the work that succeeded
	Actors  []domain.Actor  // who did each of Changes
}

var _ ports.UnitOfWork = (*UnitOfWork)(nil)

type inside struct{}

// Inside reports whether ctx belongs to a unit of work: whether a store that is
// called with it would take part.
func Inside(ctx context.Context) bool { return ctx.Value(inside{}) != nil }

// Do runs fn. Like the real one it refuses a unit of work inside another.
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
