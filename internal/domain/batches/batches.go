package batches

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Batches implements ports.Batches.
func (s *Service) Batches(ctx context.Context, actor domain.Actor, f domain.BatchFilter, page domain.PageRequest) (domain.Page[domain.Batch], error) {
	return s.batches.ListBatches(ctx, actor.Visibility(), f, page)
}

// Batch implements ports.Batches.
func (s *Service) Batch(ctx context.Context, actor domain.Actor, id domain.BatchID) (domain.Batch, error) {
	if err := may(actor, domain.ActBatchRead, id); err != nil {
		return domain.Batch{}, err
	}
	return s.batches.Batch(ctx, id)
}
