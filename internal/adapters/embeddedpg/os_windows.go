package embeddedpg

import (
	"errors"
	"os"
	"os/exec"

	"golang.org/x/sys/windows"
)

// account is always the account of this process.
type account struct {
	drop bool
	name string
}

func (account) apply(*exec.Cmd)             {}
func (account) chown(string) error          { return nil }
func chooseAccount(string) (account, error) { return account{}, nil }
func checkOwner(string) error               { return nil }
func alive(int) bool                        { return false }

func tryLock(f *os.File) (bool, error) {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// unlock does nothing: closing the handle releases the lock.
func unlock(*os.File) {}

// interrupt kills the server, because Windows has no signal for a shutdown. The next
// start recovers the data.
func interrupt(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}
