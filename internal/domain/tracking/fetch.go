package tracking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// response is the outcome of requesting a range of days. A plan hides days by age, so the
// range falls into three parts, oldest first, each possibly empty: days that the plan
// hides, days that could not be fetched, and days that were returned.
type response struct {
	asked  time.Time // before the first request was sent
	days   domain.FetchedDays
	hidden domain.Day // the newest day that the plan hides, or the day before the range
	from   domain.Day // the oldest day that was returned, or the day after the range
	err    error      // why the days in between were not returned
}

// limited reports whether the plan hides days of the requested range.
func (resp response) limited(requested domain.DayRange) bool { return resp.hidden >= requested.From }

// errTooLong is the error of a request for many days that may succeed for fewer.
var errTooLong = errors.New("the server did not return that many days")

// tooLong reports whether a chunk failed in a way in which servers fail that cannot return that
// many days: they reject it, take too long, or return too much. A first chunk, which is short,
// has succeeded before.
func (resp response) tooLong(chunk domain.DayRange) bool {
	if chunk.Len() <= domain.FirstChunk || resp.limited(chunk) {
		return false
	}
	switch reasonOf(resp.err) { //nolint:exhaustive // the others say nothing about the number of days
	case domain.ReasonUnavailable, domain.ReasonInvalid, domain.ReasonNotReady:
		return true
	}
	return false
}

// fetch requests and stores a chunk, and reports whether older days can be requested. The
// error says why some or all of the chunk was not returned. Nothing is stored for a chunk that
// is too long.
// Errors: errTooLong, ErrConnectionNotFound, ErrSyncUnfinished, *UpstreamError.
func (r *run) fetch(ctx context.Context, chunk domain.DayRange) (older bool, err error) {
	resp := r.request(ctx, chunk)
	switch {
	case resp.err != nil && reasonOf(resp.err) == domain.ReasonNone:
		return false, resp.err
	case resp.err != nil && errors.Is(ctx.Err(), context.Canceled):
		return false, stopped(ctx)
	case resp.tooLong(chunk):
		return true, errTooLong
	}
	if err := r.store(ctx, resp, chunk); err != nil {
		return false, err
	}
	return !resp.limited(chunk), resp.err
}

// request requests a chunk. If the account's plan hides some of it, it finds the boundary
// by binary search, starting with the newest day alone. Each request extends to the newest
// day, so the last successful response contains all available days.
func (r *run) request(ctx context.Context, chunk domain.DayRange) response {
	resp := response{asked: r.now(), hidden: chunk.From - 1, from: chunk.From}
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

// store merges a response into the rows of its days and writes those that changed, even if
// the caller has gone in the meantime. Days that arrive are no change that a person made, so
// the audit log has no entry: the rows say when they changed, and the connection when it was
// synced.
// Errors: ErrConnectionNotFound, ErrSyncUnfinished.
func (r *run) store(ctx context.Context, resp response, chunk domain.DayRange) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	span := r.span(resp, chunk)
	// Most responses change nothing, and then nothing is locked. If the account changes in the
	// meantime, the connection has lost the lease, so FinishSync records no check.
	stored, err := r.ledger(ctx, span)
	if err != nil {
		return err
	}
	if changed := r.merge(resp, span, stored); len(changed) > 0 {
		if names := newNames(changed, stored); len(names) > 0 {
			if err := r.days.AddNames(ctx, names); err != nil {
				return fmt.Errorf("add names: %w", err)
			}
		}
		if err := r.save(ctx, resp, span); err != nil {
			return err
		}
	}
	r.check(resp, chunk)
	return nil
}

// save merges a response again, while nobody else can change the rows, and writes the result.
// Errors: ErrConnectionNotFound, ErrSyncUnfinished.
func (r *run) save(ctx context.Context, resp response, span domain.DayRange) error {
	user, now := r.conn.User, r.now()
	return r.uow.Do(ctx, r.actor, ports.Locks{User: user}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		current, err := r.connections.LockConnection(ctx, user)
		if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		if !current.SameAccount(r.conn) {
			return domain.NoChange, domain.ErrSyncUnfinished
		}
		stored, err := r.days.ListDays(ctx, user, span, true)
		if err != nil {
			return domain.NoChange, fmt.Errorf("list days: %w", err)
		}
		if err := r.days.SaveDays(ctx, user, r.merge(resp, span, stored), now); err != nil {
			return domain.NoChange, fmt.Errorf("save days: %w", err)
		}
		return domain.NoChange, nil
	})
}

// span returns the days that a response to a chunk says something about.
func (r *run) span(resp response, chunk domain.DayRange) domain.DayRange {
	if len(r.requested) > 0 && resp.limited(chunk) {
		chunk.From = min(chunk.From, r.requested[0]) // older days are hidden too
	}
	return chunk
}

// ledger returns the rows of a range, which load may have read already.
func (r *run) ledger(ctx context.Context, span domain.DayRange) ([]domain.DailySummary, error) {
	if l := r.loaded; l != nil && l.days.Intersect(span) == span {
		return l.rows, nil
	}
	rows, err := r.days.ListDays(ctx, r.conn.User, span, true)
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return rows, nil
}

// merge returns the rows that a response changes, oldest first, given the stored ones. Days
// that the server did not return are failed attempts.
func (r *run) merge(resp response, span domain.DayRange, stored []domain.DailySummary) (changed []domain.DailySummary) {
	rows := map[domain.Day]domain.DailySummary{}
	for _, row := range stored {
		rows[row.Day] = row
	}
	fetched := map[domain.Day]domain.FetchedDay{}
	for _, d := range resp.days.Days {
		if d.Day >= resp.from {
			d.Requested = r.tracked.TimeZone
			fetched[d.Day] = d
		}
	}
	for d := span.From; d <= span.To; d++ {
		row := rows[d]
		row.Day = d
		f, ok := fetched[d]
		if !ok || f.Failure != domain.ReasonNone {
			if !r.wanted(d) {
				continue
			}
			if row, ok = row.Fail(resp.failure(f, d)); ok {
				changed = append(changed, row)
			}
			continue
		}
		if row, ok = row.Receive(f, r.conn.Ref, resp.asked); ok {
			changed = append(changed, row)
		}
	}
	return changed
}

// newNames returns rows with names that no stored row has. Usually there are none: a student
// works on the projects of yesterday, in the same languages.
func newNames(changed, stored []domain.DailySummary) (out []domain.DailySummary) {
	known := map[domain.Share]bool{}
	zones := map[string]bool{"": true}
	for _, row := range stored {
		zones[row.TimeZone] = true
		for _, s := range row.Shares {
			s.Seconds = 0
			known[s] = true
		}
	}
	for _, row := range changed {
		isNew := func(s domain.Share) bool {
			s.Seconds = 0
			return !known[s]
		}
		if !zones[row.TimeZone] || slices.ContainsFunc(row.Shares, isNew) {
			out = append(out, row)
		}
	}
	return out
}

// wanted reports whether this run was to fetch a day. A chunk can include other days, for
// which a failed request is no failed attempt.
func (r *run) wanted(d domain.Day) bool {
	_, found := slices.BinarySearch(r.requested, d)
	return found
}

// failure returns why a day was not returned.
func (resp response) failure(f domain.FetchedDay, d domain.Day) domain.Reason {
	switch {
	case f.Failure != domain.ReasonNone:
		return f.Failure
	case d <= resp.hidden:
		return domain.ReasonPlanLimited
	case resp.err != nil:
		return reasonOf(resp.err)
	}
	return domain.ReasonMissingDay
}

// check records when the days of a stored response were requested: those that were returned,
// and those that the plan hides, so that a larger plan is noticed at the next check.
func (r *run) check(resp response, chunk domain.DayRange) {
	var returned []domain.DayRange
	for _, d := range resp.days.Days {
		if d.Day < resp.from || d.Failure != domain.ReasonNone {
			continue
		}
		r.received++
		if n := len(returned); n > 0 && returned[n-1].To+1 == d.Day {
			returned[n-1].To = d.Day
			continue
		}
		returned = append(returned, domain.DayRange{From: d.Day, To: d.Day})
	}
	for _, days := range returned {
		r.conn.Checks = r.conn.Checks.Add(days, resp.asked)
	}
	if resp.limited(chunk) {
		oldest := chunk.From
		if len(r.requested) > 0 {
			oldest = min(oldest, r.requested[0])
		}
		r.conn.Checks = r.conn.Checks.Add(domain.DayRange{From: oldest, To: resp.hidden}, resp.asked)
	}
}
