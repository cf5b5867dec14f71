package tracking

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// response is the outcome of requesting a range of days. A plan hides days by age, so the
// range falls into three parts, oldest first, each possibly empty: days that the plan
// hides, days that could not be fetched, and days that were returned.
type response struct {
	days   domain.FetchedDays
	hidden domain.Day // the newest day that the plan hides, or the day before the range
	from   domain.Day // the oldest day that was returned, or the day after the range
	err    error      // why the days in between were not returned
}

// limited reports whether the plan hides days of the requested range.
func (r response) limited(requested domain.DayRange) bool { return r.hidden >= requested.From }

// fetch requests and stores a chunk, and reports whether older days can be requested. The
// error says why some or all of the chunk was not returned.
func (r *run) fetch(ctx context.Context, chunk domain.DayRange) (older bool, err error) {
	resp := r.request(ctx, chunk)
	switch {
	case resp.err != nil && reasonOf(resp.err) == domain.ReasonNone:
		return false, resp.err
	case resp.err != nil && errors.Is(ctx.Err(), context.Canceled):
		return false, stopped(ctx)
	}
	if err := r.store(ctx, r.sort(resp, chunk)); err != nil {
		return false, err
	}
	return !resp.limited(chunk), resp.err
}

// request requests a chunk. If the account's plan hides some of it, it finds the boundary
// by binary search, starting with the newest day alone. Each request extends to the newest
// day, so the last successful response contains all available days.
func (r *run) request(ctx context.Context, chunk domain.DayRange) response {
	resp := response{hidden: chunk.From - 1, from: chunk.From}
	resp.days, resp.err = r.summaries(ctx, chunk)
	if resp.err == nil {
		return resp
	}
	resp.from = chunk.To + 1
	if reasonOf(resp.err) != domain.ReasonPlanLimited {
		return resp
	}
	resp.hidden, resp.err = chunk.From, nil
	for next := chunk.To; resp.from-resp.hidden > 1; next = resp.hidden + (resp.from-resp.hidden)/2 {
		days, err := r.summaries(ctx, domain.DayRange{From: next, To: chunk.To})
		switch {
		case err == nil:
			resp.days, resp.from = days, next
		case reasonOf(err) == domain.ReasonPlanLimited:
			resp.hidden = next
		default:
			resp.err = err
			return resp
		}
	}
	return resp
}

// updates is what to store of a response.
type updates struct {
	days   domain.FetchedDays
	failed []domain.FailedAttempt
}

// sort separates fetched days from failed attempts. The latter include days of older
// chunks that the plan hides, so that nobody needs to request them.
func (r *run) sort(resp response, chunk domain.DayRange) updates {
	u := updates{days: domain.FetchedDays{Source: resp.days.Source}}
	reasons := map[domain.Day]domain.Reason{}
	for _, d := range resp.days.Days {
		if d.State == domain.DayError {
			reasons[d.Day] = d.Reason
			continue
		}
		u.days.Days = append(u.days.Days, d)
	}
	for _, d := range r.requested {
		switch reason, ok := reasons[d]; {
		case ok:
			u.failed = append(u.failed, domain.NewFailedAttempt(d, reason))
		case resp.limited(chunk) && d <= resp.hidden:
			u.failed = append(u.failed, domain.NewFailedAttempt(d, domain.ReasonPlanLimited))
		case resp.err != nil && d > resp.hidden && d < resp.from:
			u.failed = append(u.failed, domain.NewFailedAttempt(d, reasonOf(resp.err)))
		}
	}
	return u
}

// store writes the updates of a response, even if the caller has gone in the meantime.
// Errors: ErrConnectionNotFound, ErrSyncUnfinished.
func (r *run) store(ctx context.Context, u updates) error {
	if len(u.days.Days) == 0 && len(u.failed) == 0 {
		return nil
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	user, now, written := r.conn.User, r.now(), 0
	err := r.uow.Do(ctx, r.actor, func(ctx context.Context) (domain.Change, error) {
		current, err := r.connections.LockConnection(ctx, user)
		if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		if !current.SameAccount(r.conn) {
			return domain.NoChange, domain.ErrSyncUnfinished
		}
		written = 0 // the unit of work may run this again
		if len(u.days.Days) > 0 {
			if written, err = r.days.ReplaceDays(ctx, user, u.days, now); err != nil {
				return domain.NoChange, fmt.Errorf("replace days: %w", err)
			}
		}
		if len(u.failed) > 0 {
			if err := r.days.RecordFailedAttempts(ctx, user, u.failed); err != nil {
				return domain.NoChange, fmt.Errorf("record failed attempts: %w", err)
			}
		}
		if written == 0 {
			return domain.NoChange, nil
		}
		first, last := u.days.Days[0].Day, u.days.Days[len(u.days.Days)-1].Day
		return domain.Change{Action: domain.ActTrackingRecord, Subject: user.String(), Details: map[string]any{
			"from": min(first, last).String(), "to": max(first, last).String(), "days": written,
		}}, nil
	})
	if err == nil {
		r.written += written
	}
	return err
}
