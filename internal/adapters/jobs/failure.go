package jobs

import (
	"context"
	"encoding/json"
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

// retryPolicy retries failed jobs after one minute, doubling up to six hours, with a
// jitter of up to one fifth, so that jobs that failed together are not retried together.
// Jobs whose worker was killed are retried at once: they did not fail.
type retryPolicy struct{ now ports.Clock }

var _ river.ClientRetryPolicy = retryPolicy{}

// NextRetry implements river.ClientRetryPolicy.
func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	now := p.now()
	if job.AttemptedAt != nil && now.Sub(*job.AttemptedAt) >= rescueAfter {
		return now // a job that ends by itself ends long before
	}
	wait := lastRetry
	if doublings := max(job.Attempt, 1) - 1; doublings < 9 {
		wait = min(firstRetry<<doublings, lastRetry)
	}
	return now.Add(wait - rand.N(wait/5))
}

// errorLog logs each failed attempt of a job once. Of its arguments, it logs only the user.
type errorLog struct{ log *slog.Logger }

var _ river.ErrorHandler = errorLog{}

// HandleError logs an error. Errors that only the operator can fix have an alarm.
func (l errorLog) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	attrs := append(describe(job), slog.String("error", err.Error()))
	level := slog.LevelError
	up, upstream := errors.AsType[*domain.UpstreamError](err)
	_, mail := errors.AsType[*domain.MailError](err)
	switch {
	case mail:
		level = slog.LevelWarn
	case upstream && up.Reason == domain.ReasonMisconfig:
		attrs = append(attrs, slog.String("alarm", "wakatime_misconfigured"))
	case upstream:
		level = slog.LevelWarn
	case errors.Is(err, domain.ErrTokenUnreadable):
		attrs = append(attrs, slog.String("alarm", "token_unreadable"))
		l.log.LogAttrs(ctx, level, "job failed", attrs...)
		return &river.ErrorHandlerResult{SetCancelled: true} // retrying cannot help; the planner enqueues the next sync
	}
	l.log.LogAttrs(ctx, level, "job failed", attrs...)
	return nil
}

// HandlePanic logs a panic with its stack.
func (l errorLog) HandlePanic(ctx context.Context, job *rivertype.JobRow, panicVal any, trace string) *river.ErrorHandlerResult {
	l.log.LogAttrs(ctx, slog.LevelError, "job panicked", append(describe(job),
		slog.Any("panic", panicVal), slog.String("trace", trace))...)
	return nil
}

// describe returns what identifies a job in the log. The ID of a connection is that of its
// user.
func describe(job *rivertype.JobRow) []slog.Attr {
	attrs := []slog.Attr{slog.Int64("job_id", job.ID), slog.String("job_kind", job.Kind), slog.Int("attempt", job.Attempt)}
	var args syncArgs
	if job.Kind != args.Kind() || json.Unmarshal(job.EncodedArgs, &args) != nil {
		return attrs
	}
	user, err := domain.ParseID[domain.User](args.UserID)
	if err != nil {
		return attrs
	}
	return append(attrs, slog.String("user_id", user.String()), slog.String("connection_id", user.String()))
}

// quiet drops River's records below warnings: errorLog already logs each job.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
