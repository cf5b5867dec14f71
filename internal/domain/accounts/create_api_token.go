package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// CreateAPIToken implements ports.APITokens.
func (s *APITokens) CreateAPIToken(ctx context.Context, actor domain.Actor, n ports.NewAPIToken) (domain.CreatedAPIToken, error) {
	text := domain.FormatAPIToken(s.deps.NewToken())
	var created domain.APIToken
	err := s.deps.UnitOfWork.Do(ctx, actor, ports.Locks{User: actor.UserID}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActAPITokenCreate, domain.Subject{User: actor.UserID}); err != nil {
			return domain.NoChange, err
		}
		now := s.deps.Now()
		var err error
		if created, err = domain.NewAPIToken(domain.APITokenID(s.deps.NewID()), actor.UserID, n.Name, n.Scopes, n.Days, now); err != nil {
			return domain.NoChange, err
		}
		// The lock on the user keeps concurrent requests from exceeding the limit together.
		count, err := s.deps.Tokens.CountAPITokens(ctx, actor.UserID, now)
		if err != nil {
			return domain.NoChange, fmt.Errorf("count API tokens: %w", err)
		}
		if count >= domain.MaxAPITokens {
			return domain.NoChange, domain.ErrTooManyAPITokens
		}
		user, err := s.deps.Users.LockedUser(ctx, actor.UserID)
		if err != nil {
			return domain.NoChange, signedOut(err)
		}
		created.UserName = user.Name
		if err := s.deps.Tokens.AddAPIToken(ctx, created, tokenHash(text)); err != nil {
			return domain.NoChange, fmt.Errorf("add API token: %w", err)
		}
		notice := domain.Notice(domain.MailAPITokenCreated, user, actor.Origin, now)
		notice.Object = created.Name
		if err := s.deps.Mails.Enqueue(ctx, notice); err != nil {
			return domain.NoChange, fmt.Errorf("queue the notice: %w", err)
		}
		return domain.Change{Action: domain.ActAPITokenCreate, Subject: created.ID.String(), Details: map[string]any{
			"name": created.Name, "scopes": created.Scopes, "expires_at": created.ExpiresAt.Format(time.RFC3339),
		}}, nil
	})
	if err != nil {
		return domain.CreatedAPIToken{}, err
	}
	s.deps.Security.Record(ctx, domain.SecurityEvent{Kind: domain.EventAPITokenCreated, User: actor.UserID, Origin: actor.Origin})
	return domain.CreatedAPIToken{APIToken: created, Token: text}, nil
}
