package tracking

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// answer is what came of a question for a range of days. Limits of a plan go by age:
// the range falls into days that are hidden, days that could not be asked for, and
// days that were answered, in this order, each possibly empty.
type answer struct {
	days   domain.FetchedDays
	hidden domain.Day // the newest day that the plan hides, or the day before the range
	from   domain.Day // the oldest day that was answered, or the day after the range
	err    error      // why what lies between was not answered
}

// limited reports whether days of range were hidden.
func (a answer) limited(asked domain.DayRange) bool { return a.hidden >= asked.From }

// fetch asks for a chunk and stores what came, and reports whether older days can be
// asked for. The error says why the chunk, or a part of it, was not answered.
func (r *run) fetch(ctx context.Context, chunk domain.DayRange) (older bool, err error) {
	a := r.ask(ctx, chunk)
	switch {
	case a.err != nil && reasonOf(a.err) == domain.ReasonNone:
		return false, a.err
	case a.err != nil && errors.Is(ctx.Err(), context.Canceled):
		return false, stopped(ctx)
	}
	if err := r.store(ctx, r.sort(a, chunk)); err != nil {
		return false, err
	}
	return !a.limited(chunk), a.err
}

// ask asks for a chunk. When the account's plan hides some of it, it finds the
// boundary: the newest day alone first, then by halves. Each question goes up to the
// newest day, so the last one that is answered holds all there is.
func (r *run) ask(ctx context.Context, chunk domain.DayRange) answer {
	a := answer{hidden: chunk.From - 1, from: chunk.From}
	a.days, a.err = r.summaries(ctx, chunk)
	if a.err == nil {
		return a
	}
	a.from = chunk.To + 1
	if reasonOf(a.err) != domain.ReasonPlanLimited {
		return a
	}
	a.hidden, a.err = chunk.From, nil
	for next := chunk.To; a.from-a.hidden > 1; next = a.hidden + (a.from-a.hidden)/2 {
		days, err := r.summaries(ctx, domain.DayRange{From: next, To: chunk.To})
		switch {
		case err == nil:
			a.days, a.from = days, next
		case reasonOf(err) == domain.ReasonPlanLimited:
			a.hidden = next
		default:
			a.err = err
			return a
		}
	}
	return a
}

// news is what is to be stored of an answer.
type news struct {
	days     domain.FetchedDays
	attempts []domain.FailedAttempt
}

// sort separates the days that came from those that were asked for in vain. Days of
// older chunks that the plan hides are among the latter: nobody has to ask for them.
func (r *run) sort(a answer, chunk domain.DayRange) news {
	n := news{days: domain.FetchedDays{Source: a.days.Source}}
	failed := map[domain.Day]domain.Reason{}
	for _, d := range a.days.Days {
		if d.State == domain.DayError {
			failed[d.Day] = d.Reason
			continue
		}
		n.days.Days = append(n.days.Days, d)
	}
	for _, d := range r.asked {
		switch reason, ok := failed[d]; {
		case ok:
			n.attempts = append(n.attempts, domain.NewFailedAttempt(d, reason))
		case a.limited(chunk) && d <= a.hidden:
			n.attempts = append(n.attempts, domain.NewFailedAttempt(d, domain.ReasonPlanLimited))
		case a.err != nil && d > a.hidden && d < a.from:
			n.attempts = append(n.attempts, domain.NewFailedAttempt(d, reasonOf(a.err)))
		}
	}
	return n
}

// store writes what came of a question. An answer that has come is stored even when
// the caller has gone meanwhile.
// Errors: ErrConnectionNotFound, ErrSyncUnfinished.
func (r *run) store(ctx context.Context, n news) error {
	if len(n.days.Days) == 0 && len(n.attempts) == 0 {
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
		written = 0 // a lost race runs this again
		if len(n.days.Days) > 0 {
			if written, err = r.days.ReplaceDays(ctx, user, n.days, now); err != nil {
				return domain.NoChange, fmt.Errorf("replace days: %w", err)
			}
		}
		if len(n.attempts) > 0 {
			if err := r.days.RecordFailedAttempts(ctx, user, n.attempts, now); err != nil {
				return domain.NoChange, fmt.Errorf("note attempts: %w", err)
			}
		}
		if written == 0 {
			return domain.NoChange, nil
		}
		first, last := n.days.Days[0].Day, n.days.Days[len(n.days.Days)-1].Day
		return domain.Change{Action: domain.ActTrackingRecord, Subject: user.String(), Details: map[string]any{
			"from": min(first, last).String(), "to": max(first, last).String(), "days": written,
		}}, nil
	})
	if err == nil {
		r.written += written
	}
	return err
}
