package bench

import (
	"fmt"
	"slices"
)

// compare sets by what factor the buffers of reads have grown since the first rung, or the first
// one with large batches.
func (r *rungResult) compare(before []rungResult) {
	for i := range r.Reads {
		first := slices.IndexFunc(before, func(b rungResult) bool { return len(rung(b.Students).Large) > 0 || !reads[i].large() })
		if first >= 0 {
			r.Reads[i].Growth = float64(r.Reads[i].Buffers) / float64(max(1, before[first].Reads[i].Buffers))
		}
	}
}

// print prints the tables as Markdown.
func (r *rungResult) print(postgres string) {
	say("\n## %d students\n\n%s, %.0f bytes per student and day; %.0f s to load the school, %.0f s to count, %.0f s to measure, and %.0f s of loops\n",
		r.Students, postgres, r.BytesPerDay, r.LoadSeconds, r.CountSeconds, r.MeasureSeconds, r.LoopSeconds)
	say("| read | caller | statements | round trips | buffers | goal | growth | unvacuumed | rows | bytes | allocations | CPU ms | Postgres ms | CPU × bare | p50 ms | p95 ms | × bare |")
	say("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, c := range r.Reads {
		goal, growth := "", ""
		if c.Goal > 0 {
			goal = fmt.Sprint(c.Goal)
		}
		if c.Growth > 0 {
			growth = fmt.Sprintf("%.1f", c.Growth)
		}
		say("| `%s` | %s | %d | %.2f | %d | %s | %s | %d | %d | %d | %.0f | %.2f | %.2f | %.1f | %.2f | %.2f | %.1f |",
			c.Read, c.Caller, c.Statements, c.Trips, c.Buffers, goal, growth, c.Unvacuumed, c.Rows, c.Bytes, c.Allocs, c.CPU, c.PostgresMS, c.CPURatio, c.P50, c.P95, c.P50/c.BareP50)
	}
	say("\n| closed loop, %d clients | requests/s | × bare | process µs | Postgres µs | CPU × bare | errors |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |", clients)
	for _, c := range r.Closed {
		say("| %s | %.0f | %.2f | %.0f | %.0f | %.1f | %d |", c.Requests, c.PerSecond, c.Ratio, c.Process, c.Postgres, c.CPURatio, c.Errors)
	}
	say("\n| open loop | requests/s | p50 ms | p95 ms | p99 ms | errors |\n| --- | ---: | ---: | ---: | ---: | ---: |")
	for _, o := range r.Open {
		say("| %s | %d | %.2f | %.2f | %.2f | %d |", o.Requests, o.PerSecond, o.P50, o.P95, o.P99, o.Errors)
	}
}
