package tracking

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// connect replaces the user's connection, if its version is expected, and enqueues the
// first sync. Days of another account no longer count. It revokes the old connection's
// tokens unless the new one uses them too.
func (s *Connections) connect(ctx context.Context, actor domain.Actor, c domain.Connection, expected domain.ExpectedVersions) error {
	id := domain.TrackedAccountID(s.newID())
	var old domain.Connection
	err := s.uow.Do(ctx, actor, ports.Locks{User: c.User}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActWakaTimeConnect, own(actor)); err != nil {
			return domain.NoChange, err
		}
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
		if !old.SameAccount(c) {
			if err := s.accounts.SetAsideDays(ctx, c.User, s.now()); err != nil {
				return domain.NoChange, fmt.Errorf("set aside days: %w", err)
			}
		}
		if err := s.jobs.EnqueueSync(ctx, c.User, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}); err != nil {
			return domain.NoChange, fmt.Errorf("enqueue sync: %w", err)
		}
		details := c.AuditDetails()
		details["scopes"] = c.Scopes
		return domain.Change{Action: domain.ActWakaTimeConnect, Subject: c.User.String(), Details: details}, nil
	})
	if errors.Is(err, domain.ErrWakaTimeAccountTaken) {
		return domain.ErrWakaTimeAccountTaken.Withf(
			"This %s account is connected to another Gradus account. Disconnect it there, or ask your instructor or an admin to disconnect it.",
			domain.ServerName(c.Account.Server))
	}
	if err != nil {
		return err
	}
	if old.RevocableToken() != c.RevocableToken() {
		s.Revoke(ctx, old)
	}
	return nil
}

// serverName returns the name of the server at a base URL, for texts.
func (s *Connections) serverName(baseURL string) string {
	for _, server := range s.wakatime.Servers() {
		if server.BaseURL == baseURL || baseURL == "" && server.Default {
			return server.Name
		}
	}
	_, host, _ := strings.Cut(baseURL, "://")
	host, _, _ = strings.Cut(host, "/")
	return domain.ServerName(host)
}

// connectError translates an error of a server for a user who is connecting. It keeps err
// in the chain, so that a misconfiguration is logged for the operator.
func connectError(err error, server string) error {
	up, ok := errors.AsType[*domain.UpstreamError](err)
	switch {
	case !ok:
		return err
	case up.Reason == domain.ReasonMisconfig:
		return fmt.Errorf("%w: %w", domain.ErrWakaTimeNotConfigured, err)
	}
	unavailable := domain.ErrWakaTimeUnavailable.Withf("%s is not responding as expected. Try again later.", server)
	return fmt.Errorf("%w: %w", unavailable.After(up.RetryAfter), err)
}
