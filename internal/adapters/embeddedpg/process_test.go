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

// childDir turns the test binary into a process that starts a server and stays.
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

func TestAServerOutlivesItsKilledProcess(t *testing.T) {
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

func TestStartRecoversFromAKilledServer(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	first := start(t, c)
	ask(t, first, "CREATE TABLE mark AS SELECT 'kept' AS word")
	if err := syscall.Kill(postmasterPID(t, first), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second := start(t, c)
	if second.Attached() {
		t.Error("attached to a dead server")
	}
	if got := ask(t, second, "SELECT word FROM mark"); got != "kept" {
		t.Errorf("the data say %q", got)
	}
}

func TestStartSeesThatAnotherProgramHasTheProcessNumber(t *testing.T) {
	t.Parallel()
	c := fast(openDir(t))
	first := start(t, c)
	pidFile := filepath.Join(first.Dir(), "data", "postmaster.pid")
	content, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, first)

	// Of the same account, or PostgreSQL would see it for itself.
	stranger := exec.CommandContext(t.Context(), "sleep", "60")
	asOwnerOf(t, stranger, filepath.Join(first.Dir(), "data"))
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
	_, rest, _ := strings.Cut(string(content), "\n")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(stranger.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	chownLike(t, pidFile, filepath.Join(first.Dir(), "data"))

	if s := start(t, c); s.Attached() {
		t.Error("attached to a stranger")
	}
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the stranger was hurt: %v", err)
	}
}

func TestRootServesElsewhereWhatItsAccountCannotReach(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as somebody else")
	}
	c := fast(filepath.Join(t.TempDir(), "pg")) // below a folder with mode 0700
	var told []string
	c.Report = func(line string) { told = append(told, line) }
	var first *embeddedpg.Server
	t.Cleanup(func() {
		if first == nil {
			return
		}
		_ = os.RemoveAll(first.Dir())
		_ = os.Remove(filepath.Dir(first.Dir())) // unless others are in it
	})
	first = start(t, c)
	ask(t, first, "CREATE TABLE mark AS SELECT 'kept' AS word")
	stop(t, first)

	// Found again, even after the wanted folder was opened.
	openAbove(t, c.Dir)
	second := start(t, c)
	if first.Dir() == c.Dir || second.Dir() != first.Dir() {
		t.Errorf("served from %s, then from %s", first.Dir(), second.Dir())
	}
	if got := ask(t, second, "SELECT word FROM mark"); got != "kept" {
		t.Errorf("the data say %q", got)
	}
	if len(told) != 2 || !strings.Contains(told[0], first.Dir()) || !strings.Contains(told[0], c.Dir) {
		t.Errorf("told %q", told)
	}
}

func TestRootKeepsDataThatHaveComeOutOfReach(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as somebody else")
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

// lock holds what a process holds that is starting the server.
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
