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

// home returns the directory of downloaded binaries.
func (c Config) home(p location) string {
	if c.Cache != "" {
		return c.Cache
	}
	return p.dir
}

// download downloads binaries into a temporary directory and renames it when it is
// complete. Servers that share a cache wait for the first one's download.
func download(ctx context.Context, c Config, p location) (binaries, error) {
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
		return binaries{}, fmt.Errorf("%w: the downloaded PostgreSQL %d in %s does not run on this machine; install PostgreSQL", ErrNoBinaries, major, final)
	}
	return b, nil
}

func downloadTo(ctx context.Context, c Config, home, final string) error {
	// Left by an interrupted download. The lock guarantees that it is not in use.
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
		// The library cannot be interrupted. The next attempt removes what it still
		// writes.
		return ctx.Err()
	case err = <-fetched:
	}
	// The library cannot only download, so its error matters only if the binaries are
	// missing.
	downloaded := filepath.Join(work, "pg")
	if !exists(filepath.Join(downloaded, "bin", "postgres")) {
		return fmt.Errorf("%w: no version from %d on was found and the download failed: %w; install PostgreSQL, or set the URL of a database",
			ErrNoBinaries, oldestMajor, err)
	}
	if err := makeReadable(downloaded); err != nil {
		return err
	}
	return os.Rename(downloaded, final)
}

// fetch makes the library download and unpack the binaries and then fail: its data
// directory is below a file, because the library would run the server as root or delete
// existing data.
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

// makeReadable makes files readable for the account that runs the server, in case of a
// restrictive umask.
func makeReadable(dir string) error {
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
