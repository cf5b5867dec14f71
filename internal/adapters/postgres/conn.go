// Package postgres keeps the house in PostgreSQL.
package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/internal/pgtx"
	"github.com/gradus-dev/gradus/internal/domain"
)

// querier is what sqlc's queries run on.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// on returns what a store method runs on: the transaction of the unit of work, or of the
// request, that ctx belongs to, or else the pool. A database that is down answers
// domain.ErrUnavailable there, so that no store has to think of it.
func on(ctx context.Context, pool *pgxpool.Pool) querier {
	if tx, ok := pgtx.From(ctx); ok {
		return conn{tx}
	}
	return conn{pool}
}

// planned is on for queries with optional filters. Postgres plans them anew for the
// filters at hand: a prepared statement ends up with one plan for all, which is bad
// for most.
func planned(ctx context.Context, pool *pgxpool.Pool) querier {
	return unprepared{on(ctx, pool)}
}

// inside returns the transaction of the unit of work that ctx belongs to, for methods that lock rows: a
// lock outside a unit of work would be gone before the caller looks.
func inside(ctx context.Context) (querier, error) {
	tx, ok := pgtx.Unit(ctx)
	if !ok {
		return nil, errors.New("postgres: a lock outside a unit of work")
	}
	return conn{tx}, nil
}

// unprepared sends each query as an unnamed statement, still in one round trip.
type unprepared struct{ querier }

func (u unprepared) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return u.querier.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

// conn marks failures of the database itself, wherever pgx reports them.
type conn struct{ querier }

func (c conn) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tag, err := c.querier.Exec(ctx, sql, args...)
	return tag, fault(err)
}

func (c conn) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	r, err := c.querier.Query(ctx, sql, args...)
	return rows{r}, fault(err)
}

func (c conn) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return row{c.querier.QueryRow(ctx, sql, args...)}
}

type rows struct{ pgx.Rows }

func (r rows) Err() error { return fault(r.Rows.Err()) }

type row struct{ pgx.Row }

func (r row) Scan(dest ...any) error { return fault(r.Row.Scan(dest...)) }

// retryAfter is what clients are told while the database is down: it heals by
// itself as soon as the server accepts connections again.
const retryAfter = time.Second

// fault turns "the database is down, full or too slow" into domain.ErrUnavailable,
// which must never be mistaken for "not found" or "not signed in". Text that no
// column can hold is domain.ErrInvalid: it can only come from a request.
func fault(err error) error {
	switch {
	case err == nil:
		return nil
	case unstorable(err):
		return errors.Join(domain.ErrInvalid, err)
	case down(err):
		e := *domain.ErrUnavailable
		e.RetryAfter = retryAfter
		return errors.Join(&e, err)
	}
	return err
}

// unstorable reports whether a parameter holds NUL or is not valid UTF-8.
func unstorable(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "22021" || pg.Code == "22P05")
}

// down reports whether err says that the database could not do its work, for no
// fault of the query.
func down(err error) bool {
	// The caller going away is no fault of the database.
	if errors.Is(err, context.Canceled) {
		return false
	}
	// Even a refused password: what is wrong is not the query.
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(pg.Code, "08") || // connection exceptions
			strings.HasPrefix(pg.Code, "53") || // out of connections, disk or memory
			strings.HasPrefix(pg.Code, "57P") || // shutting down, starting up, terminated
			pg.Code == "57014" || // statement time-out
			pg.Code == "55P03" || // lock time-out
			pg.Code == "25006" || // a read-only standby
			lostRace(err)
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}
