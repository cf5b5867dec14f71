package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// BatchProgress implements ports.Tracking.
func (s *Service) BatchProgress(ctx context.Context, actor domain.Actor, id domain.BatchID, q domain.DayQuery, page domain.PageRequest) (domain.BatchProgress, error) {
	if err := s.checkRead(actor, id, q); err != nil {
		return domain.BatchProgress{}, err
	}
	p, err := s.progress.BatchProgress(ctx, id, q, s.now(), page)
	if err != nil {
		return domain.BatchProgress{}, fmt.Errorf("batch progress: %w", err)
	}
	return p, p.Range.Check()
}

// checkRead checks permission to read a batch's days, and the range. Only the store knows
// the batch's time zone, so this check of the range is approximate; the caller checks the
// exact range that the store returns.
// Errors: ErrBatchNotFound, ErrForbidden, ErrInvalid.
func (s *Service) checkRead(actor domain.Actor, id domain.BatchID, q domain.DayQuery) error {
	err := actor.MayChange(domain.ActBatchRead, domain.ActProgressRead, domain.Subject{Batch: id}, domain.ErrBatchNotFound)
	if err != nil {
		return err
	}
	return q.Check(s.now())
}
