package embeddedpg_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
)

// A child process that is between fork and exec holds a copy of every descriptor.
func TestClaim_ReleasesALockThatAChildInherited(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	release, err := embeddedpg.Claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	inherited, err := syscall.Dup(descriptorOf(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(inherited) }()
	release()
	releaseSecond, err := embeddedpg.Claim(dir)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	releaseSecond()
}

// descriptorOf returns the descriptor of the lock file of a directory.
func descriptorOf(t *testing.T, dir string) int {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, dir) {
			n, err := strconv.Atoi(filepath.Base(link))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no descriptor is open in %s", dir)
	return 0
}
