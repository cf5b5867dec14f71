package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// summaries fetches a range of days. It refreshes the tokens before they expire, or once
// when the server rejects them. A rejected API key, which nothing can refresh, ends the
// connection.
func (r *run) summaries(ctx context.Context, days domain.DayRange) (domain.FetchedDays, error) {
	if r.conn.NeedsRefresh(r.now()) && r.conn.CanRefresh() && !r.refreshed {
		if err := r.refresh(ctx); err != nil {
			return domain.FetchedDays{}, err
		}
	}
	got, err := r.wakatime.Summaries(ctx, r.conn.Credential(), r.tracked.TimeZone, days)
	switch {
	case reasonOf(err) != domain.ReasonUnauthorized || r.refreshed:
		return got, err
	case !r.conn.CanRefresh():
		return domain.FetchedDays{}, r.unlink(ctx, err)
	}
	if err := r.refresh(ctx); err != nil {
		return domain.FetchedDays{}, err
	}
	return r.wakatime.Summaries(ctx, r.conn.Credential(), r.tracked.TimeZone, days)
}

// unlink ends the connection, whose only credential the server rejected, and returns
// rejected. If the user has replaced the credential in the meantime, the next run uses the
// new one.
// Errors: ErrConnectionNotFound, ErrTokenUnreadable, ErrSyncUnfinished, rejected.
func (r *run) unlink(ctx context.Context, rejected error) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	replaced := false
	err := r.uow.Do(ctx, r.actor, ports.Locks{User: r.conn.User}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		current, err := r.connections.LockConnection(ctx, r.conn.User)
		if err != nil {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		if replaced = current.AccessToken != r.conn.AccessToken; replaced {
			return domain.NoChange, nil
		}
		current.Unlink()
		return r.saveUnlinked(ctx, current, domain.ReasonUnauthorized)
	})
	switch {
	case err != nil:
		return err
	case replaced:
		return domain.ErrSyncUnfinished
	}
	r.conn.Unlink()
	return rejected
}

func (r *run) saveUnlinked(ctx context.Context, c domain.Connection, why domain.Reason) (domain.Change, error) {
	if err := r.connections.SaveConnection(ctx, c, domain.TrackedAccountID{}); err != nil {
		return domain.NoChange, fmt.Errorf("save connection: %w", err)
	}
	details := c.AuditDetails()
	details["reason"] = why
	return domain.Change{Action: domain.ActWakaTimeUnlink, Subject: c.User.String(), Details: details}, nil
}

// refresh exchanges the refresh token for new tokens. The lease makes this the only
// refresh of the connection in progress, so no lock is held while waiting for the server.
// If the user reconnects in the meantime, the run continues with their new tokens and
// ignores the outcome for the old ones.
// Errors: ErrConnectionNotFound, ErrTokenUnreadable, ErrSyncUnfinished, *UpstreamError.
func (r *run) refresh(ctx context.Context) error {
	r.refreshed = true
	used := r.conn.RefreshToken
	grant, rejected := r.wakatime.Refresh(ctx, used)
	if rejected != nil && reasonOf(rejected) != domain.ReasonRevoked {
		return fmt.Errorf("refresh tokens: %w", rejected)
	}

	// New tokens must be saved even if the caller has gone: the server may not issue them twice.
	ctx, cancel := detached(ctx)
	defer cancel()
	var next domain.Connection
	replaced := false
	err := r.uow.Do(ctx, r.actor, ports.Locks{User: r.conn.User}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		var err error
		if next, err = r.connections.LockConnection(ctx, r.conn.User); err != nil {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		if replaced = next.RefreshToken != used; replaced {
			return domain.NoChange, nil
		}
		if rejected != nil {
			next.Unlink()
			return r.saveUnlinked(ctx, next, domain.ReasonRevoked)
		}
		next.ApplyGrant(grant)
		if err := r.connections.SaveConnection(ctx, next, domain.TrackedAccountID{}); err != nil {
			return domain.NoChange, fmt.Errorf("save connection: %w", err)
		}
		return domain.NoChange, nil // no change that a person made
	})
	switch {
	case err != nil:
		return err
	case replaced && !next.SameAccount(r.conn):
		return domain.ErrSyncUnfinished
	}
	next.Checks = r.conn.Checks // with those of this run
	r.conn = next
	if rejected != nil && !replaced {
		return rejected
	}
	return nil
}
