package bench

import (
	"cmp"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	pairs      = 60                     // requests of a read and of the bare handler, alternately
	inProcess  = 60                     // requests whose allocations and processor time are measured, at least
	readTime   = 100 * time.Millisecond // for as many as that takes
	readBudget = 2 * time.Second        // unless they take longer
)

// readResult is what a read costs.
type readResult struct {
	Read       string  `json:"read"`
	Caller     string  `json:"caller"`
	Path       string  `json:"path"`
	Statements int     `json:"statements"`
	Trips      float64 `json:"round_trips"`
	Buffers    int     `json:"buffers"`
	Goal       int     `json:"goal_buffers,omitempty"`
	Growth     float64 `json:"growth,omitempty"`
	Unvacuumed int     `json:"buffers_unvacuumed"`
	Rows       int     `json:"rows"`
	Bytes      int     `json:"bytes"`
	Allocs     float64 `json:"allocations"`
	AllocBytes float64 `json:"allocated_bytes"`
	CPU        float64 `json:"cpu_ms"`
	PostgresMS float64 `json:"postgres_cpu_ms,omitempty"`
	CPURatio   float64 `json:"cpu_ratio_to_bare"`
	P50        float64 `json:"p50_ms"`
	P95        float64 `json:"p95_ms"`
	BareP50    float64 `json:"bare_p50_ms"`
	BareP95    float64 `json:"bare_p95_ms"`

	target target
}

// measure measures the resources and times of a read.
func (e *env) measure(b *testing.B, r *readResult) {
	b.Helper()
	for range 8 { // a statement gets a generic plan, if any, after five executions
		call(b, e.handler, r.target)
	}
	_, bareServer, barePostgres := e.processor(b, e.bare)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, server, postgres := e.processor(b, r.target)
	runtime.ReadMemStats(&after)
	r.CPU, r.PostgresMS, r.CPURatio = ms(server), ms(postgres), float64(server+postgres)/float64(bareServer+barePostgres)
	r.Allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
	r.AllocBytes = float64(after.TotalAlloc-before.TotalAlloc) / float64(n)

	var took, bare []time.Duration
	for began := time.Now(); len(took) < pairs && time.Since(began) < readBudget; {
		for _, side := range []struct {
			target target
			times  *[]time.Duration
		}{{r.target, &took}, {e.bare, &bare}} {
			d, err := e.send(side.target)
			if err != nil {
				b.Fatal(err)
			}
			*side.times = append(*side.times, d)
		}
	}
	r.P50, r.P95 = ms(quantile(took, 0.5)), ms(quantile(took, 0.95))
	r.BareP50, r.BareP95 = ms(quantile(bare, 0.5)), ms(quantile(bare, 0.95))
}

// processor sends requests without a network, and returns how many, and the processor time of each.
func (e *env) processor(b *testing.B, t target) (n int, server, postgres time.Duration) {
	b.Helper()
	runtime.GC() // of what others have left
	ours, theirs, began := processTime(b), e.postgresTime(b), time.Now()
	for took := time.Duration(0); took < readBudget && (n < inProcess || took < readTime); took = time.Since(began) {
		call(b, e.handler, t)
		n++
	}
	server, postgres = processTime(b)-ours, e.postgresTime(b)-theirs
	return n, server / time.Duration(n), postgres / time.Duration(n)
}

// processTime returns the processor time of this process.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// postgresTime returns the processor time of the backends that serve this database. It is 0 if
// they run on another machine or in a container.
func (e *env) postgresTime(b *testing.B) time.Duration {
	b.Helper()
	return postgresTime(b, e.pool)
}

// postgresTime is env.postgresTime for the database of a pool.
func postgresTime(b *testing.B, pool *pgxpool.Pool) (total time.Duration) {
	b.Helper()
	rows, err := pool.Query(b.Context(), `SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid string
		if err := rows.Scan(&pid); err != nil {
			b.Fatal(err)
		}
		name, _ := os.ReadFile("/proc/" + pid + "/comm")
		times, _ := os.ReadFile("/proc/" + pid + "/schedstat")
		if !strings.HasPrefix(string(name), "postgres") || len(times) == 0 {
			continue
		}
		ns, err := strconv.ParseInt(strings.Fields(string(times))[0], 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		total += time.Duration(ns)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return total
}

func quantile[N cmp.Ordered](numbers []N, q float64) N {
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[int(q*float64(len(sorted)-1))]
}
