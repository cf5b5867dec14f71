package embeddedpg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// deadPID is above every kernel's limit: no process has it.
const deadPID = 1<<31 - 1

// postmaster is what the file postmaster.pid says.
type postmaster struct {
	pid  int
	data string
	port uint16
}

func (p place) pidFile() string { return filepath.Join(p.data(), "postmaster.pid") }

func (p place) postmaster() (postmaster, bool) {
	b, err := os.ReadFile(p.pidFile())
	if err != nil {
		return postmaster{}, false
	}
	lines := strings.Split(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return postmaster{}, false
	}
	pm := postmaster{pid: pid, data: p.data()}
	if len(lines) > 3 {
		// Missing while the server is only just starting.
		port, _ := strconv.ParseUint(strings.TrimSpace(lines[3]), 10, 16)
		pm.port = uint16(port)
	}
	return pm, true
}

// runs tells whether the process is a postmaster of this data directory. A process
// number is reused, so that the process is alive says little.
func (pm postmaster) runs(ctx context.Context) bool {
	return pm.pid != deadPID && isPostmaster(ctx, pm.pid, pm.data)
}

// attach finds a server that runs already. It gives nil if there is none, having made
// sure that the file that a dead one left is not in the way.
func attach(ctx context.Context, p place) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var found *Server
	var last error
	err := poll(ctx, func() (bool, error) {
		pm, ok := p.postmaster()
		if !ok || !pm.runs(ctx) {
			return true, p.disarm(pm)
		}
		// Alive, but perhaps still starting, recovering, or on its way down.
		if pm.port == 0 {
			return false, nil
		}
		password, err := p.readPassword()
		if err != nil {
			return false, err
		}
		s := &Server{place: p, password: password, port: pm.port, attached: true}
		if last = s.isOurs(ctx); last == nil {
			found = s
		}
		return found != nil, nil
	})
	if err != nil && last != nil {
		return nil, fmt.Errorf("a server runs on %s but does not answer: %w", p.data(), last)
	}
	return found, err
}

// disarm makes a pid file harmless whose process is a stranger's. PostgreSQL would take
// the stranger for its own kind and refuse. The file stays, because its other lines are
// how PostgreSQL notices backends that survived their postmaster.
func (p place) disarm(pm postmaster) error {
	if pm.pid == 0 || pm.pid == deadPID || !alive(pm.pid) {
		return nil
	}
	b, err := os.ReadFile(p.pidFile())
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(b), "\n")
	return os.WriteFile(p.pidFile(), []byte(strconv.Itoa(deadPID)+"\n"+rest), 0o600)
}
