// Package statements records the SQL statements of requests, and explains them. What it
// counts (round trips, statements, buffers, rows) is the same on every machine.
package statements

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Statement is a statement that was sent to the database.
type Statement struct {
	SQL  string
	Args []any
}

// Name returns the name of the statement in db/queries, or else its first word.
func (s Statement) Name() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(s.SQL, "-- name: "), " ")
	return name
}

// Record is what a request sent to the database.
type Record struct {
	Statements []Statement
	Trips      int // round trips that execute statements
	Prepares   int // further ones that prepare statements, once per connection
}

// Names returns the names of the statements, in the order in which they were sent.
func (r Record) Names() string {
	names := make([]string, len(r.Statements))
	for i, s := range r.Statements {
		names[i] = s.Name()
	}
	return strings.Join(names, ", ")
}

// Recorder records the statements of requests. Statements of anything else, such as background
// work, are not recorded. Install it as the tracer of the connections, and put Handler around
// the handler of the server. It is safe for concurrent use, but it cannot tell requests apart:
// send one at a time. It records from the first call of Take on. The zero value is ready to use.
type Recorder struct {
	mu     sync.Mutex
	active bool
	record Record
}

var (
	_ pgx.QueryTracer   = (*Recorder)(nil)
	_ pgx.BatchTracer   = (*Recorder)(nil)
	_ pgx.PrepareTracer = (*Recorder)(nil)
)

type requestKey struct{}

// Handler returns a handler that records the statements of its requests.
func (r *Recorder) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		next.ServeHTTP(w, req.WithContext(r.Context(req.Context())))
	})
}

// Context returns a context whose statements are recorded, for calls that are no requests.
func (*Recorder) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, requestKey{}, true)
}

// Take returns what was recorded since the last call.
func (r *Recorder) Take() Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	record := r.record
	r.active, r.record = true, Record{}
	return record
}

// add adds one or more statements that were sent together.
func (r *Recorder) add(ctx context.Context, statements ...Statement) {
	r.change(ctx, func(record *Record) {
		record.Trips++
		record.Statements = append(record.Statements, statements...)
	})
}

func (r *Recorder) change(ctx context.Context, do func(*Record)) {
	if ctx.Value(requestKey{}) == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active {
		do(&r.record)
	}
}

// TraceQueryStart implements pgx.QueryTracer.
func (r *Recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	args := q.Args
	for len(args) > 0 {
		if _, ok := args[0].(pgx.QueryExecMode); !ok {
			break
		}
		args = args[1:]
	}
	r.add(ctx, Statement{q.SQL, args})
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*Recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (r *Recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, b pgx.TraceBatchStartData) context.Context {
	statements := make([]Statement, len(b.Batch.QueuedQueries))
	for i, q := range b.Batch.QueuedQueries {
		statements[i] = Statement{q.SQL, q.Arguments}
	}
	r.add(ctx, statements...)
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (*Recorder) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (*Recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TracePrepareStart implements pgx.PrepareTracer. A connection prepares each statement once.
func (r *Recorder) TracePrepareStart(ctx context.Context, _ *pgx.Conn, _ pgx.TracePrepareStartData) context.Context {
	r.change(ctx, func(record *Record) { record.Prepares++ })
	return ctx
}

// TracePrepareEnd implements pgx.PrepareTracer.
func (*Recorder) TracePrepareEnd(context.Context, *pgx.Conn, pgx.TracePrepareEndData) {}
