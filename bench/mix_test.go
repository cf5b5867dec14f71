package bench

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	clients     = 8 // of a closed loop
	sliceTime   = time.Second
	loopRounds  = 3 // of each kind of request, alternately
	openSeconds = 4
)

// closedLoop is how many requests clients get served that send the next one at once.
type closedLoop struct {
	Requests  string  `json:"requests"`
	PerSecond float64 `json:"per_second"`
	Ratio     float64 `json:"ratio_to_bare"`
	Process   float64 `json:"process_us"` // processor time per request, of the clients and the server
	Postgres  float64 `json:"postgres_us,omitempty"`
	CPURatio  float64 `json:"cpu_ratio_to_bare"`
	Errors    int64   `json:"errors"`
}

// kinds are the kinds of requests that are compared.
func (e *env) kinds() map[string][]target {
	return map[string][]target{
		"bare": {e.bare},
		"/me":  {read{as: student, path: "/me"}.target(e.school, nil)},
		"mix":  mix(e.school),
	}
}

func (e *env) closedLoops(b *testing.B) []closedLoop {
	b.Helper()
	out := []closedLoop{{Requests: "bare"}, {Requests: "/me"}, {Requests: "mix"}}
	kinds := e.kinds()
	rates, process, postgres := make([][]float64, len(out)), make([][]float64, len(out)), make([][]float64, len(out))
	for round := range loopRounds + 1 {
		for i := range out {
			ours, theirs, began := processTime(b), e.postgresTime(b), time.Now()
			served, failed := e.closed(b, kinds[out[i].Requests])
			requests := served * time.Since(began).Seconds()
			if round == 0 {
				continue // warm-up
			}
			rates[i] = append(rates[i], served)
			process[i] = append(process[i], 1000*ms(processTime(b)-ours)/requests)
			postgres[i] = append(postgres[i], 1000*ms(e.postgresTime(b)-theirs)/requests)
			out[i].Errors += failed
		}
	}
	for i := range out {
		out[i].PerSecond = quantile(rates[i], 0.5)
		out[i].Ratio = out[i].PerSecond / out[0].PerSecond
		out[i].Process, out[i].Postgres = quantile(process[i], 0.5), quantile(postgres[i], 0.5)
		out[i].CPURatio = (out[i].Process + out[i].Postgres) / (out[0].Process + out[0].Postgres)
	}
	return out
}

func (e *env) closed(b *testing.B, targets []target) (perSecond float64, failed int64) {
	b.Helper()
	var next, served, errs atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range clients {
		wg.Go(func() {
			for time.Since(began) < sliceTime {
				if _, err := e.send(targets[int(next.Add(1))%len(targets)]); err != nil {
					errs.Add(1)
					b.Log(err)
					continue
				}
				served.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(served.Load()) / time.Since(began).Seconds(), errs.Load()
}

// openLoop is how long requests take that arrive at a steady rate, however many wait.
type openLoop struct {
	Requests  string  `json:"requests"`
	PerSecond int     `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	P99       float64 `json:"p99_ms"`
	Errors    int     `json:"errors"`
}

func (e *env) openLoops(b *testing.B) (out []openLoop) {
	b.Helper()
	kinds := e.kinds()
	for _, rate := range []int{100, 500} {
		for _, name := range []string{"bare", "mix"} {
			r := e.open(b, kinds[name], rate)
			r.Requests = name
			out = append(out, r)
		}
	}
	return out
}

// open sends requests at a rate. Their times count from the instant at which each was due, so
// that those who wait behind a slow request count, too.
func (e *env) open(b *testing.B, targets []target, rate int) openLoop {
	b.Helper()
	took := make([]time.Duration, rate*openSeconds)
	var failed atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for i := range took {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		wg.Go(func() {
			if _, err := e.send(targets[i%len(targets)]); err != nil {
				failed.Add(1)
				b.Log(err)
			}
			took[i] = time.Since(due)
		})
	}
	wg.Wait()
	return openLoop{
		PerSecond: rate, P50: ms(quantile(took, 0.5)), P95: ms(quantile(took, 0.95)), P99: ms(quantile(took, 0.99)), Errors: int(failed.Load()),
	}
}
