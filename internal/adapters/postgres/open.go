package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Config configures a connection pool.
type Config struct {
	URL      domain.Secret // postgres://user:password@host:port/database
	MaxConns int32
	Tracer   pgx.QueryTracer // of every statement; nil for none
}

// The timeouts of every connection. A statement that exceeds one fails with
// domain.ErrUnavailable. An idle transaction would keep its locks.
const (
	connectTimeout           = 3 * time.Second
	statementTimeout         = 5 * time.Second
	lockTimeout              = 3 * time.Second
	idleInTransactionTimeout = 10 * time.Second
	maxConnIdleTime          = 5 * time.Minute
)

// directMaxConns is enough for River, whose parts hold a connection only while they use it,
// except for the one that listens.
const directMaxConns = 5

// Open returns the connection pool of the stores. It works on direct connections and through
// a connection pooler, in whose transaction mode neither settings nor prepared statements of
// a session last (see connection.go). It does not connect: the pool opens connections on
// demand, so a server can start while its database is unavailable. The error does not
// contain the URL, which includes the password.
func Open(ctx context.Context, cfg Config) (*pgxpool.Pool, error) {
	return open(ctx, cfg, func(c *pgxpool.Config) {
		c.MaxConns = cfg.MaxConns
		c.ConnConfig.Tracer = cfg.Tracer
		// For queries that do not run on conn: safe in every mode of a pooler.
		c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			registerUUIDs(conn.TypeMap())
			return detectPooler(ctx, conn)
		}
	})
}

// OpenDirect returns a connection pool for jobs, which listen for notifications. Its
// sessions must last: a connection through a pooler in transaction mode fails with
// ErrNoSessions.
func OpenDirect(ctx context.Context, url domain.Secret) (*pgxpool.Pool, error) {
	return open(ctx, Config{URL: url}, func(c *pgxpool.Config) {
		c.MaxConns = directMaxConns
		c.AfterConnect = sessionSettings(timeouts)
	})
}

func open(ctx context.Context, cfg Config, configure func(*pgxpool.Config)) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(cfg.URL.Reveal())
	if err != nil {
		return nil, errors.New("the database URL is invalid") // pgx quotes the URL
	}
	c.MaxConnIdleTime = maxConnIdleTime
	c.ConnConfig.ConnectTimeout = connectTimeout
	// The only setting that PgBouncer accepts at the start of a connection.
	c.ConnConfig.RuntimeParams["application_name"] = "gradus"
	c.ConnConfig.OnPgError = closeDemoted(c.ConnConfig.OnPgError)
	configure(c)
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("create connection pool: %w", err)
	}
	return pool, nil
}

// closeDemoted also closes connections to a server that has become read-only. The pool then
// connects again, to the current primary if the address leads there.
func closeDemoted(next pgconn.PgErrorHandler) pgconn.PgErrorHandler {
	return func(c *pgconn.PgConn, err *pgconn.PgError) bool {
		return next(c, err) && err.Code != readOnly
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
