package embeddedpg

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

const downloadVersion = embedded.V17

// home is where downloaded binaries are kept.
func (c Config) home(p place) string {
	if c.Cache != "" {
		return c.Cache
	}
	return p.dir
}

// download fetches binaries into a folder of their own, which gets its name only when
// complete. Servers that share a cache wait for the first one's.
func download(ctx context.Context, c Config, p place) (binaries, error) {
	home, err := makeDir(c.home(p))
	if err != nil {
		return binaries{}, err
	}
	unlock, err := lockFile(ctx, filepath.Join(home, "download.lock"))
	if err != nil {
		return binaries{}, err
	}
	defer unlock()
	name, _, _ := strings.Cut(string(downloadVersion), ".")
	major, _ := strconv.Atoi(name)
	final := filepath.Join(home, "postgresql-"+string(downloadVersion))
	if !exists(final) {
		c.Report(fmt.Sprintf("Downloading PostgreSQL %d (first start only)...", major))
		if err := downloadTo(ctx, c, home, final); err != nil {
			return binaries{}, err
		}
	}
	b := binaries{dir: filepath.Join(final, "bin"), major: p.major(ctx, filepath.Join(final, "bin"))}
	if b.major != major {
		return binaries{}, fmt.Errorf("%w: the downloaded PostgreSQL %d in %s does not run here; install PostgreSQL", ErrNoBinaries, major, final)
	}
	return b, nil
}

func downloadTo(ctx context.Context, c Config, home, final string) error {
	// A download that was cut short left its folder; the lock says that nobody uses it.
	if err := removeLeftovers(home, "download-*"); err != nil {
		return err
	}
	work, err := os.MkdirTemp(home, "download-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	fetched := make(chan error, 1)
	go func() { fetched <- fetch(ctx, c, work) }()
	select {
	case <-ctx.Done():
		// The library cannot be stopped; what it still writes is a leftover for the next try.
		return ctx.Err()
	case err = <-fetched:
	}
	// The library has no call that only downloads, so its error counts only if nothing came.
	made := filepath.Join(work, "pg")
	if !exists(filepath.Join(made, "bin", "postgres")) {
		return fmt.Errorf("%w: none is installed here (at least version %d) and the download failed: %w; install PostgreSQL, or set the address of a database",
			ErrNoBinaries, oldestMajor, err)
	}
	if err := openUp(made); err != nil {
		return err
	}
	return os.Rename(made, final)
}

// fetch lets the library download and unpack, and then stumble: it is given a data
// directory below a file, because it would run as root or delete what it finds.
func fetch(ctx context.Context, c Config, work string) error {
	blocker := filepath.Join(work, "file")
	if err := os.WriteFile(blocker, nil, 0o600); err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	config := embedded.DefaultConfig().
		Version(downloadVersion).
		Port(uint32(port)).
		Logger(io.Discard).
		CachePath(filepath.Join(work, "cache")).
		RuntimePath(filepath.Join(work, "run")).
		BinariesPath(filepath.Join(work, "pg")).
		DataPath(filepath.Join(blocker, "data"))
	if c.Repository != "" {
		config = config.BinaryRepositoryURL(strings.TrimSuffix(c.Repository, "/"))
	}
	return embedded.NewDatabase(config).Start()
}

// openUp lets the account that runs the server read what a strict umask closed.
func openUp(dir string) error {
	return filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o044
		if mode&0o100 != 0 {
			mode |= 0o011
		}
		return os.Chmod(name, mode)
	})
}

func removeLeftovers(dir, pattern string) error {
	left, err := fs.Glob(os.DirFS(dir), pattern)
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
