package fakewaka

import "maps"

// callKey names a counter. Calls that name nobody have an empty username.
type callKey struct{ username, endpoint string }

// Calls returns how many requests of username reached endpoint, one of
// Endpoints, refused ones included. An empty username counts everybody's, an
// empty endpoint all of them.
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

// InFlightPeak returns the most requests of username that were being answered
// at once, API and OAuth together, since the start or ResetCalls.
// Honest answers are quick: a Scenario's Delay makes an overlap certain to show.
func (s *Server) InFlightPeak(username string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak[username]
}

// ResetCalls forgets all counts and peaks.
func (s *Server) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.calls)
	clear(s.peak)
	maps.Copy(s.peak, s.inFlight)
}

// begin counts a call and returns the scenario it is answered by, and what to
// do when it is answered.
func (s *Server) begin(username, endpoint string) (played activeScenario, end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[callKey{username, endpoint}]++
	s.inFlight[username]++
	s.peak[username] = max(s.peak[username], s.inFlight[username])
	return s.take(username, endpoint), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.inFlight[username]--; s.inFlight[username] == 0 {
			delete(s.inFlight, username)
		}
	}
}
