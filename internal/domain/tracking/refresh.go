package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// summaries fetches a range of days. It refreshes the tokens before they expire, or once
// when WakaTime rejects them.
func (r *run) summaries(ctx context.Context, days domain.DayRange) (domain.FetchedDays, error) {
	if r.conn.NeedsRefresh(r.now()) && r.conn.CanRefresh() && !r.refreshed {
		if err := r.refresh(ctx); err != nil {
			return domain.FetchedDays{}, err
		}
	}
	got, err := r.wakatime.Summaries(ctx, r.conn.Credential(), r.tracked.TimeZone, days)
	if reasonOf(err) != domain.ReasonUnauthorized || r.refreshed || !r.conn.CanRefresh() {
		return got, err
	}
	if err := r.refresh(ctx); err != nil {
		return domain.FetchedDays{}, err
	}
	return r.wakatime.Summaries(ctx, r.conn.Credential(), r.tracked.TimeZone, days)
}

// refresh exchanges the refresh token for new tokens. The lease makes this the only
// refresh of the connection in progress, so no lock is held while waiting for WakaTime.
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

	// New tokens must be saved even if the caller has gone: WakaTime may not issue them twice.
	ctx, cancel := detached(ctx)
	defer cancel()
	var next domain.Connection
	replaced := false
	err := r.uow.Do(ctx, r.actor, func(ctx context.Context) (domain.Change, error) {
		var err error
		if next, err = r.connections.LockConnection(ctx, r.conn.User); err != nil {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		if replaced = next.RefreshToken != used; replaced {
			return domain.NoChange, nil
		}
		change := domain.Change{Action: domain.ActWakaTimeRefresh, Subject: next.User.String()}
		if rejected != nil {
			change.Action = domain.ActWakaTimeUnlink
			change.Details = map[string]any{"account": next.Account.Username, "reason": domain.ReasonRevoked}
			next.Unlink()
		} else {
			next.ApplyGrant(grant)
		}
		if err := r.connections.SaveConnection(ctx, next); err != nil {
			return domain.NoChange, fmt.Errorf("save connection: %w", err)
		}
		return change, nil
	})
	switch {
	case err != nil:
		return err
	case replaced && !next.SameAccount(r.conn):
		return domain.ErrSyncUnfinished
	}
	r.conn = next
	if rejected != nil && !replaced {
		return rejected
	}
	return nil
}
