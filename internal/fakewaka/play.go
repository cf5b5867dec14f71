package fakewaka

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// activeScenario is a scenario that has been set.
type activeScenario struct {
	Scenario
	left  int // remaining calls, if Calls limits them
	setAt int // tick
}

// SetScenario sets the scenario for username, or for everybody if username is
// empty. A person's own scenario takes precedence wherever it affects a call. The
// zero Scenario removes the current one. It panics if sc names an unknown endpoint
// or has an invalid value.
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

// scenario returns the scenario of username, or nil.
func (s *Server) scenario(username string) *Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	if active, ok := s.scenarios[username]; ok {
		sc := active.Scenario
		return &sc
	}
	return nil
}

// nextScenario returns the scenario to apply at endpoint, to a request for a number of days,
// and uses one of its calls.
// The caller must hold s.mu.
func (s *Server) nextScenario(username, endpoint string, days int) activeScenario {
	for _, key := range []string{username, ""} {
		stored, ok := s.scenarios[key]
		if !ok || !stored.affects(endpoint) || stored.OverDays > 0 && days <= stored.OverDays {
			continue
		}
		active := *stored
		active.Scenario = stored.at(endpoint)
		if stored.Calls > 0 {
			if stored.left--; stored.left == 0 {
				delete(s.scenarios, key)
			}
		}
		return active
	}
	return activeScenario{}
}

// misbehave injects the faults that replace the normal response, and reports
// whether the call has ended.
func (sc Scenario) misbehave(w http.ResponseWriter, r *http.Request) (done bool) {
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
	case sc.EmptyData:
		write(w, sc.status(), "application/json", []byte(`{"data":[]}`))
	case sc.GarbageJSON:
		write(w, sc.status(), "application/json", []byte(`{"data":[{"grand_total":{"total_seconds":12.5,,<<`))
	case sc.OversizeMB > 0:
		oversize(w, sc)
	case sc.Status != 0:
		if sc.Status == http.StatusFound {
			w.Header().Set("Location", "/")
		}
		jsonResponse(sc.Status, errorBody(sc.message())).send(w)
	default:
		return false
	}
	return true
}

// message returns upstream's error message for the status.
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

// deliver sends a normal response in the way the scenario requires.
func (sc Scenario) deliver(w http.ResponseWriter, r *http.Request, resp response) {
	switch {
	case sc.Truncated:
		resp.header(w)
		w.WriteHeader(resp.status)
		_, _ = w.Write(resp.body[:len(resp.body)/2])
		flush(w)
		panic(http.ErrAbortHandler)
	case sc.SlowBody:
		resp.header(w)
		w.WriteHeader(resp.status)
		for _, b := range resp.body {
			if _, err := w.Write([]byte{b}); err != nil {
				return
			}
			flush(w)
			if !wait(r, time.Second) {
				return
			}
		}
	default:
		resp.send(w)
	}
}

// oversize streams a JSON object with a single huge string.
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

// wait reports whether d passed before the client disconnected.
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
