package embeddedpg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// deadPID exceeds every kernel's limit: no process has it.
const deadPID = 1<<31 - 1

// postmaster is the content of postmaster.pid.
type postmaster struct {
	pid  int
	data string
	port uint16
}

func (p location) pidFile() string { return filepath.Join(p.data(), "postmaster.pid") }

func (p location) postmaster() (postmaster, bool) {
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
		// Missing while the server is starting.
		port, _ := strconv.ParseUint(strings.TrimSpace(lines[3]), 10, 16)
		pm.port = uint16(port)
	}
	return pm, true
}

// isRunning reports whether the process is a postmaster of this data directory. Checking
// that the process exists is not enough, because process IDs are reused.
func (pm postmaster) isRunning(ctx context.Context) bool {
	return pm.pid != deadPID && isPostmaster(ctx, pm.pid, pm.data)
}

// attach returns a server that is already running, or nil. In the latter case it clears
// a stale PID file.
func attach(ctx context.Context, p location) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var found *Server
	var last error
	err := poll(ctx, func() (bool, error) {
		pm, ok := p.postmaster()
		if !ok || !pm.isRunning(ctx) {
			return true, p.clearStalePID(pm)
		}
		// Running, but possibly still starting, recovering or shutting down.
		if pm.port == 0 {
			return false, nil
		}
		password, err := p.readPassword()
		if err != nil {
			return false, err
		}
		s := &Server{location: p, password: password, port: pm.port, attached: true}
		if last = s.checkDataDir(ctx); last == nil {
			found = s
		}
		return found != nil, nil
	})
	if err != nil && last != nil {
		return nil, fmt.Errorf("a server is running on %s but does not respond: %w", p.data(), last)
	}
	return found, err
}

// clearStalePID replaces the process ID in a PID file if another program has that ID now.
// PostgreSQL would mistake that program for a postmaster and refuse to start. The file
// stays, because PostgreSQL uses its other lines to detect backends that survived their
// postmaster.
func (p location) clearStalePID(pm postmaster) error {
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
