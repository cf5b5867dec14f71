package httpapi

import (
	"time"

	"github.com/oapi-codegen/runtime/types"

	"github.com/gradus-dev/gradus/internal/domain"
)

// defaultLimit is the `default` of the Limit parameter in the spec.
const defaultLimit = 50

// pageRequest reads the paging parameters.
func pageRequest(after *string, limit *int) domain.PageRequest {
	req := domain.PageRequest{Limit: defaultLimit}
	if after != nil {
		req.After = domain.Cursor(*after)
	}
	if limit != nil {
		req.Limit = *limit
	}
	return req
}

// next renders a cursor; null on the last page.
func next(c domain.Cursor) *string {
	if c == "" {
		return nil
	}
	return new(string(c))
}

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
