package httpapi

import (
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
)

// pageRequest converts the paging parameters.
func pageRequest(after *string, limit *int) domain.PageRequest {
	req := domain.PageRequest{Limit: spec.DefaultLimit}
	if after != nil {
		req.After = domain.Cursor(*after)
	}
	if limit != nil {
		req.Limit = *limit
	}
	return req
}

// next renders a cursor, or null on the last page.
func next(c domain.Cursor) *string {
	if c == "" {
		return nil
	}
	return new(string(c))
}
