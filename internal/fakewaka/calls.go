package fakewaka

import "maps"

// callKey identifies a counter. Unauthenticated calls have an empty username.
type callKey struct{ username, endpoint string }

// Calls returns the number of requests by username to endpoint, one of Endpoints,
// including rejected ones. An empty username counts all users, an empty endpoint
// all endpoints.
func (s *Server) Calls(username, endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for key, n := range s.calls {
		if (username == "" || key.username == username) && (endpoint == "" || key.endpoint == endpoint) {
			count += n
		}
	}
	return count
}

// InFlightPeak returns the largest number of concurrent requests by username, API
// and OAuth together, since the start or the last ResetCalls. Normal responses are
// fast: use Scenario.Delay to force an overlap.
func (s *Server) InFlightPeak(username string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak[username]
}

// ResetCalls resets all counts and peaks.
func (s *Server) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.calls)
	clear(s.peak)
	maps.Copy(s.peak, s.inFlight)
}

// begin counts a call. It returns the scenario to apply and a function to call when
// the call has ended.
func (s *Server) begin(username, endpoint string, days int) (active activeScenario, end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[callKey{username, endpoint}]++
	s.inFlight[username]++
	s.peak[username] = max(s.peak[username], s.inFlight[username])
	return s.nextScenario(username, endpoint, days), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.inFlight[username]--; s.inFlight[username] == 0 {
			delete(s.inFlight, username)
		}
	}
}
