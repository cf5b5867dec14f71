package tracking

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// ConnectWithKey implements ports.Connections. The key is sent only to servers that the
// operator allows.
func (s *Connections) ConnectWithKey(ctx context.Context, actor domain.Actor, key domain.Secret, baseURL string, expected domain.ExpectedVersions) (domain.Connection, error) {
	if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
		return domain.Connection{}, err
	}
	base, err := s.wakatime.BaseURL(baseURL)
	if errors.Is(err, domain.ErrWakaTimeBaseURLNotAllowed) {
		return domain.Connection{}, domain.ErrWakaTimeBaseURLNotAllowed.At("base_url")
	}
	if err != nil {
		return domain.Connection{}, fmt.Errorf("base URL: %w", err)
	}

	credential := domain.Credential{User: actor.UserID, Kind: domain.ConnectedByKey, BaseURL: base, Token: key}
	account, err := s.wakatime.Account(ctx, credential)
	if r := reasonOf(err); r == domain.ReasonUnauthorized || r == domain.ReasonMissingScope {
		return domain.Connection{}, domain.ErrWakaTimeKeyRejected.At("api_key")
	}
	if err != nil {
		return domain.Connection{}, fmt.Errorf("verify key: %w", connectError(err))
	}
	c := domain.NewKeyConnection(credential, account, s.now())
	if err := s.connect(ctx, actor, c, expected); err != nil {
		return domain.Connection{}, err
	}
	return c, nil
}
