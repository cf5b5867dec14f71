// Package school fills a database with a school of any size, for tests and benchmarks of what
// reads cost. All rows are inserted with SQL and are the same each time. Rows have names, such
// as user1 and batch0, from which their IDs and tokens follow.
package school

import (
	"context"
	"crypto/md5" //nolint:gosec // the IDs of rows that SQL inserts, no secret
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The names of staff. Their email addresses are these @example.edu.
const (
	Admin      = "admin"
	Member     = "member" // without a role and a batch
	Instructor = "one"    // of the first small batch
	Forty      = "forty"  // an instructor of the batches 0 to 39
)

// School says what a school is like. It has the students user1 to userN, with the addresses
// student1@example.edu to studentN@example.edu; those with an even number are @example.org, which
// makes a text that half of the people match. Those of the large batches come first; all
// others are in batches of 25. There is an instructor per 100 students. Each user has a session.
type School struct {
	Students int // a multiple of 100, and at least 1,000 more than are in large batches
	Days     int // of each student, up to today
	Full     int // students that have Days; each other one has 32 days. 0 for all
	Large    []int
	Now      time.Time
	Entries  int // of the audit log, per student
	Fresh    int // the last days that are inserted after the vacuum; Vacuum includes them
}

// ID returns the ID of a user or batch.
func ID(name string) string {
	return uuid.UUID(md5.Sum([]byte(name))).String() //nolint:gosec // no secret
}

// Token returns the token of the session of a user.
func Token(name string) string {
	first, second := md5.Sum([]byte("token 1 "+name)), md5.Sum([]byte("token 2 "+name)) //nolint:gosec // no secret
	return (hex.EncodeToString(first[:]) + hex.EncodeToString(second[:]))[:43]
}

// Batches returns the number of batches. They are batch0, batch1 and so on, the large ones
// first.
func (s School) Batches() int { return len(s.Large) + (s.Students-s.inLarge())/25 }

func (s School) inLarge() (n int) {
	for _, size := range s.Large {
		n += size
	}
	return n
}

// batchOf is the number of the batch of student n in SQL.
func (s School) batchOf() string {
	var sql strings.Builder
	sql.WriteString("CASE")
	end := 0
	for i, size := range s.Large {
		end += size
		fmt.Fprintf(&sql, " WHEN n <= %d THEN %d", end, i)
	}
	fmt.Fprintf(&sql, " WHEN true THEN %d + (n - %d) %% %d END", len(s.Large), end+1, s.Batches()-len(s.Large))
	return sql.String()
}

// Load inserts the school into an empty, migrated database, and vacuums it. Autovacuum is turned
// off, so that it changes nothing later.
func Load(ctx context.Context, c *pgx.Conn, s School) error {
	if s.Full == 0 {
		s.Full = s.Students
	}
	values := strings.NewReplacer(
		"{now}", "timestamptz '"+s.Now.Format(time.RFC3339)+"'",
		"{today}", "date '"+s.Now.Format(time.DateOnly)+"'",
		"{students}", fmt.Sprint(s.Students),
		"{last day}", fmt.Sprint(s.Days-1),
		"{full}", fmt.Sprint(s.Students/s.Full),
		"{batches}", fmt.Sprint(s.Batches()),
		"{batch of n}", s.batchOf(),
		"{small}", fmt.Sprint(len(s.Large)),
		"{entries}", fmt.Sprint(s.Students*s.Entries),
		"{fresh}", fmt.Sprint(s.Fresh),
	)
	run := func(statements ...string) error {
		for _, sql := range statements {
			if err := execAll(ctx, c, values.Replace(sql)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := errors.Join(withoutAutovacuum(ctx, c), counting(ctx, c, "DISABLE")); err != nil {
		return err
	}
	err := withoutIndexes(ctx, c, func() error {
		if err := run(slices.Concat(people, tracking, staff, log)...); err != nil {
			return err
		}
		return untriggered(ctx, c, func() error { return run(days + ` AND d >= {fresh} ORDER BY d DESC`) })
	})
	if err != nil {
		return err
	}
	if err := Vacuum(ctx, c); err != nil {
		return err
	}
	err = untriggered(ctx, c, func() error { return run(append([]string{days + ` AND d < {fresh}`}, counts...)...) })
	if err != nil {
		return err
	}
	return errors.Join(counting(ctx, c, "ENABLE"), Vacuum(ctx, c, "day_totals", "tallies", "batch_counts", "user_summaries"))
}

// counting disables or enables the triggers that count people, one by one.
func counting(ctx context.Context, c *pgx.Conn, change string) error {
	return execAll(ctx, c,
		`ALTER TABLE users `+change+` TRIGGER users_tallied`,
		`ALTER TABLE enrolments `+change+` TRIGGER enrolments_tallied`,
		`ALTER TABLE enrolments `+change+` TRIGGER enrolments_counted`,
		`ALTER TABLE batch_instructors `+change+` TRIGGER batch_instructors_counted`,
	)
}

// untriggered calls insert without triggers and foreign keys, which would check every row.
func untriggered(ctx context.Context, c *pgx.Conn, insert func() error) error {
	if _, err := c.Exec(ctx, `SET session_replication_role = replica`); err != nil {
		return err
	}
	err := insert()
	_, e := c.Exec(ctx, `RESET session_replication_role`)
	return errors.Join(err, e)
}

// withoutIndexes calls insert without the indexes that it does not need, which would slow it down.
func withoutIndexes(ctx context.Context, c *pgx.Conn, insert func() error) error {
	const (
		keys    = `FROM pg_constraint WHERE conrelid = 'days'::regclass AND contype = 'p'`
		indexes = `FROM pg_index WHERE indrelid IN ('users'::regclass, 'enrolments'::regclass, 'audit_entries'::regclass)
			AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY indexrelid`
	)
	var all [4][]string
	for i, sql := range []string{
		`SELECT 'ALTER TABLE days DROP CONSTRAINT ' || conname ` + keys,
		`SELECT 'DROP INDEX ' || indexrelid::regclass ` + indexes,
		`SELECT format('ALTER TABLE days ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) ` + keys,
		`SELECT pg_get_indexdef(indexrelid) ` + indexes,
	} {
		var err error
		if all[i], err = list(ctx, c, sql); err != nil {
			return err
		}
	}
	drop, restore := slices.Concat(all[0], all[1]), slices.Concat(all[2], all[3])
	if err := execAll(ctx, c, drop...); err != nil {
		return err
	}
	return errors.Join(insert(), execAll(ctx, c, restore...))
}

func execAll(ctx context.Context, c *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("%.200s: %w", sql, err)
		}
	}
	return nil
}

// tables are those of the program.
const tables = `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'm') AND n.nspname IN ('public', 'gradus_river')`

func list(ctx context.Context, c *pgx.Conn, sql string) ([]string, error) {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func withoutAutovacuum(ctx context.Context, c *pgx.Conn) error {
	names, err := list(ctx, c, tables)
	for _, name := range names {
		_, e := c.Exec(ctx, `ALTER TABLE `+name+` SET (autovacuum_enabled = off)`)
		err = errors.Join(err, e)
	}
	return err
}

// Vacuum removes dead rows of tables, or of all, collects statistics, and marks all pages as visible to everybody.
// Pages that another session of the database may still see differently, such as an autovacuum
// of the catalogs, are left, so it repeats.
func Vacuum(ctx context.Context, c *pgx.Conn, names ...string) error {
	for range 20 {
		if _, err := c.Exec(ctx, `VACUUM (FREEZE, ANALYZE) `+strings.Join(names, ", ")); err != nil {
			return err
		}
		left, err := list(ctx, c, tables+` AND c.relallvisible < c.relpages`)
		if err != nil || len(left) == 0 {
			return err
		}
	}
	return errors.New("VACUUM leaves pages that are not visible to everybody: another session holds a snapshot")
}
