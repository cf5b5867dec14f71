package fakewaka

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// activeScenario is a scenario in force.
type activeScenario struct {
	Scenario
	left  int // calls left, when Calls limits them
	setAt int // tick
}

// SetScenario puts sc in force for username, or with "" for everybody. A
// person's own scenario goes before everybody's wherever it touches a call. The
// zero Scenario removes what was set. It panics when sc names an unknown
// endpoint or holds an impossible value.
func (s *Server) SetScenario(username string, sc Scenario) {
	if err := sc.validate(); err != nil {
		panic("fakewaka: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sc.isZero() {
		delete(s.scenarios, username)
		return
	}
	s.tick++
	s.scenarios[username] = &activeScenario{Scenario: sc, left: sc.Calls, setAt: s.tick}
}

// scenario returns what is in force for username, or nil.
func (s *Server) scenario(username string) *Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	if active, ok := s.scenarios[username]; ok {
		sc := active.Scenario
		return &sc
	}
	return nil
}

// take returns the scenario to play at endpoint and spends one of its calls.
// The caller holds s.mu.
func (s *Server) take(username, endpoint string) activeScenario {
	for _, key := range []string{username, ""} {
		active, ok := s.scenarios[key]
		if !ok || !active.touches(endpoint) {
			continue
		}
		played := *active
		played.Scenario = active.at(endpoint)
		if active.Calls > 0 {
			if active.left--; active.left == 0 {
				delete(s.scenarios, key)
			}
		}
		return played
	}
	return activeScenario{}
}

// misbehave plays the faults that need no honest answer, and reports whether
// the call is over.
func (sc Scenario) misbehave(w http.ResponseWriter, r *http.Request) (over bool) {
	if sc.Timeout {
		<-r.Context().Done()
		return true
	}
	if sc.Delay > 0 && !wait(r, sc.Delay) {
		return true
	}
	if sc.FailConnections {
		panic(http.ErrAbortHandler)
	}
	if sc.RetryAfter != "" && sc.Status != 0 {
		w.Header().Set("Retry-After", sc.RetryAfter)
	}
	switch {
	case sc.HTML:
		write(w, sc.status(), "text/html; charset=utf-8", []byte("<!DOCTYPE html><title>WakaTime</title><h1>Something went wrong</h1>\n"))
	case sc.Empty:
		write(w, sc.status(), "application/json", nil)
	case sc.GarbageJSON:
		write(w, sc.status(), "application/json", []byte(`{"data":[{"grand_total":{"total_seconds":12.5,,<<`))
	case sc.OversizeMB > 0:
		oversize(w, sc)
	case sc.Status != 0:
		if sc.Status == http.StatusFound {
			w.Header().Set("Location", "/")
		}
		answer(sc.Status, errorBody(sc.message())).send(w)
	default:
		return false
	}
	return true
}

// message is what upstream says with the status.
func (sc Scenario) message() string {
	if sc.Message != "" {
		return sc.Message
	}
	switch sc.Status {
	case http.StatusUnauthorized:
		return "Unauthorized"
	case http.StatusPaymentRequired:
		return paymentRequired
	case http.StatusForbidden:
		return "Forbidden"
	case http.StatusTooManyRequests:
		return "Too many requests. Slow down."
	default:
		return http.StatusText(sc.Status)
	}
}

// deliver sends an honest answer the way the scenario wants it.
func (sc Scenario) deliver(w http.ResponseWriter, r *http.Request, a reply) {
	switch {
	case sc.Truncated:
		a.header(w)
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body[:len(a.body)/2])
		flush(w)
		panic(http.ErrAbortHandler)
	case sc.SlowBody:
		a.header(w)
		w.WriteHeader(a.status)
		for _, b := range a.body {
			if _, err := w.Write([]byte{b}); err != nil {
				return
			}
			flush(w)
			if !wait(r, time.Second) {
				return
			}
		}
	default:
		a.send(w)
	}
}

// oversize streams one JSON object with a single huge string.
func oversize(w http.ResponseWriter, sc Scenario) {
	const megabyte = 1 << 20
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(sc.status())
	chunk := bytes.Repeat([]byte("a"), megabyte)
	_, err := io.WriteString(w, `{"data":"`)
	for i := 0; i < sc.OversizeMB && err == nil; i++ {
		_, err = w.Write(chunk)
	}
	if err == nil {
		_, _ = fmt.Fprint(w, `"}`)
	}
}

// wait reports whether d passed before the client left.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }
