package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// A connection is direct or leads to a connection pooler such as PgBouncer. The server process
// behind a pooled connection may change with every transaction, and another client then gets
// the settings and prepared statements that were left behind. So a pooled connection sends its
// settings with every transaction, in the same round trip, and prepares no named statements. A
// direct connection does so once.

// ErrNoSessions is the error of connections that need a session and do not get one.
var ErrNoSessions = errors.New("the database URL leads to a connection pooler in transaction mode. Jobs and migrations need a direct connection, or a pooler in session mode: set GRADUS_DATABASE_DIRECT_URL")

// setting is a setting of a session or transaction.
type setting struct {
	name, value string
}

// timeouts are the limits of every connection.
var timeouts = []setting{
	{"statement_timeout", milliseconds(statementTimeout)},
	{"lock_timeout", milliseconds(lockTimeout)},
	{"idle_in_transaction_session_timeout", milliseconds(idleInTransactionTimeout)},
}

// storeSettings are the settings of the connections of stores. The statements of stores have one
// plan for all parameters, so planning them again for each request would only cost time, and
// Postgres, which cannot know that, would do so for ever. They read a few hundred pages at most:
// compiling them and starting other processes for them would take longer than running them.
var storeSettings = append(slices.Clone(timeouts),
	setting{"plan_cache_mode", "force_generic_plan"}, setting{"jit", "off"}, setting{"max_parallel_workers_per_gather", "0"})

// localSettings changes the settings until the end of the transaction.
var localSettings = selectConfig(storeSettings, true)

// selectConfig returns a statement that changes settings, of the transaction if local is true
// and else of the session.
func selectConfig(settings []setting, local bool) string {
	calls := make([]string, len(settings))
	for i, s := range settings {
		calls[i] = fmt.Sprintf("set_config('%s', '%s', %t)", s.name, s.value, local)
	}
	return "SELECT " + strings.Join(calls, ", ")
}

// kind is how a connection reaches the server. The zero kind is that of connections that were
// not opened by Open; they run queries as pgx does by default.
type kind int

const (
	direct kind = iota + 1
	pooled
)

// kindKey is the key of the kind in the custom data of a connection.
const kindKey = "gradus.kind"

func kindOf(c *pgx.Conn) kind {
	k, _ := c.PgConn().CustomData()[kindKey].(kind)
	return k
}

// detectPooler determines the kind of a new connection, and changes the settings of the
// session if it is direct. A pooler announces a process ID of its own instead of that of the server
// process, so that it can route cancel requests.
func detectPooler(ctx context.Context, c *pgx.Conn) error {
	// One statement: behind a pooler, a second one could run in another session.
	sql := fmt.Sprintf("%s WHERE pg_backend_pid() = %d", selectConfig(storeSettings, false), c.PgConn().PID())
	tag, err := c.Exec(ctx, sql)
	if err != nil {
		return fmt.Errorf("change settings: %w", err)
	}
	c.PgConn().CustomData()[kindKey] = pooled
	if tag.RowsAffected() == 1 {
		c.PgConn().CustomData()[kindKey] = direct
	}
	return nil
}

// sessionSettings returns a function that changes settings of a new session. It fails if a
// pooler does not keep sessions.
func sessionSettings(settings []setting) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, c *pgx.Conn) error {
		if err := requireSession(ctx, c); err != nil {
			return err
		}
		if _, err := c.Exec(ctx, selectConfig(settings, false)); err != nil {
			return fmt.Errorf("change settings of the session: %w", err)
		}
		return nil
	}
}

// sessionProbeTimeout limits the wait of the second connection of requireSession: a pooler in
// session mode makes it wait if its pool is used up.
const sessionProbeTimeout = 2 * time.Second

// requireSession returns ErrNoSessions if c leads to a pooler in transaction mode. In this
// mode, the server process that ran the last statement of c is free, so a second connection
// gets it, or else takes the one that c would get next.
func requireSession(ctx context.Context, c *pgx.Conn) error {
	before, err := backend(ctx, c)
	if err != nil || before == c.PgConn().PID() {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, sessionProbeTimeout)
	defer cancel()
	other, err := pgx.ConnectConfig(limited, c.Config())
	if limited.Err() != nil && ctx.Err() == nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = other.Close(context.WithoutCancel(ctx)) }()
	for range 3 {
		lasts, err := sessionLasts(limited, c, other, before)
		if limited.Err() != nil && ctx.Err() == nil {
			return nil
		}
		if err != nil {
			return err
		}
		if !lasts {
			return ErrNoSessions
		}
	}
	return nil
}

// sessionLasts reports whether c keeps its server process while another connection runs a
// transaction.
func sessionLasts(ctx context.Context, c, other *pgx.Conn, before uint32) (bool, error) {
	tx, err := other.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	taken, err := backend(ctx, other)
	if err != nil || taken == before {
		return false, err
	}
	after, err := backend(ctx, c)
	return after == before, err
}

// backend returns the process ID of the server process of c.
func backend(ctx context.Context, c *pgx.Conn) (pid uint32, err error) {
	err = c.QueryRow(ctx, `SELECT pg_backend_pid()`, pgx.QueryExecModeExec).Scan(&pid)
	return pid, err
}
