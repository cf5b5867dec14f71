package httpapi

import (
	"time"

	"github.com/oapi-codegen/nullable"
	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/domain"
)

// each maps a slice; it never returns nil, so JSON lists are never null.
func each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// optional returns the value of a parameter, or the zero value without one.
func optional[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// filled returns nil for the zero value, which the API writes as null.
func filled[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// dayOf reads a calendar day.
func dayOf(d types.Date) domain.Day { return domain.DayAt(d.Time, time.UTC) }

// dayRef reads a calendar day that may be missing.
func dayRef(d *types.Date) *domain.Day {
	if d == nil {
		return nil
	}
	return new(dayOf(*d))
}

// dateJSON writes a calendar day.
func dateJSON(d domain.Day) types.Date { return types.Date{Time: d.Date()} }

// patched reads a field of a merge patch: nil when it is absent, and a pointer to
// nil when it is null.
func patched[T any](n nullable.Nullable[T]) **T {
	switch {
	case !n.IsSpecified():
		return nil
	case n.IsNull():
		return new((*T)(nil))
	}
	return new(new(n.MustGet()))
}
