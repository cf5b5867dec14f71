package tracking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// CompleteAuthorization implements ports.Connections. It consumes the state before any
// other check, so that a code can never be exchanged twice, regardless of the outcome.
func (s *Connections) CompleteAuthorization(ctx context.Context, actor domain.Actor, code, state domain.Secret) (domain.ConnectionReport, error) {
	if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
		return domain.ConnectionReport{}, err
	}
	a, err := s.consume(ctx, code, state)
	if err != nil {
		return domain.ConnectionReport{}, err
	}
	if err := a.Check(actor, hash(code), s.now()); err != nil {
		return domain.ConnectionReport{}, err
	}
	if a.ConsumedAt != nil {
		return s.repeated(ctx, actor, a, code, state)
	}
	err = s.exchange(ctx, actor, code, a)
	return s.complete(ctx, actor, state, err)
}

func (s *Connections) consume(ctx context.Context, code, state domain.Secret) (domain.Authorization, error) {
	a, err := s.authorizations.ConsumeAuthorization(ctx, hash(state), hash(code), s.now())
	if errors.Is(err, domain.ErrWakaTimeStateInvalid) {
		return domain.Authorization{}, domain.ErrWakaTimeStateInvalid.At("state")
	}
	if err != nil {
		return domain.Authorization{}, fmt.Errorf("consume authorization: %w", err)
	}
	return a, nil
}

// repeatPoll is how often a repeated call looks for the result of the first one.
const repeatPoll = 100 * time.Millisecond

// repeated waits for the result of the first call with the same code and returns it.
func (s *Connections) repeated(ctx context.Context, actor domain.Actor, a domain.Authorization, code, state domain.Secret) (domain.ConnectionReport, error) {
	poll := time.NewTicker(repeatPoll)
	defer poll.Stop()
	for !a.Completed {
		select {
		case <-ctx.Done():
			return domain.ConnectionReport{}, ctx.Err()
		case <-poll.C:
		}
		var err error
		if a, err = s.consume(ctx, code, state); err != nil {
			return domain.ConnectionReport{}, err
		}
		if err := a.Check(actor, hash(code), s.now()); err != nil {
			return domain.ConnectionReport{}, err
		}
	}
	if a.Result != nil {
		return domain.ConnectionReport{}, located(a.Result)
	}
	return s.Connection(ctx, actor)
}

// complete records the result of the flow for repeated calls and returns it.
func (s *Connections) complete(ctx context.Context, actor domain.Actor, state domain.Secret, result error) (domain.ConnectionReport, error) {
	recorded, isError := errors.AsType[*domain.Error](result)
	if result != nil && !isError {
		recorded = domain.ErrUnavailable
	}
	record, cancel := detached(ctx)
	defer cancel()
	if err := s.authorizations.CompleteAuthorization(record, hash(state), s.now(), recorded); err != nil {
		return domain.ConnectionReport{}, errors.Join(result, fmt.Errorf("complete authorization: %w", err))
	}
	if result != nil {
		return domain.ConnectionReport{}, result
	}
	return s.Connection(ctx, actor)
}

// located returns a stored error with the field that it is about.
func located(e *domain.Error) *domain.Error {
	switch {
	case errors.Is(e, domain.ErrWakaTimeCodeRejected):
		return e.At("code")
	case errors.Is(e, domain.ErrWakaTimeStateInvalid):
		return e.At("state")
	}
	return e
}

// exchange exchanges the code for tokens and connects with them.
func (s *Connections) exchange(ctx context.Context, actor domain.Actor, code domain.Secret, a domain.Authorization) error {
	grant, err := s.wakatime.Exchange(ctx, code, a.Verifier)
	if reasonOf(err) == domain.ReasonRevoked {
		return domain.ErrWakaTimeCodeRejected.At("code")
	}
	if err != nil {
		return fmt.Errorf("exchange code: %w", connectError(err, ""))
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
		return nil
	case reasonOf(err) == domain.ReasonMissingScope:
		return domain.ErrWakaTimeCodeRejected.Withf("%s", domain.ReasonMissingScope.Message("")).At("code")
	}
	return connectError(err, "")
}

// connect replaces the user's connection, if its version is expected, and enqueues the
// first sync. Days of another account no longer count. It revokes the old connection's
// tokens unless the new one uses them too.
func (s *Connections) connect(ctx context.Context, actor domain.Actor, c domain.Connection, expected domain.ExpectedVersions) error {
	id := domain.TrackedAccountID(s.newID())
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
		if err := s.connections.SaveConnection(ctx, c, id); err != nil {
			return domain.NoChange, fmt.Errorf("save connection: %w", err)
		}
		if err := s.accounts.SetAsideDays(ctx, c.User, s.now()); err != nil {
			return domain.NoChange, fmt.Errorf("set aside days: %w", err)
		}
		if err := s.jobs.EnqueueSync(ctx, c.User, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}); err != nil {
			return domain.NoChange, fmt.Errorf("enqueue sync: %w", err)
		}
		return domain.Change{Action: domain.ActWakaTimeConnect, Subject: c.User.String(), Details: map[string]any{
			"kind": c.Kind, "server": c.Account.Server, "account": c.Account.Username, "scopes": c.Scopes,
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
