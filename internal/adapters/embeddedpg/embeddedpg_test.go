//go:build unix

package embeddedpg_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
)

// openDir returns a directory that every account can enter, in memory if there is enough:
// on disk, these tests take three times as long.
func openDir(t *testing.T) string {
	t.Helper()
	var st syscall.Statfs_t
	const memory, enough = "/dev/shm", 1 << 30
	if err := syscall.Statfs(memory, &st); err != nil || st.Bavail*uint64(st.Bsize) < enough {
		return opened(t, t.TempDir())
	}
	dir, err := os.MkdirTemp(memory, "embeddedpg-") //nolint:usetesting // t.TempDir is on disk
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return opened(t, dir)
}

// opened makes dir accessible to all accounts, and its parent as well if that belongs to
// the test.
func opened(t *testing.T, dir string) string {
	t.Helper()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if parent := filepath.Dir(dir); strings.HasPrefix(filepath.Base(parent), "Test") {
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fast returns a configuration without durability. A machine without PostgreSQL downloads
// it once for all tests.
func fast(dir string) embeddedpg.Config {
	return embeddedpg.Config{Dir: dir, Cache: cacheDir(), Settings: map[string]string{"fsync": "off", "max_connections": "20"}}
}

// cacheDir returns the directory that pgtest uses for downloads. It is accessible to the
// account that root runs servers as.
func cacheDir() string {
	home, err := os.UserCacheDir()
	if err != nil || os.Geteuid() == 0 {
		home = "/var/cache"
	}
	return filepath.Join(home, "gradus")
}

func start(t *testing.T, c embeddedpg.Config) *embeddedpg.Server {
	t.Helper()
	s, err := embeddedpg.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *embeddedpg.Server) {
	t.Helper()
	if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

func query(t *testing.T, s *embeddedpg.Server, sql string) string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	var result string
	if err := c.QueryRow(t.Context(), sql).Scan(&result); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		t.Fatal(err)
	}
	return result
}

func TestStart_ListensOnlyLocally(t *testing.T) {
	t.Parallel()
	s := start(t, fast(openDir(t)))
	want := map[string]string{
		"listen_addresses": "127.0.0.1", "unix_socket_directories": "",
		"fsync": "off", "max_connections": "20", "server_encoding": "UTF8", "timezone": "UTC",
	}
	for name, value := range want {
		if got := query(t, s, "SHOW "+name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	if got := query(t, s, "SELECT current_database() || ' ' || current_user"); got != "gradus gradus" {
		t.Errorf("connected as %q", got)
	}
	if got := query(t, s, "SELECT lower('ÉÑ')"); got != "éñ" {
		t.Errorf("lower returns %q: the locale maps only ASCII", got)
	}
	info, err := os.Stat(filepath.Join(s.Dir(), "password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password is not private: %v, %v", info, err)
	}
}

func TestStart_ReusesDataAndPort(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	// A killed initdb must not get in the way.
	if err := os.MkdirAll(filepath.Join(c.Dir, "init-1", "data", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	first := start(t, c)
	query(t, first, "CREATE TABLE mark AS SELECT 'kept' AS word")
	stop(t, first)
	stop(t, first) // stopping twice is not an error

	second := start(t, c)
	if second.Attached() {
		t.Error("attached to a server that was stopped")
	}
	if second.URL() != first.URL() {
		t.Errorf("the address changed from %s to %s", first.URL(), second.URL())
	}
	if got := query(t, second, "SELECT word FROM mark"); got != "kept" {
		t.Errorf("the data contains %q", got)
	}
	left, _ := filepath.Glob(filepath.Join(c.Dir, "init-*"))
	if len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestStart_AttachesToARunningServer(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	first := start(t, c)
	second := start(t, c)
	if first.Attached() || !second.Attached() || first.URL() != second.URL() {
		t.Errorf("first attached: %t, second attached: %t", first.Attached(), second.Attached())
	}
	if err := embeddedpg.StopAt(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if exists(t, filepath.Join(c.Dir, "data", "postmaster.pid")) {
		t.Error("StopAt left the server running")
	}
}

func TestStart_ConcurrentStartsAttach(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	var wg sync.WaitGroup
	attached := make([]bool, 2)
	for i := range attached {
		wg.Go(func() {
			s, err := embeddedpg.Start(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			attached[i] = s.Attached()
		})
	}
	wg.Wait()
	t.Cleanup(func() { _ = embeddedpg.StopAt(context.WithoutCancel(t.Context()), c) })
	if attached[0] == attached[1] {
		t.Errorf("attached: %v", attached)
	}
}

func TestStart_RejectsUnusableData(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files   map[string]string
		want    error
		message string
	}{
		"data of another major version": {
			files: map[string]string{"data/PG_VERSION": "9\n", "data/base/1/2": "rows"},
			want:  embeddedpg.ErrVersion, message: "install PostgreSQL 9, or move the directory away",
		},
		"data with an invalid version": {
			files: map[string]string{"data/PG_VERSION": "nine\n"},
			want:  embeddedpg.ErrNotData, message: `"nine"`,
		},
		"an incomplete data directory": {
			files: map[string]string{"data/postgresql.conf": "", "data/base/1/2": "rows"},
			want:  embeddedpg.ErrNotData, message: "move it away",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := openDir(t)
			for name, content := range tt.files {
				path := filepath.Join(dir, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			before := tree(t, filepath.Join(dir, "data"))
			_, err := embeddedpg.Start(t.Context(), fast(dir))
			if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), tt.message) {
				t.Errorf("got %v, want %v with %q", err, tt.want, tt.message)
			}
			if diff := cmp.Diff(before, tree(t, filepath.Join(dir, "data"))); diff != "" {
				t.Errorf("the data changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestStart_RejectsAPortInUse(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c := fast(openDir(t))
	c.Port = uint16(l.Addr().(*net.TCPAddr).Port)
	_, err = embeddedpg.Start(t.Context(), c)
	if !errors.Is(err, embeddedpg.ErrPortTaken) || !strings.Contains(fmt.Sprint(err), strconv.Itoa(int(c.Port))) {
		t.Errorf("got %v", err)
	}

	// The port of the last run is only a preference.
	if err := os.WriteFile(filepath.Join(c.Dir, "port"), []byte(strconv.Itoa(int(c.Port))), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Port = 0
	start(t, c)
}

func TestStart_ReportsWhyTheServerDoesNotStart(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	c.Settings["max_connections"] = "it's many"
	_, err := embeddedpg.Start(t.Context(), c)
	if err == nil || !strings.Contains(err.Error(), "max_connections") {
		t.Errorf("got %v", err)
	}
	// The next attempt uses the data that was created.
	start(t, fast(c.Dir))
}

func TestStart_ReportsAMissingPassword(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	s := start(t, c)
	password := filepath.Join(c.Dir, "password")
	if err := os.Rename(password, password+".away"); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"running", "stopped"} {
		if _, err := embeddedpg.Start(t.Context(), c); !errors.Is(err, embeddedpg.ErrNotData) {
			t.Errorf("%s: got %v", state, err)
		}
		stop(t, s)
	}
}

func TestStart_RequiresADirectory(t *testing.T) {
	t.Parallel()
	if _, err := embeddedpg.Start(t.Context(), embeddedpg.Config{}); err == nil {
		t.Error("started without a directory")
	}
	if err := embeddedpg.StopAt(t.Context(), fast(filepath.Join(t.TempDir(), "none"))); err != nil {
		t.Errorf("stop without a server: %v", err)
	}
}

func TestStart_StopsWaitingWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	defer lock(t, filepath.Join(c.Dir, "lock"))()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := embeddedpg.Start(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		files[path] = fmt.Sprint(info.Mode(), info.ModTime())
		if err == nil && e.Type().IsRegular() {
			var b []byte
			b, err = os.ReadFile(path)
			files[path] += string(b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Lstat(path)
	return err == nil
}
