package tracking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// CompleteAuthorization implements ports.Connections. It consumes the state before any
// other check, so that a state can never be used twice, regardless of the outcome.
func (s *Connections) CompleteAuthorization(ctx context.Context, actor domain.Actor, code, state domain.Secret) (domain.Connection, error) {
	if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
		return domain.Connection{}, err
	}
	a, err := s.authorizations.ConsumeAuthorization(ctx, hash(state))
	if errors.Is(err, domain.ErrWakaTimeStateInvalid) {
		return domain.Connection{}, domain.ErrWakaTimeStateInvalid.At("state")
	}
	if err != nil {
		return domain.Connection{}, fmt.Errorf("consume authorization: %w", err)
	}
	if err := a.Check(actor, s.now()); err != nil {
		return domain.Connection{}, err
	}

	grant, err := s.wakatime.Exchange(ctx, code, a.Verifier)
	if reasonOf(err) == domain.ReasonRevoked {
		return domain.Connection{}, domain.ErrWakaTimeCodeRejected.At("code")
	}
	if err != nil {
		return domain.Connection{}, fmt.Errorf("exchange code: %w", connectError(err))
	}
	c := domain.NewOAuthConnection(actor.UserID, grant, domain.WakaTimeAccount{}, s.now())
	account, err := s.wakatime.Account(ctx, c.Credential())
	if err == nil {
		c = domain.NewOAuthConnection(actor.UserID, grant, account, s.now())
		err = s.connect(ctx, actor, c, nil)
	}
	if err != nil {
		s.revoke(ctx, c) // these tokens will never be used
	}
	switch {
	case err == nil:
		return c, nil
	case reasonOf(err) == domain.ReasonMissingScope:
		return domain.Connection{}, domain.ErrWakaTimeCodeRejected.Withf("%s", domain.ReasonMissingScope.Message()).At("code")
	}
	return domain.Connection{}, connectError(err)
}

// connect replaces the user's connection, if its version is expected, and enqueues the
// first sync. It revokes the old connection's tokens unless the new one uses them too.
func (s *Connections) connect(ctx context.Context, actor domain.Actor, c domain.Connection, expected domain.ExpectedVersions) error {
	var old domain.Connection
	err := s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		var err error
		old, err = s.connections.LockConnection(ctx, c.User)
		if err != nil && !errors.Is(err, domain.ErrConnectionNotFound) && !errors.Is(err, domain.ErrTokenUnreadable) {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		if err := expected.Check(old.Version()); err != nil {
			return domain.NoChange, err
		}
		if err := s.connections.SaveConnection(ctx, c); err != nil {
			return domain.NoChange, fmt.Errorf("save connection: %w", err)
		}
		if err := s.jobs.EnqueueSync(ctx, c.User, domain.SyncOnDemand, time.Time{}); err != nil {
			return domain.NoChange, fmt.Errorf("enqueue sync: %w", err)
		}
		return domain.Change{Action: domain.ActWakaTimeConnect, Subject: c.User.String(), Details: map[string]any{
			"kind": c.Kind, "account": c.Account.Username, "scopes": c.Scopes,
		}}, nil
	})
	if err != nil {
		return err
	}
	if old.RevocableToken() != c.RevocableToken() {
		s.revoke(ctx, old)
	}
	return nil
}

// revoke revokes a connection's tokens at WakaTime if it can. A failure is not an error:
// Gradus has already discarded the tokens, so they do no harm.
func (s *Connections) revoke(ctx context.Context, c domain.Connection) domain.Revocation {
	token := c.RevocableToken()
	if token == "" {
		return domain.RevocationFailed
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	if err := s.wakatime.Revoke(ctx, token); err != nil {
		return domain.RevocationFailed
	}
	return domain.RevocationDone
}
