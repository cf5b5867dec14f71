//go:build unix

package embeddedpg_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
)

// childDir turns the test binary into a process that starts a server and keeps running.
const childDir = "EMBEDDEDPG_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		s, err := embeddedpg.Start(context.Background(), fast(dir))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.URL())
		select {}
	}
	os.Exit(m.Run())
}

func TestServer_OutlivesAKilledProcess(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+c.Dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	address, _ := bufio.NewReader(out).ReadString('\n')
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed

	s := start(t, c)
	if !s.Attached() || s.URL() != strings.TrimSpace(address) {
		t.Errorf("attached: %t; the child had %s", s.Attached(), address)
	}
}

func TestStart_RecoversAKilledServer(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	first := start(t, c)
	query(t, first, "CREATE TABLE mark AS SELECT 'kept' AS word")
	if err := syscall.Kill(postmasterPID(t, first), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second := start(t, c)
	if second.Attached() {
		t.Error("attached to a dead server")
	}
	if got := query(t, second, "SELECT word FROM mark"); got != "kept" {
		t.Errorf("the data contains %q", got)
	}
}

func TestStart_DetectsAReusedProcessID(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	first := start(t, c)
	pidFile := filepath.Join(first.Dir(), "data", "postmaster.pid")
	content, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, first)

	// Run it as the same account, or PostgreSQL would detect it by itself.
	other := exec.CommandContext(t.Context(), "sleep", "60")
	asOwnerOf(t, other, filepath.Join(first.Dir(), "data"))
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	_, rest, _ := strings.Cut(string(content), "\n")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(other.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	chownLike(t, pidFile, filepath.Join(first.Dir(), "data"))

	if s := start(t, c); s.Attached() {
		t.Error("attached to another program")
	}
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the other program was killed: %v", err)
	}
}

func TestStart_RootUsesAnAccessibleDirectory(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another account")
	}
	c := fast(filepath.Join(t.TempDir(), "pg")) // below a directory with mode 0700
	var reports []string
	c.Report = func(line string) { reports = append(reports, line) }
	var first *embeddedpg.Server
	t.Cleanup(func() {
		if first == nil {
			return
		}
		_ = os.RemoveAll(first.Dir())
		_ = os.Remove(filepath.Dir(first.Dir())) // unless it is in use by others
	})
	first = start(t, c)
	query(t, first, "CREATE TABLE mark AS SELECT 'kept' AS word")
	stop(t, first)

	// The data is found again, even after the configured directory became accessible.
	openAbove(t, c.Dir)
	second := start(t, c)
	if first.Dir() == c.Dir || second.Dir() != first.Dir() {
		t.Errorf("served from %s, then from %s", first.Dir(), second.Dir())
	}
	if got := query(t, second, "SELECT word FROM mark"); got != "kept" {
		t.Errorf("the data contains %q", got)
	}
	if len(reports) != 2 || !strings.Contains(reports[0], first.Dir()) || !strings.Contains(reports[0], c.Dir) {
		t.Errorf("reported %q", reports)
	}
}

func TestStart_RootRejectsInaccessibleData(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another account")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := embeddedpg.Start(t.Context(), fast(dir))
	if err == nil || !strings.Contains(err.Error(), "chmod o+x") {
		t.Errorf("got %v", err)
	}
}

func postmasterPID(t *testing.T, s *embeddedpg.Server) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.Dir(), "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func asOwnerOf(t *testing.T, cmd *exec.Cmd, path string) {
	t.Helper()
	if st := owner(t, path); os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: st.Uid, Gid: st.Gid}}
	}
}

func chownLike(t *testing.T, path, like string) {
	t.Helper()
	if st := owner(t, like); os.Geteuid() == 0 {
		if err := os.Chown(path, int(st.Uid), int(st.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

func owner(t *testing.T, path string) *syscall.Stat_t {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t)
}

func openAbove(t *testing.T, dir string) {
	t.Helper()
	for range 3 {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		dir = filepath.Dir(dir)
	}
}

// lock locks path as a process does that is starting the server.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { _ = f.Close() }
}
