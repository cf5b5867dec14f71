package tracking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	// leaseTime is how long a connection is the caller's alone. It is longer than a
	// sync can take, and all that keeps a connection back after its sync was killed.
	leaseTime = 75 * time.Second
	syncTime  = time.Minute
	// lastCall is how much of its time a sync keeps for the question it is at: with
	// less than this left it starts no other.
	lastCall = 15 * time.Second
)

// Sync fetches what a connection is missing, as promised by ports.Syncer.
//
// It can be killed at any line and run again. A lease that is never given back ends
// by itself. What is missing is worked out anew by each run, so a chunk that was
// fetched and not stored is fetched again, and one that was stored is not missing any
// more, or is replaced by the same values. Tokens are saved right after they are
// renewed; if the process dies between the two, the old ones still work, or WakaTime
// refuses them for good and the user is told to connect again. What a connection's
// answers are written under is locked and compared with what they were asked under,
// so that nothing is written for somebody who has disconnected, or has connected
// another account meanwhile. The lease is known by its end, so that a sync which
// slept through its own cannot give back that of the next.
func (s *Syncer) Sync(ctx context.Context, actor domain.Actor, user domain.UserID, scope domain.SyncScope) error {
	if err := actor.May(domain.ActTrackingRecord, domain.Subject{User: user}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	now := s.now()
	r := &run{Syncer: s, actor: actor, lease: now.Add(leaseTime)}
	if err := s.connections.Lease(ctx, user, now, r.lease); err != nil {
		return fmt.Errorf("lease connection: %w", err)
	}
	err := r.sync(ctx, user, scope)

	ctx, release := detached(ctx)
	defer release()
	if failed := s.connections.FinishSync(ctx, user, r.result(err)); failed != nil {
		return errors.Join(err, fmt.Errorf("finish sync: %w", failed))
	}
	if up, ok := errors.AsType[*domain.UpstreamError](err); ok && !up.Reason.Temporary() && up.Reason != domain.ReasonMisconfig {
		return nil // it is noted for the user, who alone can mend it
	}
	return err
}

// run is one sync of one connection.
type run struct {
	*Syncer
	actor   domain.Actor
	lease   time.Time
	conn    domain.Connection
	tracked domain.TrackedUser
	asked   []domain.Day // ascending
	written int          // rows, so far
	renewed bool         // the tokens, during this run
}

// result tells what to note of the run. Faults of ours are no news about the
// connection: the last thing that is known of it stays.
func (r *run) result(err error) domain.SyncResult {
	now := r.now()
	result := domain.SyncResult{At: now, Lease: r.lease, Reason: reasonOf(err)}
	if errors.Is(err, domain.ErrTokenUnreadable) {
		result.Reason = domain.ReasonUnreadable
	}
	result.Unfinished = err != nil && result.Reason == domain.ReasonNone
	if r.conn.State == domain.Connected {
		result.Next = new(r.tracked.NextSync(now))
	}
	return result
}

// sync asks for everything that the scope names, newest days first.
// Errors: ErrConnectionNotFound, ErrTokenUnreadable, ErrSyncUnfinished, *UpstreamError.
func (r *run) sync(ctx context.Context, user domain.UserID, scope domain.SyncScope) error {
	if err := r.load(ctx, user, scope); err != nil {
		return err
	}
	end, _ := ctx.Deadline() // there is one: Sync has set it
	soft, cancel := context.WithDeadline(ctx, end.Add(-lastCall))
	defer cancel()
	var failure error
	progress := false
	for i, chunk := range domain.Chunks(r.asked) {
		if i > 0 && soft.Err() != nil {
			return cmp.Or(failure, outOfTime(ctx, progress))
		}
		before := r.written
		older, err := r.fetch(ctx, chunk)
		progress = progress || i > 0 && r.written > before
		if err != nil && !reasonOf(err).DaySpecific() {
			return err
		}
		failure = cmp.Or(failure, err)
		if !older {
			break
		}
	}
	return failure
}

// outOfTime tells how a run ends that has no time for older days. The next one begins
// with the recent days again, and goes on at once only if this one got further than
// those: from a server so slow, or so garbled, that nothing new comes, it would never
// end.
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

// stopped says that the program is being stopped, which is nobody's failure to note.
func stopped(ctx context.Context) error { return fmt.Errorf("sync: %w", ctx.Err()) }

// load works out what to ask for and with what.
func (r *run) load(ctx context.Context, user domain.UserID, scope domain.SyncScope) error {
	var err error
	if r.conn, err = r.connections.Connection(ctx, user); err != nil {
		return fmt.Errorf("find connection: %w", err)
	}
	if r.conn.State != domain.Connected {
		return &domain.UpstreamError{Reason: domain.ReasonRevoked}
	}
	now := r.now()
	if r.tracked, err = r.days.TrackedUser(ctx, user, now); err != nil {
		return fmt.Errorf("find user: %w", err)
	}
	window, always := r.tracked.DaysToFetch(scope, r.tracked.TimeZone.Today(now))
	if window.Len() == 0 {
		return nil
	}
	if r.asked, err = r.days.ListMissingDays(ctx, user, r.tracked.TimeZone, window, now); err != nil {
		return fmt.Errorf("list missing days: %w", err)
	}
	for d := always.From; d <= always.To; d++ {
		r.asked = append(r.asked, d)
	}
	slices.Sort(r.asked)
	r.asked = slices.Compact(r.asked)
	return nil
}
