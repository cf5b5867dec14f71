package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// tokenLength is the length of the tokens that ports.NewToken returns. Text of any other
// length is not a session token, so there is no need to look it up.
const tokenLength = 43

// Authenticate implements ports.Sessions.
func (s *Sessions) Authenticate(ctx context.Context, token domain.Secret) (domain.Actor, error) {
	if len(token) != tokenLength {
		return domain.Actor{}, domain.ErrUnauthenticated
	}
	session, user, actor, err := s.deps.Sessions.Session(ctx, tokenHash(token))
	switch {
	case err != nil:
		return domain.Actor{}, fmt.Errorf("find session: %w", err)
	case user.SuspendedAt != nil:
		return domain.Actor{}, domain.ErrUnauthenticated
	case !session.Alive(s.now(), s.deps.Lifetime):
		return domain.Actor{}, domain.ErrSessionExpired
	case !session.TokenAlive(s.now()):
		return domain.Actor{}, domain.ErrTokenExpired
	}
	actor.LacksTOTP = s.deps.TOTPRoles.Lacks(actor)
	return actor.Authenticated(session.AuthenticatedAt, s.now()), nil
}
