package cost_test

import (
	"context"
	"crypto/md5" //nolint:gosec // the IDs of the rows that SQL has inserted
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/school"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// The sizes of the school. All costs are those of the large one.
const (
	fewStudents  = 2_000
	manyStudents = 10_000
)

var (
	small = pgtest.NewFilled(func(url string) error { return load(context.Background(), url, fewStudents) })
	large = pgtest.NewFilled(func(url string) error { return load(context.Background(), url, manyStudents) })
)

// env is a server with a school.
type env struct {
	*testserver.Server

	conn    *pgx.Conn
	callers map[string]apiclient.Client
}

// The email addresses of the callers, before the @.
var callers = map[string]string{
	"admin":         "admin",
	"member":        "member",
	"student":       "student1001", // of batch 1
	"instructor":    "one",         // of batch 1
	"instructor-40": "forty",       // of the batches 0 to 39
}

func newEnv(t *testing.T, filled *pgtest.Filled, change ...string) *env {
	t.Helper()
	e := &env{callers: map[string]apiclient.Client{}}
	clock := testserver.NewClock(noon)
	e.Server = testserver.Run(t, testserver.Environment{
		DatabaseURL: filled.URL(t), Clock: clock,
		Fake: fakewaka.New(fakewaka.Config{Seed: 1, Now: clock.Now}),
	})
	var err error
	if e.conn, err = pgx.Connect(t.Context(), e.DatabaseURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.conn.Close(context.WithoutCancel(t.Context())) })
	for name, user := range callers {
		e.callers[name] = e.Client(t).As(e.AddSession(t, user+"@example.edu"))
	}
	// A key that the server can read.
	e.callers["admin"].Post("/batches/"+id("batch1")+"/registration-key/rotation", nil).Expect(http.StatusOK)
	if err := school.Vacuum(t.Context(), e.conn, "sessions", "registration_keys", "audit_entries"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range change {
		e.Exec(t, sql)
	}
	return e
}

// id returns the ID of a row that the school has under a name such as user1.
func id(name string) string {
	return uuid.UUID(md5.Sum([]byte(name))).String() //nolint:gosec // no secret
}

var named = regexp.MustCompile(`\{(\w+)\}`)

// get sends the request of a row, and returns what it sent to the database.
func (e *env) get(t *testing.T, r read) statements.Record {
	t.Helper()
	c := e.callers[r.as].In(t)
	path := named.ReplaceAllStringFunc(r.path, func(name string) string { return id(name[1 : len(name)-1]) })
	if r.after != "" {
		path += "&after=" + seek(t, c, path, r.after)
	}
	e.Statements.Take()
	c.Get(path).Expect(http.StatusOK)
	return e.Statements.Take()
}

// seek returns the cursor of a list for a key in JSON, which is as far into the list as the key
// says.
func seek(t *testing.T, c apiclient.Client, path, key string) string {
	t.Helper()
	next := apiclient.Decode[apiclient.Page[any]](c.Get(path).Expect(http.StatusOK)).Next
	if next == nil {
		t.Fatalf("%s has one page", path)
	}
	text, err := base64.RawURLEncoding.DecodeString(*next)
	if err != nil {
		t.Fatal(err)
	}
	var cursor map[string]any
	if err := json.Unmarshal(text, &cursor); err != nil {
		t.Fatal(err)
	}
	cursor["k"] = json.RawMessage(key)
	text, err = json.Marshal(cursor)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// cost is what a request costs with the worse of both plans of each statement.
type cost struct {
	trips      int
	prepares   int
	statements string // names
	buffers    int
	rows       int
	scans      []string             // large tables that were scanned as a whole
	worst      statements.Statement // in buffers
	mode       statements.Mode      // of worst
}

// largeTable is the number of rows from which the scan of a whole table is a fault.
const largeTable = 1000

func (e *env) cost(t *testing.T, r read) cost {
	t.Helper()
	e.get(t, r) // prepares the statements
	record := e.get(t, r)
	c := cost{trips: record.Trips, prepares: record.Prepares, statements: record.Names()}
	most := -1
	for _, s := range record.Statements {
		buffers, rows := 0, 0
		for _, mode := range statements.Modes {
			p, err := statements.Explain(t.Context(), e.conn, s, mode)
			if err != nil {
				t.Fatal(err)
			}
			c.scans = append(c.scans, p.LargeScans(largeTable)...)
			buffers, rows = max(buffers, p.Buffers), max(rows, p.Rows)
			if p.Buffers > most {
				most, c.worst, c.mode = p.Buffers, s, mode
			}
		}
		c.buffers += buffers
		c.rows += rows
	}
	slices.Sort(c.scans)
	c.scans = slices.Compact(c.scans)
	return c
}
