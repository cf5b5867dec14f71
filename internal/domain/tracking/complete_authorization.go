package tracking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	// exchangeTime limits the exchange of a code. It ends before the response of a repeated
	// call is due.
	exchangeTime = 20 * time.Second
	// repeatPoll is how often a repeated call reads the result of the first one.
	repeatPoll = 100 * time.Millisecond
)

// CompleteAuthorization implements ports.Connections. It consumes the state before any check
// but that of the actor, so that a code can never be exchanged twice, regardless of the outcome. A
// code works only once, so the exchange is completed even if the caller cancels it:
// development servers of frontends cancel the first of two calls, and the second one returns
// its result.
func (s *Connections) CompleteAuthorization(ctx context.Context, actor domain.Actor, code, state domain.Secret) (domain.ConnectionReport, error) {
	first, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeTime)
	defer cancel()
	var a domain.Authorization
	err := s.uow.Do(first, actor, ports.Locks{}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
			return domain.NoChange, err
		}
		var err error
		a, err = s.consume(ctx, code, state)
		return domain.NoChange, err
	})
	if err != nil {
		return domain.ConnectionReport{}, err
	}
	err = a.Check(actor, hash(code), s.now())
	switch {
	case a.ConsumedAt != nil && err != nil:
		return domain.ConnectionReport{}, err
	case a.ConsumedAt != nil:
		return s.repeated(ctx, actor, a, code, state)
	case err == nil:
		err = s.exchange(first, actor, code, a)
	}
	return s.complete(first, actor, state, err)
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

// repeated waits for the result of the first call with the same code and returns it.
func (s *Connections) repeated(ctx context.Context, actor domain.Actor, a domain.Authorization, code, state domain.Secret) (domain.ConnectionReport, error) {
	poll := time.NewTicker(repeatPoll)
	defer poll.Stop()
	for !a.Completed {
		select {
		case <-ctx.Done():
			return domain.ConnectionReport{}, fmt.Errorf("wait for the first call: %w", ctx.Err())
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

// complete records the result of the flow for repeated calls and returns it. After an
// internal error, which is not shown to callers, a repeated call has to start again.
func (s *Connections) complete(ctx context.Context, actor domain.Actor, state domain.Secret, result error) (domain.ConnectionReport, error) {
	recorded, ok := errors.AsType[*domain.Error](result)
	if result != nil && !ok {
		recorded = domain.ErrWakaTimeStateInvalid
	}
	ctx, cancel := detached(ctx) // the exchange may have used up its time
	defer cancel()
	if err := s.authorizations.CompleteAuthorization(ctx, hash(state), s.now(), recorded); err != nil {
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

// exchange exchanges the code for tokens and connects with them. If it fails, it revokes
// them: nothing will use them.
func (s *Connections) exchange(ctx context.Context, actor domain.Actor, code domain.Secret, a domain.Authorization) error {
	server := s.serverName("")
	grant, err := s.wakatime.Exchange(ctx, code, a.Verifier)
	if reasonOf(err) == domain.ReasonRevoked {
		return domain.ErrWakaTimeCodeRejected.Withf("%s rejected the authorization code. Start again.", server).At("code")
	}
	if err != nil {
		return fmt.Errorf("exchange code: %w", connectError(err, server))
	}
	c := domain.NewOAuthConnection(actor.UserID, grant, domain.WakaTimeAccount{}, s.now())
	account, err := s.wakatime.Account(ctx, c.Credential())
	if err == nil {
		c = domain.NewOAuthConnection(actor.UserID, grant, account, s.now())
		err = s.connect(ctx, actor, c, nil)
	}
	if err == nil {
		return nil
	}
	s.Revoke(ctx, c)
	if reasonOf(err) == domain.ReasonMissingScope {
		return domain.ErrWakaTimeCodeRejected.Withf("%s", domain.ReasonMissingScope.Message(server)).At("code")
	}
	return connectError(err, server)
}
