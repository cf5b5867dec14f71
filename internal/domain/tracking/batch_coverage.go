package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// BatchCoverage implements ports.Tracking.
func (s *Service) BatchCoverage(ctx context.Context, actor domain.Actor, id domain.BatchID, q domain.DayQuery, page domain.PageRequest) (domain.BatchCoverage, error) {
	if err := s.checkRead(actor, id, q); err != nil {
		return domain.BatchCoverage{}, err
	}
	c, err := s.progress.BatchCoverage(ctx, id, q, s.now(), page)
	if err != nil {
		return domain.BatchCoverage{}, fmt.Errorf("batch coverage: %w", err)
	}
	return c, c.Range.Check()
}
