package batches

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// CreateBatch implements ports.Batches.
func (s *Service) CreateBatch(ctx context.Context, actor domain.Actor, fields domain.BatchUpdate) (domain.Batch, error) {
	var batch domain.Batch
	err := s.uow.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActBatchCreate, domain.Subject{}); err != nil {
			return domain.NoChange, err
		}
		now := s.now()
		var err error
		if batch, err = domain.NewBatch(domain.BatchID(s.newID()), fields, now); err != nil {
			return domain.NoChange, err
		}
		key := domain.NewRegistrationKey(batch.ID, s.newKey(), now)
		if err := s.batches.AddBatch(ctx, batch); err != nil {
			return domain.NoChange, fmt.Errorf("add batch: %w", err)
		}
		if err := s.keys.SaveRegistrationKey(ctx, key); err != nil {
			return domain.NoChange, fmt.Errorf("save registration key: %w", err)
		}
		return domain.Change{Action: domain.ActBatchCreate, Subject: batch.ID.String(), Details: map[string]any{"name": batch.Name}}, nil
	})
	if err != nil {
		return domain.Batch{}, err
	}
	return batch, nil
}
