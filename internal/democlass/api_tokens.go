package democlass

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// adminTokens are the API tokens of the admin.
var adminTokens = []ports.NewAPIToken{
	{Name: "Weekly report", Scopes: []domain.APIScope{"batches:read", "students:read", "tracking:read"}, Days: 365},
	{Name: "Status page", Scopes: []domain.APIScope{"insights:read"}, Days: 90},
}

func (s *seeder) createTokens(ctx context.Context, at time.Time) error {
	for i, n := range adminTokens {
		at := at.Add(time.Duration(i) * time.Minute)
		s.random.step(stepTokens+i, at)
		if _, err := s.app.UseCases.APITokens.CreateAPIToken(ctx, s.admin.Authenticated(at, at), n); err != nil {
			return err
		}
	}
	return nil
}
