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
	say("\n## %d students\n\n%s, loaded in %.0f s, %.0f bytes per student and day\n", r.Students, postgres, r.LoadSeconds, r.BytesPerDay)
	say("| read | caller | statements | round trips | buffers | goal | growth | unvacuumed | rows | bytes | allocations | CPU ms | Postgres ms | p50 ms | p95 ms | × bare |")
	say("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, c := range r.Reads {
		goal, growth := "", ""
		if c.Goal > 0 {
			goal = fmt.Sprint(c.Goal)
		}
		if c.Growth > 0 {
			growth = fmt.Sprintf("%.1f", c.Growth)
		}
		say("| `%s` | %s | %d | %.2f | %d | %s | %s | %d | %d | %d | %.0f | %.2f | %.2f | %.2f | %.2f | %.1f |",
			c.Read, c.Caller, c.Statements, c.Trips, c.Buffers, goal, growth, c.Unvacuumed, c.Rows, c.Bytes, c.Allocs, c.CPU, c.PostgresMS, c.P50, c.P95, c.P50/c.BareP50)
	}
	say("\n| closed loop, %d clients | requests/s | × bare | errors |\n| --- | ---: | ---: | ---: |", clients)
	for _, c := range r.Closed {
		say("| %s | %.0f | %.2f | %d |", c.Requests, c.PerSecond, c.Ratio, c.Errors)
	}
	say("\n| open loop | requests/s | p50 ms | p95 ms | p99 ms | errors |\n| --- | ---: | ---: | ---: | ---: | ---: |")
	for _, o := range r.Open {
		say("| %s | %d | %.2f | %.2f | %.2f | %d |", o.Requests, o.PerSecond, o.P50, o.P95, o.P99, o.Errors)
	}
}
