package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// summaries asks for a range with tokens that work: renewed before they expire, and
// once more when WakaTime does not accept them.
func (r *run) summaries(ctx context.Context, days domain.DayRange) (domain.FetchedDays, error) {
	if r.conn.NeedsRefresh(r.now()) && r.conn.CanRefresh() && !r.renewed {
		if err := r.renew(ctx); err != nil {
			return domain.FetchedDays{}, err
		}
	}
	got, err := r.wakatime.Summaries(ctx, r.conn.Credential(), r.tracked.TimeZone, days)
	if reasonOf(err) != domain.ReasonUnauthorized || r.renewed || !r.conn.CanRefresh() {
		return got, err
	}
	if err := r.renew(ctx); err != nil {
		return domain.FetchedDays{}, err
	}
	return r.wakatime.Summaries(ctx, r.conn.Credential(), r.tracked.TimeZone, days)
}

// renew trades the refresh token for new tokens. The lease makes this the only
// refresh of the connection under way, so it needs no lock while it waits for
// WakaTime. The user may connect anew meanwhile; then their new tokens are used, and
// what became of the old ones says nothing about them.
// Errors: ErrConnectionNotFound, ErrTokenUnreadable, ErrSyncUnfinished, *UpstreamError.
func (r *run) renew(ctx context.Context) error {
	r.renewed = true
	used := r.conn.RefreshToken
	grant, refused := r.wakatime.Refresh(ctx, used)
	if refused != nil && reasonOf(refused) != domain.ReasonRevoked {
		return fmt.Errorf("refresh tokens: %w", refused)
	}

	// Tokens that have come must be saved: there may be no second chance.
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
		if refused != nil {
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
	if refused != nil && !replaced {
		return refused
	}
	return nil
}
