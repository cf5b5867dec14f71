package embeddedpg

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// location is the directory of a server and the account that runs it.
type location struct {
	dir     string
	account account
}

func (p location) data() string            { return filepath.Join(p.dir, "data") }
func (p location) file(name string) string { return filepath.Join(p.dir, name) }

// command returns a command that runs as the server's account.
func (p location) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	// The account may not have access to the current directory.
	cmd.Dir = p.dir
	for _, kv := range os.Environ() {
		// PGPORT, PGDATA and the like would redirect the tools.
		if !strings.HasPrefix(kv, "PG") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.WaitDelay = time.Second
	p.account.apply(cmd)
	return cmd
}

// reachable reports whether the account can enter a directory, by entering it.
func (p location) reachable(ctx context.Context, dir string) bool {
	program, err := exec.LookPath("true")
	if err != nil {
		return !p.account.drop
	}
	cmd := p.command(ctx, program)
	cmd.Dir = dir
	return cmd.Run() == nil
}

// findLocation selects the directory and the account. PostgreSQL refuses to run as root,
// so root runs it as another account, which may not have access to the configured
// directory. In that case, a system directory is used, whose name is derived from the
// configured one so that it is found again.
func findLocation(ctx context.Context, c Config) (location, error) {
	dir, err := makeDir(c.Dir)
	if err != nil {
		return location{}, err
	}
	acc, err := chooseAccount(filepath.Join(dir, "data"))
	if err != nil {
		return location{}, err
	}
	configured := location{dir: dir, account: acc}
	if !acc.drop {
		return configured, nil
	}
	reachable := configured.reachable(ctx, dir)
	if exists(configured.data()) {
		if !reachable {
			return location{}, fmt.Errorf("%w: the account %s cannot enter %s; run chmod o+x on its parent directories, or start as the owner of the data", ErrUnreachable, acc.name, dir)
		}
		return configured, nil
	}
	for _, other := range fallbacks(dir) {
		// Use existing data even if the configured directory has become accessible.
		if exists(filepath.Join(other, "data")) {
			return fallback(ctx, c, dir, other)
		}
	}
	if reachable {
		return configured, nil
	}
	var failed error
	for _, other := range fallbacks(dir) {
		p, err := fallback(ctx, c, dir, other)
		if err == nil {
			return p, nil
		}
		failed = errors.Join(failed, err)
	}
	return location{}, failed
}

func fallback(ctx context.Context, c Config, configured, dir string) (location, error) {
	dir, err := makeDir(dir)
	if err != nil {
		return location{}, err
	}
	// In a world-writable directory, another user may have created it.
	if err := checkOwner(dir); err != nil {
		return location{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	acc, err := chooseAccount(filepath.Join(dir, "data"))
	if err != nil {
		return location{}, err
	}
	p := location{dir: dir, account: acc}
	if !p.reachable(ctx, dir) {
		return location{}, fmt.Errorf("%w: the account %s can enter neither %s nor %s", ErrUnreachable, acc.name, configured, dir)
	}
	c.Report(fmt.Sprintf("PostgreSQL runs as %s, which cannot use %s; its data is in %s", acc.name, configured, dir))
	return p, nil
}

func fallbacks(dir string) []string {
	name := fmt.Sprintf("%x", sha256.Sum256([]byte(dir)))[:12]
	return []string{
		filepath.Join("/var/lib/gradus", "postgres-"+name),
		filepath.Join(os.TempDir(), "gradus-postgres-"+name),
	}
}

// makeDir creates a directory and returns its canonical path, which all processes agree
// on.
func makeDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no directory is configured")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

func (p location) lock(ctx context.Context) (unlock func(), err error) {
	return lockFile(ctx, p.file("lock"))
}

// lockFile waits for the lock on a file. The lock ends when the process exits for any
// reason.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = poll(ctx, func() (bool, error) { return tryLock(f) })
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("wait for the lock on %s: %w", path, err)
	}
	return func() { _ = f.Close() }, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
