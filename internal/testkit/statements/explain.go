package statements

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Mode is how Postgres plans a prepared statement: its setting plan_cache_mode.
type Mode string

// The modes. A server that sends a statement often enough may get either.
const (
	Generic Mode = "force_generic_plan" // one plan for all arguments
	Custom  Mode = "force_custom_plan"  // a plan for these arguments
)

// Modes are both modes.
var Modes = []Mode{Generic, Custom}

// Plan is what a statement cost when it ran once, with the caches of its connection filled.
type Plan struct {
	Buffers int            // shared buffers that were hit or read
	Rows    int            // rows that scans read, including those that a filter removed
	Scans   map[string]int // the estimated rows of the tables that were scanned as a whole
}

// Explain runs a statement in a transaction that it rolls back, and returns its plan.
func Explain(ctx context.Context, c *pgx.Conn, s Statement, mode Mode) (p Plan, err error) {
	err = explain(ctx, c, s, mode, func(tx pgx.Tx, execute string) error {
		// The first execution plans the statement and reads the first pages of indexes, which
		// a connection keeps.
		var result string
		for range 2 {
			nested, err := tx.Begin(ctx)
			if err != nil {
				return err
			}
			err = nested.QueryRow(ctx, "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "+execute, pgx.QueryExecModeSimpleProtocol).Scan(&result)
			if err := errors.Join(err, nested.Rollback(ctx)); err != nil {
				return err
			}
		}
		if p, err = parse(result); err != nil {
			return err
		}
		return p.readSizes(ctx, tx)
	})
	return p, err
}

// Text returns the plan of a statement for a reader.
func Text(ctx context.Context, c *pgx.Conn, s Statement, mode Mode) (text string, err error) {
	err = explain(ctx, c, s, mode, func(tx pgx.Tx, execute string) error {
		rows, err := tx.Query(ctx, "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) "+execute, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		text = strings.Join(lines, "\n")
		return err
	})
	return text, err
}

// prepared is the name of the statement that explain prepares.
const prepared = "explained"

// explain prepares a statement in a transaction, and calls a function with the statement that
// executes it.
func explain(ctx context.Context, c *pgx.Conn, s Statement, mode Mode, do func(tx pgx.Tx, execute string) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("explain %s: %w", s.Name(), err)
		}
	}()
	tx, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, "SET LOCAL plan_cache_mode = "+string(mode)); err != nil {
		return err
	}
	d, err := tx.Prepare(ctx, prepared, s.SQL)
	if err != nil {
		return err
	}
	// Rolled back first: a failed transaction deallocates nothing.
	defer func() { err = errors.Join(err, tx.Rollback(ctx), c.Deallocate(ctx, prepared)) }()
	args, err := literals(ctx, tx, d.ParamOIDs, s.Args)
	if err != nil {
		return err
	}
	execute := "EXECUTE " + prepared
	if len(args) > 0 {
		execute += "(" + strings.Join(args, ", ") + ")"
	}
	return do(tx, execute)
}

// literals returns arguments as SQL literals. EXECUTE takes no parameters.
func literals(ctx context.Context, tx pgx.Tx, types []uint32, args []any) ([]string, error) {
	if len(types) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `SELECT format_type(t, NULL) FROM unnest($1::oid[]) WITH ORDINALITY AS u (t, n) ORDER BY n`, types)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("quote_nullable($%d::%s::text)", i+1, name)
	}
	var out []string
	err = tx.QueryRow(ctx, "SELECT ARRAY["+strings.Join(quoted, ", ")+"]", args...).Scan(&out)
	return out, err
}

// node is a node of a plan in JSON.
type node struct {
	Type        string  `json:"Node Type"`
	Relation    string  `json:"Relation Name"`
	Rows        float64 `json:"Actual Rows"` // per loop, like the next two
	Filtered    float64 `json:"Rows Removed by Filter"`
	Rechecked   float64 `json:"Rows Removed by Index Recheck"`
	Loops       float64 `json:"Actual Loops"`
	SharedHits  int     `json:"Shared Hit Blocks"` // including those of its children
	SharedReads int     `json:"Shared Read Blocks"`
	Plans       []node  `json:"Plans"`
}

// parse reads a plan in JSON.
func parse(result string) (Plan, error) {
	var plans []struct{ Plan node }
	if err := json.Unmarshal([]byte(result), &plans); err != nil {
		return Plan{}, err
	}
	if len(plans) != 1 {
		return Plan{}, fmt.Errorf("%d plans, want 1", len(plans))
	}
	root := plans[0].Plan
	p := Plan{Buffers: root.SharedHits + root.SharedReads, Scans: map[string]int{}}
	p.add(root)
	return p, nil
}

func (p *Plan) add(n node) {
	if n.Relation != "" && strings.HasSuffix(n.Type, "Scan") {
		p.Rows += int((n.Rows + n.Filtered + n.Rechecked) * n.Loops)
	}
	if n.Type == "Seq Scan" {
		p.Scans[n.Relation] = 0
	}
	for _, child := range n.Plans {
		p.add(child)
	}
}

// readSizes reads the estimated rows of Scans.
func (p *Plan) readSizes(ctx context.Context, tx pgx.Tx) error {
	for table := range p.Scans {
		var rows float64 // -1 before the first ANALYZE
		if err := tx.QueryRow(ctx, `SELECT max(reltuples) FROM pg_class WHERE relname = $1`, table).Scan(&rows); err != nil {
			return err
		}
		p.Scans[table] = int(rows)
	}
	return nil
}

// LargeScans returns the tables of more than rows rows that were scanned as a whole.
func (p Plan) LargeScans(rows int) []string {
	var out []string
	for _, table := range slices.Sorted(maps.Keys(p.Scans)) {
		if p.Scans[table] > rows {
			out = append(out, table)
		}
	}
	return out
}
