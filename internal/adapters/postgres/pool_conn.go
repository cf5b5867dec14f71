package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// poolConn runs each query on a connection of the pool, in the way that the kind of the
// connection requires. A query whose prepared statement is stale runs once more.
type poolConn struct{ pool *pgxpool.Pool }

// Exec implements querier.
func (p poolConn) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	rows, err := p.Query(ctx, sql, args...)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	rows.Close()
	return rows.CommandTag(), rows.Err()
}

// QueryRow implements querier.
func (p poolConn) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := p.Query(ctx, sql, args...)
	return poolRow{rows, err}
}

// Query implements querier.
func (p poolConn) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	q, err := send(ctx, c, sql, args)
	if isStale(err) {
		q, err = sendFresh(ctx, c, sql, args)
	}
	if err != nil {
		c.Release()
		return nil, err
	}
	return &poolRows{Rows: q.rows, batch: q.batch, conn: c, again: func() (sent, error) { return sendFresh(ctx, c, sql, args) }}, nil
}

// Begin begins a transaction.
func (p poolConn) Begin(ctx context.Context) (pgx.Tx, error) {
	c, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	var options pgx.TxOptions
	if kindOf(c.Conn()) == pooled {
		options.BeginQuery = "BEGIN; " + localSettings
	}
	tx, err := c.BeginTx(ctx, options)
	if err != nil {
		c.Release()
		return nil, err
	}
	return &poolTx{tx, c}, nil
}

// poolTx is a transaction that releases its connection when it ends.
type poolTx struct {
	pgx.Tx

	conn *pgxpool.Conn // nil when it is released
}

// Commit implements pgx.Tx.
func (t *poolTx) Commit(ctx context.Context) error {
	defer t.release()
	return t.Tx.Commit(ctx)
}

// Rollback implements pgx.Tx.
func (t *poolTx) Rollback(ctx context.Context) error {
	defer t.release()
	return t.Tx.Rollback(ctx)
}

func (t *poolTx) release() {
	if t.conn != nil {
		t.conn.Release()
		t.conn = nil
	}
}

// sent is a query that was sent to the server.
type sent struct {
	rows  pgx.Rows
	batch pgx.BatchResults // nil if the query was sent by itself
}

func send(ctx context.Context, c *pgxpool.Conn, sql string, args []any) (q sent, err error) {
	switch kindOf(c.Conn()) {
	case direct:
		q.rows, err = c.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheStatement}, args...)...)
		return q, err
	case pooled:
		return sendWithSettings(ctx, c, sql, args)
	}
	q.rows, err = c.Query(ctx, sql, args...)
	return q, err
}

// sendFresh sends a query as an unnamed statement. Pooled connections always do.
func sendFresh(ctx context.Context, c *pgxpool.Conn, sql string, args []any) (q sent, err error) {
	q.rows, err = c.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, withoutModes(args)...)...)
	return q, err
}

// sendWithSettings sends a query together with the settings, in one transaction and one round
// trip.
func sendWithSettings(ctx context.Context, c *pgxpool.Conn, sql string, args []any) (sent, error) {
	b := &pgx.Batch{}
	b.Queue(localSettings)
	b.Queue(sql, withoutModes(args)...)
	q := sent{batch: c.SendBatch(ctx, b)}
	_, err := q.batch.Exec()
	if err == nil {
		q.rows, err = q.batch.Query()
	}
	if err != nil {
		_ = q.batch.Close() // returns the same error
	}
	return q, err
}

// withoutModes returns the arguments of a query without its modes.
func withoutModes(args []any) []any {
	for len(args) > 0 {
		if _, ok := args[0].(pgx.QueryExecMode); !ok {
			break
		}
		args = args[1:]
	}
	return args
}

// poolRows are the rows of a query. They release the connection when they are closed.
type poolRows struct {
	pgx.Rows

	batch pgx.BatchResults     // nil if the query was sent by itself
	conn  *pgxpool.Conn        // nil when it is released
	again func() (sent, error) // nil as soon as a row was read
	err   error                // of the end of the transaction
}

// Next implements pgx.Rows.
func (r *poolRows) Next() bool {
	if r.Rows.Next() {
		r.again = nil
		return true
	}
	if r.retry() {
		return r.Next()
	}
	r.Close()
	return false
}

// Close implements pgx.Rows.
func (r *poolRows) Close() {
	r.Rows.Close()
	if r.conn == nil {
		return
	}
	if r.retry() {
		r.Rows.Close()
	}
	if r.batch != nil {
		r.err = r.batch.Close()
	}
	r.conn.Release()
	r.conn = nil
}

// retry sends the query again if its statement was stale.
func (r *poolRows) retry() bool {
	again := r.again
	if r.again = nil; again == nil || r.batch != nil || !isStale(r.Rows.Err()) {
		return false
	}
	q, err := again()
	if err != nil {
		return false // the first error says why
	}
	r.Rows = q.rows
	return true
}

// Err implements pgx.Rows.
func (r *poolRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// poolRow is the only row of a query.
type poolRow struct {
	rows pgx.Rows
	err  error
}

// Scan implements pgx.Row.
func (r poolRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}
