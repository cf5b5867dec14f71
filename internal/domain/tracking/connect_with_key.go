package tracking

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// ConnectWithKey implements ports.Connections. The key is sent only to servers that the
// operator allows.
func (s *Connections) ConnectWithKey(ctx context.Context, actor domain.Actor, key domain.Secret, baseURL string, expected domain.ExpectedVersions) (domain.ConnectionReport, error) {
	if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
		return domain.ConnectionReport{}, err
	}
	key, noKey := domain.ParseAPIKey("api_key", key)
	bases, err := s.wakatime.BaseURLs(baseURL)
	if e, ok := errors.AsType[*domain.Error](err); ok {
		err = e.At("base_url")
	}
	if err := domain.AllOf(noKey, err); err != nil {
		return domain.ConnectionReport{}, fmt.Errorf("check key and base URL: %w", err)
	}
	credential, account, err := s.verify(ctx, domain.Credential{User: actor.UserID, Kind: domain.ConnectedByKey, Token: key}, bases)
	if err != nil {
		return domain.ConnectionReport{}, err
	}
	if err := s.connect(ctx, actor, domain.NewKeyConnection(credential, account, s.now()), expected); err != nil {
		return domain.ConnectionReport{}, err
	}
	return s.Connection(ctx, actor)
}

// verify finds the base URL at which the API is, and the account of the key.
func (s *Connections) verify(ctx context.Context, c domain.Credential, bases []string) (domain.Credential, domain.WakaTimeAccount, error) {
	var account domain.WakaTimeAccount
	var err error
	for _, c.BaseURL = range bases {
		account, err = s.wakatime.Account(ctx, c)
		if reasonOf(err) != domain.ReasonUnsupported {
			break
		}
	}
	if err == nil {
		return c, account, nil
	}
	return c, domain.WakaTimeAccount{}, keyError(err, s.serverName(c.BaseURL))
}

// keyError translates an error of a server for a user who is connecting with an API key.
func keyError(err error, server string) error {
	reason := reasonOf(err)
	if reason == domain.ReasonUnauthorized {
		return domain.ErrWakaTimeKeyRejected.Withf("%s rejected the API key. Check the key and try again.", server).At("api_key")
	}
	if reason == domain.ReasonForbidden || reason == domain.ReasonMissingScope {
		return domain.ErrWakaTimeKeyRejected.Withf("%s", domain.ReasonForbidden.Message(server)).At("api_key")
	}
	if reason == domain.ReasonUnsupported || reason == domain.ReasonPlanLimited {
		return domain.ErrWakaTimeServerUnsupported.Withf("%s does not provide daily summaries in WakaTime's format. Connect another server.", server).At("base_url")
	}
	return fmt.Errorf("verify key: %w", connectError(err, server))
}
