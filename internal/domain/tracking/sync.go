package tracking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	// leaseTime is how long a sync has exclusive use of a connection. It is longer than a
	// sync can take, and limits how long a killed sync blocks the connection.
	leaseTime = 75 * time.Second
	syncTime  = time.Minute
	// lastRequestTime is reserved for the last request: with less time left, a sync sends
	// no further request.
	lastRequestTime = 15 * time.Second
)

// Sync implements ports.Syncer.
//
// It can be killed at any line and run again:
//   - A lease that is never released expires.
//   - Each run determines the missing days again. A chunk that was fetched but not stored
//     is fetched again; a chunk that was stored is no longer missing, or is replaced by
//     the same values.
//   - New tokens are saved immediately. If the process dies before that, the old tokens
//     still work, or WakaTime rejects them permanently and the user is told to reconnect.
//
// Before it writes days, it locks the connection and checks that it still leads to the
// account they were fetched from, so that nothing is written for a user who disconnected
// or connected another account in the meantime. A lease is identified by its end, so that
// a sync that outlived its own lease cannot release the next one.
func (s *Syncer) Sync(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.SyncRequest) error {
	if err := actor.May(domain.ActTrackingRecord, domain.Subject{User: user}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	r := &run{Syncer: s, actor: actor, began: s.now()}
	r.lease = r.began.Add(leaseTime)
	var err error
	r.conn, r.tracked, err = s.connections.StartSync(ctx, user, r.began, r.lease)
	switch {
	case err == nil:
		err = r.sync(ctx, q)
	case !errors.Is(err, domain.ErrTokenUnreadable):
		return fmt.Errorf("start sync: %w", err)
	}

	ctx, release := detached(ctx)
	defer release()
	if failed := s.connections.FinishSync(ctx, user, r.result(err)); failed != nil {
		return errors.Join(err, fmt.Errorf("finish sync: %w", failed))
	}
	if up, ok := errors.AsType[*domain.UpstreamError](err); ok && !up.Reason.Temporary() && up.Reason != domain.ReasonMisconfig {
		return nil // recorded for the user, who alone can fix it
	}
	return err
}

// run is one sync of one connection.
type run struct {
	*Syncer
	actor     domain.Actor
	began     time.Time
	lease     time.Time
	conn      domain.Connection
	tracked   domain.TrackedUser
	requested []domain.Day // ascending
	loaded    *ledger      // with shares; nil if there are too many candidates
	received  int          // days that were returned, after the first request
	refreshed bool         // whether this run has refreshed the tokens
	yardstick *domain.Yardstick
}

// result returns what to record about the run. An internal error says nothing about the
// connection, so its last known state stays.
func (r *run) result(err error) domain.SyncResult {
	now := r.now()
	result := domain.SyncResult{At: now, Lease: r.lease, Reason: reasonOf(err)}
	if errors.Is(err, domain.ErrTokenUnreadable) {
		result.Reason = domain.ReasonUnreadable
	}
	// Without a request, a failing connection may still be failing.
	quiet := err == nil && len(r.requested) == 0 && r.conn.Failure != nil
	result.Unfinished = err != nil && result.Reason == domain.ReasonNone || quiet
	result.Account, result.Checks, result.Yardstick = r.conn.Ref, r.conn.Checks, r.yardstick
	if r.conn.State == domain.Connected {
		result.Next = new(r.tracked.NextSync(now))
	}
	return result
}

// sync fetches the days of the scope, newest first.
// Errors: ErrConnectionNotFound, ErrTokenUnreadable, ErrSyncUnfinished, *UpstreamError.
func (r *run) sync(ctx context.Context, q domain.SyncRequest) error {
	if err := r.load(ctx, q); err != nil {
		return err
	}
	end, _ := ctx.Deadline() // set by Sync
	soft, cancel := context.WithDeadline(ctx, end.Add(-lastRequestTime))
	defer cancel()
	var failure error
	limit, longest := domain.FirstChunk, domain.MaxChunk
	for i, days := 0, r.requested; len(days) > 0; i++ {
		if i > 0 && soft.Err() != nil {
			return cmp.Or(failure, outOfTime(ctx, i > 1 && r.received > 0))
		}
		if i == 1 {
			r.received = 0 // recent days are no progress: each run requests them again
		}
		chunk, rest := domain.LastChunk(days, limit)
		older, err := r.fetch(ctx, chunk)
		if errors.Is(err, errTooLong) {
			longest = domain.ShorterChunk(chunk.Len())
			limit = longest
			continue
		}
		if err != nil && !reasonOf(err).DaySpecific() {
			return err
		}
		failure = cmp.Or(failure, err)
		if !older {
			break
		}
		days, limit = rest, longest
	}
	if failure == nil && r.tracked.MeasuresYardstick(q, r.conn) {
		r.measure(soft)
	}
	return failure
}

// measure finds out how the server measures the account. Days are stored regardless, so a
// failure leaves the last result.
func (r *run) measure(ctx context.Context) {
	week := r.tracked.LastWeek()
	if week.Len() == 0 {
		return // the batch has ended
	}
	if y, err := r.wakatime.Yardstick(ctx, r.conn.Credential(), r.tracked.TimeZone, week); err == nil {
		r.yardstick = &y
	}
}

// outOfTime returns the error of a run that has no time left for older days. The next run
// starts with the recent days again, and follows immediately only if this run got past
// them. Otherwise a server that is too slow, or returns nothing usable, would keep the
// sync running forever.
func outOfTime(ctx context.Context, progress bool) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return stopped(ctx)
	case progress:
		return domain.ErrSyncUnfinished
	}
	return &domain.UpstreamError{Reason: domain.ReasonUnavailable, Err: errSlow}
}

var errSlow = errors.New("too slow to get past the recent days")

// stopped returns the error of a run that was interrupted by shutdown, which is not
// recorded as a failure.
func stopped(ctx context.Context) error { return fmt.Errorf("sync: %w", ctx.Err()) }

// load determines which days to request.
func (r *run) load(ctx context.Context, q domain.SyncRequest) error {
	if r.conn.State != domain.Connected {
		return &domain.UpstreamError{Reason: r.conn.EndReason()}
	}
	candidates := r.tracked.Candidates(q)
	if candidates.Len() == 0 {
		return nil
	}
	var rows []domain.DailySummary
	var err error
	if candidates.Len() <= fewDays {
		if rows, err = r.days.ListDays(ctx, r.conn.User, candidates, true); err == nil {
			r.loaded = &ledger{candidates, rows}
		}
	} else {
		rows, err = r.days.ListDayStates(ctx, r.conn.User, candidates, r.tracked.TimeZone)
	}
	if err != nil {
		return fmt.Errorf("list states of days: %w", err)
	}
	r.requested = r.tracked.DaysToFetch(q, rows, r.conn, r.began)
	return nil
}

// fewDays is up to how many candidates are read with their shares at once, for the response to
// be compared with. The hourly sync has two.
const fewDays = 7

// ledger is the rows of a range of days.
type ledger struct {
	days domain.DayRange
	rows []domain.DailySummary
}
