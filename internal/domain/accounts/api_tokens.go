package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// APITokens implements ports.APITokens and ports.APITokenCleaner.
type APITokens struct{ deps APITokenDeps }

var (
	_ ports.APITokens       = (*APITokens)(nil)
	_ ports.APITokenCleaner = (*APITokens)(nil)
)

// APITokenDeps holds what APITokens depends on.
type APITokenDeps struct {
	UnitOfWork ports.UnitOfWork
	Users      ports.UserStore
	Tokens     ports.APITokenStore
	Mails      ports.MailQueue
	Limiter    ports.RateLimiter
	Security   ports.SecurityLog
	Now        ports.Clock
	NewID      ports.NewID
	NewToken   ports.NewToken
	TOTPRoles  domain.TOTPRoles
}

// NewAPITokens returns APITokens.
func NewAPITokens(d APITokenDeps) *APITokens { return &APITokens{d} }

// MyAPITokens implements ports.APITokens.
func (s *APITokens) MyAPITokens(ctx context.Context, actor domain.Actor, page domain.PageRequest) (domain.Page[domain.APIToken], error) {
	if err := actor.May(domain.ActAPITokenList, domain.Subject{User: actor.UserID}); err != nil {
		return domain.Page[domain.APIToken]{}, err
	}
	return s.deps.Tokens.ListAPITokens(ctx, domain.APITokenFilter{User: actor.UserID}, page)
}

// AllAPITokens implements ports.APITokens.
func (s *APITokens) AllAPITokens(
	ctx context.Context, actor domain.Actor, f domain.APITokenFilter, page domain.PageRequest,
) (domain.Page[domain.APIToken], error) {
	if err := actor.May(domain.ActAPITokenListAll, domain.Subject{}); err != nil {
		return domain.Page[domain.APIToken]{}, err
	}
	return s.deps.Tokens.ListAPITokens(ctx, f, page)
}

// RevokeMyAPIToken implements ports.APITokens.
func (s *APITokens) RevokeMyAPIToken(ctx context.Context, actor domain.Actor, id domain.APITokenID) error {
	return s.revoke(ctx, actor, domain.ActAPITokenRevoke, actor.UserID, id)
}

// RevokeAPIToken implements ports.APITokens.
func (s *APITokens) RevokeAPIToken(ctx context.Context, actor domain.Actor, id domain.APITokenID) error {
	if err := actor.May(domain.ActAPITokenRevokeAny, domain.Subject{}); err != nil {
		return err
	}
	// The owner of a token never changes, so it can be read before the owner is locked.
	token, err := s.deps.Tokens.APIToken(ctx, id)
	if err != nil {
		return fmt.Errorf("find API token: %w", err)
	}
	return s.revoke(ctx, actor, domain.ActAPITokenRevokeAny, token.User, id)
}

func (s *APITokens) revoke(ctx context.Context, actor domain.Actor, do domain.Action, owner domain.UserID, id domain.APITokenID) error {
	return s.deps.UnitOfWork.Do(ctx, actor, ports.Locks{User: owner}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(do, domain.Subject{User: owner}); err != nil {
			return domain.NoChange, err
		}
		revoked, err := s.deps.Tokens.RevokeAPIToken(ctx, owner, id, s.deps.Now())
		if err != nil {
			return domain.NoChange, fmt.Errorf("revoke API token: %w", err)
		}
		if !revoked {
			return domain.NoChange, nil
		}
		return domain.Change{Action: do, Subject: id.String(), Details: map[string]any{"user_id": owner.String()}}, nil
	})
}

// RemoveOldAPITokens implements ports.APITokenCleaner. Nobody loses access, so it needs no
// permission and no audit entry.
func (s *APITokens) RemoveOldAPITokens(ctx context.Context) (int, error) {
	return s.deps.Tokens.RemoveAPITokens(ctx, s.deps.Now().Add(-domain.APITokenRetention))
}
