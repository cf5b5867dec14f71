package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/internal/pgtx"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// querier runs the queries that sqlc generated. Pools and transactions implement it.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// conn returns the transaction that ctx carries, of a unit of work or of an idempotent
// request, or else the pool. Its errors are mapped by mapError, so that stores need not
// handle an unavailable database.
func conn(ctx context.Context, pool *pgxpool.Pool) querier {
	if tx, ok := pgtx.From(ctx); ok {
		return txConn(ctx, tx)
	}
	return mappedConn{poolConn{pool}}
}

// requireTx returns the transaction of the unit of work that ctx carries. Methods that
// lock rows need it: a lock outside a unit of work would be released before the method
// returns. So do those that change users whom the unit of work has not locked.
func requireTx(ctx context.Context) (querier, error) {
	tx, ok := pgtx.Unit(ctx)
	if !ok {
		return nil, errors.New("postgres: the method needs a unit of work")
	}
	return txConn(ctx, tx), nil
}

type unitKey struct{}

// unit is a unit of work.
type unit struct {
	locks   ports.Locks
	changed []domain.UserID // users whose sessions must be read again
}

// unitOf returns the unit of work that ctx carries, or an empty one.
func unitOf(ctx context.Context) *unit {
	if u, ok := ctx.Value(unitKey{}).(*unit); ok {
		return u
	}
	return &unit{}
}

// locksOf returns the locks of the unit of work that ctx carries.
func locksOf(ctx context.Context) ports.Locks { return unitOf(ctx).locks }

// requireUser returns an error unless the unit of work that ctx carries has locked a user.
func requireUser(ctx context.Context, id domain.UserID) error {
	if locksOf(ctx).User != id {
		return fmt.Errorf("postgres: the unit of work has not locked the user %s", id)
	}
	return nil
}

// changesRights has the sessions of a user read again when the unit of work that ctx carries has
// ended. Every method that changes a role, a suspension, sessions, an enrolment or assignments
// calls it, so that no process uses old rights that it has changed itself.
func changesRights(ctx context.Context, id domain.UserID) {
	u := unitOf(ctx)
	u.changed = append(u.changed, id)
}

// txConn returns a querier that runs queries in tx. It prepares statements only if they stay
// valid: the connection is direct, and ctx does not ask for fresh statements.
func txConn(ctx context.Context, tx pgx.Tx) querier {
	switch {
	case wantsFresh(ctx):
		return mappedConn{withMode{tx, pgx.QueryExecModeCacheDescribe}}
	case kindOf(tx.Conn()) == direct:
		return mappedConn{withMode{tx, pgx.QueryExecModeCacheStatement}}
	}
	return mappedConn{tx}
}

// withMode runs queries in another mode than that of the connection. Of several modes, the
// outermost wins. QueryExecModeCacheStatement prepares each statement;
// QueryExecModeCacheDescribe sends it as an unnamed one, still in one round trip.
type withMode struct {
	querier

	mode pgx.QueryExecMode
}

func (m withMode) args(args []any) []any { return append([]any{m.mode}, args...) }

func (m withMode) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return m.querier.Exec(ctx, sql, m.args(args)...)
}

func (m withMode) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return m.querier.Query(ctx, sql, m.args(args)...)
}

func (m withMode) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return m.querier.QueryRow(ctx, sql, m.args(args)...)
}

// mappedConn maps errors with mapError wherever pgx returns them.
type mappedConn struct{ querier }

func (c mappedConn) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tag, err := c.querier.Exec(ctx, sql, args...)
	return tag, mapError(err)
}

func (c mappedConn) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	r, err := c.querier.Query(ctx, sql, args...)
	return mappedRows{r}, mapError(err)
}

func (c mappedConn) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return mappedRow{c.querier.QueryRow(ctx, sql, args...)}
}

type mappedRows struct{ pgx.Rows }

func (r mappedRows) Err() error { return mapError(r.Rows.Err()) }

type mappedRow struct{ pgx.Row }

func (r mappedRow) Scan(dest ...any) error { return mapError(r.Row.Scan(dest...)) }

// retryAfter is the Retry-After of responses while the database is unavailable: the pool
// recovers as soon as the server accepts connections again.
const retryAfter = time.Second

// mapError maps errors of a database that is unavailable, full or too slow to
// domain.ErrUnavailable, which must never be mistaken for "not found" or "not signed in".
// Text that no column can store is domain.ErrInvalid: it can only come from a request.
func mapError(err error) error {
	switch {
	case err == nil:
		return nil
	case isInvalidText(err):
		return errors.Join(domain.ErrInvalid, err)
	case isUnavailable(err):
		e := *domain.ErrUnavailable
		e.RetryAfter = retryAfter
		return errors.Join(&e, err)
	}
	return err
}

// readOnly is the code of a write to a read-only database, such as one that a failover has
// made a standby.
const readOnly = "25006"

// isInvalidText reports whether a parameter contains NUL or is not valid UTF-8.
func isInvalidText(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "22021" || pg.Code == "22P05")
}

// isUnavailable reports whether the database failed for a reason other than the query.
func isUnavailable(err error) bool {
	// A cancelled request says nothing about the database.
	if errors.Is(err, context.Canceled) {
		return false
	}
	// Including a rejected password: the query is not the cause.
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(pg.Code, "08") || // connection exceptions
			strings.HasPrefix(pg.Code, "53") || // out of connections, disk or memory
			strings.HasPrefix(pg.Code, "57P") || // shutting down, starting up, terminated
			pg.Code == "57014" || // statement timeout
			pg.Code == "55P03" || // lock timeout
			pg.Code == readOnly ||
			isRetryable(err)
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}
