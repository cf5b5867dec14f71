package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Config configures a connection pool.
type Config struct {
	URL      domain.Secret // postgres://user:password@host:port/database
	MaxConns int32
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

// Open returns a connection pool. It does not connect: the pool opens connections on
// demand, so a server can start while its database is unavailable. The error does not
// contain the URL, which includes the password.
func Open(ctx context.Context, cfg Config) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(cfg.URL.Reveal())
	if err != nil {
		return nil, errors.New("the database URL is invalid") // pgx quotes the URL
	}
	c.MaxConns = cfg.MaxConns
	c.MaxConnIdleTime = maxConnIdleTime
	c.ConnConfig.ConnectTimeout = connectTimeout
	params := c.ConnConfig.RuntimeParams
	params["application_name"] = "gradus"
	params["statement_timeout"] = milliseconds(statementTimeout)
	params["lock_timeout"] = milliseconds(lockTimeout)
	params["idle_in_transaction_session_timeout"] = milliseconds(idleInTransactionTimeout)
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("create connection pool: %w", err)
	}
	return pool, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
