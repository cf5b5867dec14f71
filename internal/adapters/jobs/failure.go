package jobs

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	firstRetry = time.Minute
	lastRetry  = 6 * time.Hour
)

// retryPolicy tries failed jobs again after a minute, doubling up to six hours, each
// up to a fifth sooner by chance, so that what failed together is not retried
// together. Jobs whose worker was killed are tried at once: they did not fail.
type retryPolicy struct{ now ports.Clock }

var _ river.ClientRetryPolicy = retryPolicy{}

// NextRetry tells when a job runs again.
func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	now := p.now()
	if job.AttemptedAt != nil && now.Sub(*job.AttemptedAt) >= rescueAfter {
		return now // jobs that end by themselves do so long before
	}
	wait := lastRetry
	if doublings := max(job.Attempt, 1) - 1; doublings < 9 {
		wait = min(firstRetry<<doublings, lastRetry)
	}
	return now.Add(wait - rand.N(wait/5))
}

// errorLog logs each failed attempt of a job, once. What it logs of a job holds ids
// at most.
type errorLog struct{ log *slog.Logger }

var _ river.ErrorHandler = errorLog{}

// HandleError logs an error. What only the operator can mend is marked as an alarm.
func (l errorLog) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	attrs := []slog.Attr{
		slog.Int64("job_id", job.ID), slog.String("job_kind", job.Kind), slog.Int("attempt", job.Attempt),
		slog.String("error", err.Error()),
	}
	level := slog.LevelError
	up, upstream := errors.AsType[*domain.UpstreamError](err)
	switch {
	case upstream && up.Reason == domain.ReasonMisconfig:
		attrs = append(attrs, slog.String("alarm", "wakatime_misconfigured"))
	case upstream:
		level = slog.LevelWarn
	case errors.Is(err, domain.ErrTokenUnreadable):
		attrs = append(attrs, slog.String("alarm", "token_unreadable"))
		l.log.LogAttrs(ctx, level, "job failed", attrs...)
		return &river.ErrorHandlerResult{SetCancelled: true} // the planner comes again; retrying mends nothing
	}
	l.log.LogAttrs(ctx, level, "job failed", attrs...)
	return nil
}

// HandlePanic logs a panic with its stack.
func (l errorLog) HandlePanic(ctx context.Context, job *rivertype.JobRow, panicVal any, trace string) *river.ErrorHandlerResult {
	l.log.LogAttrs(ctx, slog.LevelError, "job panicked",
		slog.Int64("job_id", job.ID), slog.String("job_kind", job.Kind), slog.Int("attempt", job.Attempt),
		slog.Any("panic", panicVal), slog.String("trace", trace))
	return nil
}

// quiet lets River's own warnings and errors through, and not what it says about
// every job: that is logged here.
type quiet struct{ slog.Handler }

// Enabled reports whether a record is let through.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// WithAttrs stays quiet.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup stays quiet.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
