package httpapi

import (
	"time"

	"github.com/oapi-codegen/nullable"
	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/domain"
)

// each converts a slice. It never returns nil, so that JSON lists are never null.
func each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// optional returns the value of an optional parameter, or the zero value.
func optional[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// canonicalID returns an ID as Gradus writes it, and any other text as it is.
func canonicalID(text string) string {
	if id, err := domain.ParseID[any](text); err == nil {
		return id.String()
	}
	return text
}

// filled returns nil for the zero value, which the API renders as null.
func filled[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// dayOf converts a calendar day.
func dayOf(d types.Date) domain.Day { return domain.DayAt(d.Time, time.UTC) }

// dayQuery converts the parameters from and to.
func dayQuery(from, to *types.Date) domain.DayQuery {
	return domain.DayQuery{From: dayRef(from), To: dayRef(to)}
}

// dayRef converts an optional calendar day.
func dayRef(d *types.Date) *domain.Day {
	if d == nil {
		return nil
	}
	return new(dayOf(*d))
}

// dateJSON renders a calendar day.
func dateJSON(d domain.Day) types.Date { return types.Date{Time: d.Date()} }

// dateRefJSON renders an optional calendar day.
func dateRefJSON(d *domain.Day) *types.Date {
	if d == nil {
		return nil
	}
	return new(dateJSON(*d))
}

// patched converts a field of a merge patch: nil if it is absent, a pointer to nil if it is
// null.
func patched[T any](n nullable.Nullable[T]) **T {
	switch {
	case !n.IsSpecified():
		return nil
	case n.IsNull():
		return new((*T)(nil))
	}
	return new(new(n.MustGet()))
}
