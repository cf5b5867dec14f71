package tracking

import (
	"context"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Authorize implements ports.Connections. Only a hash of the state is stored, so that
// read access to the database is not enough to complete another user's flow.
func (s *Connections) Authorize(ctx context.Context, actor domain.Actor) (url string, expires time.Time, err error) {
	err = s.uow.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
			return domain.NoChange, err
		}
		state := s.newToken()
		var verifier domain.Secret
		if s.wakatime.UsesPKCE() {
			verifier = s.newToken()
		}
		if url, err = s.wakatime.AuthorizationURL(state, verifier); err != nil {
			return domain.NoChange, fmt.Errorf("authorization URL: %w", err)
		}
		expires = s.now().Add(domain.AuthorizationLifetime)
		a := domain.Authorization{User: actor.UserID, Session: actor.SessionID, Verifier: verifier, ExpiresAt: expires}
		if err := s.authorizations.AddAuthorization(ctx, hash(state), a); err != nil {
			return domain.NoChange, fmt.Errorf("add authorization: %w", err)
		}
		return domain.NoChange, nil // nothing is connected yet
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return url, expires, nil
}
