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

// place is the folder of a server and the account that runs it.
type place struct {
	dir     string
	account account
}

func (p place) data() string            { return filepath.Join(p.dir, "data") }
func (p place) file(name string) string { return filepath.Join(p.dir, name) }

// command prepares a program that runs as the server's account.
func (p place) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	// The caller's working directory may be out of the account's reach.
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

// reachable tells whether the account can enter a folder, by entering it.
func (p place) reachable(ctx context.Context, dir string) bool {
	program, err := exec.LookPath("true")
	if err != nil {
		return !p.account.drop
	}
	cmd := p.command(ctx, program)
	cmd.Dir = dir
	return cmd.Run() == nil
}

// findPlace settles the folder and the account. PostgreSQL refuses to run as root, so
// root runs it as another account, which may be unable to reach the wanted folder. Then
// a folder of the system's serves, named after the wanted one so that it is found again.
func findPlace(ctx context.Context, c Config) (place, error) {
	dir, err := makeDir(c.Dir)
	if err != nil {
		return place{}, err
	}
	acc, err := chooseAccount(filepath.Join(dir, "data"))
	if err != nil {
		return place{}, err
	}
	wanted := place{dir: dir, account: acc}
	if !acc.drop {
		return wanted, nil
	}
	reachable := wanted.reachable(ctx, dir)
	if exists(wanted.data()) {
		if !reachable {
			return place{}, fmt.Errorf("%w: the account %s cannot enter %s; open the folders above it with chmod o+x, or start as the owner of the data", ErrUnreachable, acc.name, dir)
		}
		return wanted, nil
	}
	for _, other := range fallbacks(dir) {
		// Found again even when the wanted folder has been opened meanwhile.
		if exists(filepath.Join(other, "data")) {
			return fallback(ctx, c, dir, other)
		}
	}
	if reachable {
		return wanted, nil
	}
	var failed error
	for _, other := range fallbacks(dir) {
		p, err := fallback(ctx, c, dir, other)
		if err == nil {
			return p, nil
		}
		failed = errors.Join(failed, err)
	}
	return place{}, failed
}

func fallback(ctx context.Context, c Config, wanted, dir string) (place, error) {
	dir, err := makeDir(dir)
	if err != nil {
		return place{}, err
	}
	// In a folder that all may write to, somebody else may have made it first.
	if err := mustBelongToUs(dir); err != nil {
		return place{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	acc, err := chooseAccount(filepath.Join(dir, "data"))
	if err != nil {
		return place{}, err
	}
	p := place{dir: dir, account: acc}
	if !p.reachable(ctx, dir) {
		return place{}, fmt.Errorf("%w: the account %s can enter neither %s nor %s", ErrUnreachable, acc.name, wanted, dir)
	}
	c.Report(fmt.Sprintf("PostgreSQL runs as %s, who cannot be given %s; its data is in %s", acc.name, wanted, dir))
	return p, nil
}

func fallbacks(dir string) []string {
	name := fmt.Sprintf("%x", sha256.Sum256([]byte(dir)))[:12]
	return []string{
		filepath.Join("/var/lib/gradus", "postgres-"+name),
		filepath.Join(os.TempDir(), "gradus-postgres-"+name),
	}
}

// makeDir makes a folder and gives its one true name, which is how processes compare it.
func makeDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no folder is configured for it")
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

func (p place) lock(ctx context.Context) (unlock func(), err error) {
	return lockFile(ctx, p.file("lock"))
}

// lockFile waits for its turn. The lock ends with the process, however that ends.
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
