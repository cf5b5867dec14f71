package batches

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// UpdateBatch implements ports.Batches.
func (s *Service) UpdateBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, update domain.BatchUpdate, expected domain.ExpectedVersions) (domain.Batch, error) {
	return s.changeBatch(ctx, actor, domain.ActBatchUpdate, id, expected, func(b *domain.Batch) (bool, error) { return b.Update(update) })
}

// ArchiveBatch implements ports.Batches.
func (s *Service) ArchiveBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, expected domain.ExpectedVersions) (domain.Batch, error) {
	return s.changeBatch(ctx, actor, domain.ActBatchArchive, id, expected, func(b *domain.Batch) (bool, error) { return b.Archive(s.now()), nil })
}

// RestoreBatch implements ports.Batches.
func (s *Service) RestoreBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, expected domain.ExpectedVersions) (domain.Batch, error) {
	return s.changeBatch(ctx, actor, domain.ActBatchRestore, id, expected, func(b *domain.Batch) (bool, error) { return b.Restore(), nil })
}

// changeBatch locks a batch, checks its version, applies change and saves the batch if
// change reports that it changed.
func (s *Service) changeBatch(
	ctx context.Context, actor domain.Actor, do domain.Action, id domain.BatchID, expected domain.ExpectedVersions, change func(*domain.Batch) (bool, error),
) (domain.Batch, error) {
	var batch domain.Batch
	err := s.uow.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := may(actor, do, id); err != nil {
			return domain.NoChange, err
		}
		before, err := s.batches.LockBatch(ctx, id)
		if err != nil {
			return domain.NoChange, fmt.Errorf("lock batch: %w", err)
		}
		if err := expected.Check(before.Version); err != nil {
			return domain.NoChange, err
		}
		after := before
		changed, err := change(&after)
		if err != nil {
			return domain.NoChange, err
		}
		done := domain.NoChange
		if changed {
			if err := s.batches.SaveBatch(ctx, after); err != nil {
				return domain.NoChange, fmt.Errorf("save batch: %w", err)
			}
			if err := s.resyncOnZoneChange(ctx, before, after); err != nil {
				return domain.NoChange, err
			}
			done = domain.Change{Action: do, Subject: id.String(), Details: batchChanges(before, after)}
		}
		// Read again: LockBatch returns no counts, and saving increments the version.
		if batch, err = s.batches.Batch(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("read batch: %w", err)
		}
		return done, nil
	})
	if err != nil {
		return domain.Batch{}, err
	}
	return batch, nil
}

// resyncOnZoneChange enqueues a sync of every enrolled student when the time zone of their
// batch has changed, because it determines where their days begin.
func (s *Service) resyncOnZoneChange(ctx context.Context, before, after domain.Batch) error {
	if before.TimeZone == after.TimeZone {
		return nil
	}
	users, err := s.batches.ListEnrolled(ctx, after.ID)
	if err != nil {
		return fmt.Errorf("list enrolled: %w", err)
	}
	syncs := make([]domain.PlannedSync, len(users))
	for i, u := range users {
		syncs[i] = domain.PlannedSync{User: u, SyncRequest: domain.SyncRequest{Scope: domain.SyncOnDemand}}
	}
	if _, err := s.jobs.EnqueueSyncs(ctx, syncs); err != nil {
		return fmt.Errorf("enqueue syncs: %w", err)
	}
	return nil
}
