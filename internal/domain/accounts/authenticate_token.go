package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// AuthenticateToken implements ports.APITokens.
func (s *APITokens) AuthenticateToken(ctx context.Context, token domain.Secret, d ports.Device, from domain.Origin) (domain.Actor, error) {
	if !domain.WellFormedAPIToken(token) {
		return domain.Actor{}, domain.ErrAPITokenInvalid.Withf("The API token is incomplete or mistyped. Copy it again.")
	}
	t, user, actor, err := s.deps.Tokens.UseAPIToken(ctx, tokenHash(token), from.Address)
	if err != nil {
		return domain.Actor{}, fmt.Errorf("find API token: %w", err)
	}
	reason := ""
	switch {
	case t.RevokedAt != nil:
		reason = "revoked"
	case !t.Alive(s.deps.Now()):
		reason = "expired"
	case user.SuspendedAt != nil:
		reason = "suspended"
	default:
		actor.LacksTOTP = s.deps.TOTPRoles.Lacks(actor)
		return actor, nil
	}
	if s.deps.Limiter.Take(ctx, domain.LimitEvents, "api_token:"+t.ID.String()).Allowed {
		s.deps.Security.Record(ctx, domain.SecurityEvent{
			Kind: domain.EventAPITokenRejected, User: t.User, Device: domain.DeviceName(d.UserAgent), Reason: reason, Origin: from,
		})
	}
	return domain.Actor{}, domain.ErrAPITokenInvalid
}
