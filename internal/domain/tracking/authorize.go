package tracking

import (
	"context"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Authorize implements ports.Connections. Only a hash of the state is stored, so that
// read access to the database is not enough to complete another user's flow.
func (s *Connections) Authorize(ctx context.Context, actor domain.Actor) (string, time.Time, error) {
	if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
		return "", time.Time{}, err
	}
	state := s.newToken()
	var verifier domain.Secret
	if s.wakatime.UsesPKCE() {
		verifier = s.newToken()
	}
	url, err := s.wakatime.AuthorizationURL(state, verifier)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("authorization URL: %w", err)
	}
	a := domain.Authorization{
		User: actor.UserID, Session: actor.SessionID, Verifier: verifier,
		ExpiresAt: s.now().Add(domain.AuthorizationLifetime),
	}
	if err := s.authorizations.AddAuthorization(ctx, hash(state), a); err != nil {
		return "", time.Time{}, fmt.Errorf("add authorization: %w", err)
	}
	return url, a.ExpiresAt, nil
}
