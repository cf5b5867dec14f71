package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// BatchProgress returns a class by days, as promised by ports.Tracking.
func (s *Service) BatchProgress(ctx context.Context, actor domain.Actor, id domain.BatchID, from, to *domain.Day, page domain.PageRequest) (domain.BatchProgress, error) {
	q := domain.DayQuery{From: from, To: to}
	if err := s.mayRead(actor, id, q); err != nil {
		return domain.BatchProgress{}, err
	}
	p, err := s.progress.BatchProgress(ctx, id, q, s.now(), page)
	if err != nil {
		return domain.BatchProgress{}, fmt.Errorf("batch progress: %w", err)
	}
	return p, p.Range.Check()
}

// mayRead lets staff of a batch ask for its days. Only the store knows the batch's
// zone, so the range is judged roughly here and exactly when its answer is there.
// Errors: ErrBatchNotFound, ErrForbidden, ErrInvalid.
func (s *Service) mayRead(actor domain.Actor, id domain.BatchID, q domain.DayQuery) error {
	err := actor.MayChange(domain.ActBatchRead, domain.ActProgressRead, domain.Subject{Batch: id}, domain.ErrBatchNotFound)
	if err != nil {
		return err
	}
	return q.Check(s.now())
}
