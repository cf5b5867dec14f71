package servertest

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

// Log keeps what the server logged.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns everything that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// LogLines stops the server, since a request is logged after its response was sent, and
// returns the lines of the log.
func (s *Server) LogLines(t *testing.T) []map[string]any {
	t.Helper()
	s.Stop()
	var lines []map[string]any
	for line := range strings.Lines(s.Log.String()) {
		lines = append(lines, Decode(t, line).(map[string]any))
	}
	return lines
}
