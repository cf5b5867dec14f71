// Package bench measures what reads cost in schools of different sizes: the rungs of a ladder.
//
//	make bench                            1,000 and 10,000 students
//	make bench LADDER=1000,10000,100000   100,000 too, which needs 9 GB
//	make bench JSON=bench.json            the results in a file, too
//
// It sends requests to the whole server, and compares them with a handler that only executes
// SELECT 1. On a shared machine, only the counts are reliable, and the ratios, whose two sides
// are measured alternately. docs/performance.md has results, and explains them.
package bench

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/school"
	"github.com/gradus-dev/gradus/internal/wiring"
)

var (
	ladder   = flag.String("ladder", "1000,10000", "the numbers of `students`, with commas")
	full     = flag.Int("full", 0, "how many `students` have the days of a year; the others have 32 days; 0 for all")
	jsonFile = flag.String("json", "", "the `file` to write results to")
)

// noon is the time at which the clock of the server starts.
var noon = time.Date(2026, time.October, 14, 12, 0, 0, 0, time.UTC)

const (
	yearDays  = 365
	freshDays = 2 // that no vacuum has followed
)

func TestMain(m *testing.M) {
	wiring.SaveMemory(os.Environ())
	flag.Parse()
	pgtest.Main(m)
}

// rung returns the school of a rung. Small schools have no large batches.
func rung(students int) school.School {
	s := school.School{Students: students, Days: yearDays, Entries: 10, Fresh: freshDays, Now: noon}
	if students >= 10_000 {
		s.Large = []int{1000, 1000, 2000, 2000}
	}
	if *full > 0 && *full < students {
		s.Full = *full
	}
	return s
}

// results are those of all rungs. docs/performance.md describes the fields.
type results struct {
	Postgres string       `json:"postgres"`
	Rungs    []rungResult `json:"rungs"`
}

type rungResult struct {
	Students       int          `json:"students"`
	LoadSeconds    float64      `json:"load_seconds"`
	CountSeconds   float64      `json:"count_seconds"`
	MeasureSeconds float64      `json:"measure_seconds"`
	LoopSeconds    float64      `json:"loop_seconds"`
	BytesPerDay    float64      `json:"bytes_per_day"`
	Reads          []readResult `json:"reads"`
	Closed         []closedLoop `json:"closed_loop"`
	Open           []openLoop   `json:"open_loop"`
}

func BenchmarkReads(b *testing.B) {
	for range b.N {
		var r results
		for size := range strings.SplitSeq(*ladder, ",") {
			students, err := strconv.Atoi(size)
			if err != nil {
				b.Fatal(err)
			}
			// A benchmark of its own, so that its database is dropped before the next one.
			b.Run(size, func(b *testing.B) { r.Rungs = append(r.Rungs, climb(b, rung(students), &r)) })
		}
		if *jsonFile == "" {
			continue
		}
		text, err := json.MarshalIndent(r, "", "  ")
		if err == nil {
			err = os.WriteFile(*jsonFile, append(text, '\n'), 0o600)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// climb measures a rung.
func climb(b *testing.B, s school.School, all *results) rungResult {
	b.Helper()
	address := pgtest.URL(b)
	conn, err := pgx.Connect(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(context.WithoutCancel(b.Context())) })
	began := time.Now()
	lap := func() float64 {
		took := time.Since(began).Seconds()
		began = time.Now()
		return took
	}
	if err := school.Load(b.Context(), conn, s); err != nil {
		b.Fatal(err)
	}
	r := rungResult{Students: s.Students, LoadSeconds: lap()}
	err = conn.QueryRow(b.Context(), `SELECT split_part(version(), ' on ', 1), pg_total_relation_size('days') / count(*)::float8 FROM days`).Scan(&all.Postgres, &r.BytesPerDay)
	if err != nil {
		b.Fatal(err)
	}
	r.Reads = count(b, s, conn, address)
	r.CountSeconds = lap()
	e := newEnv(b, s, address)
	for i := range r.Reads {
		e.measure(b, &r.Reads[i])
	}
	r.MeasureSeconds = lap()
	r.Closed, r.Open = e.closedLoops(b), e.openLoops(b)
	r.LoopSeconds = lap()
	r.compare(all.Rungs)
	r.print(all.Postgres)
	b.ReportMetric(0, "ns/op") // hides the time of the whole run
	return r
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }
