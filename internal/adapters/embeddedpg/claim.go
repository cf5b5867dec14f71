package embeddedpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrClaimed says that another process has claimed the folder.
var ErrClaimed = errors.New("another process is using the folder; stop it, or use another folder")

// Claim keeps other processes that claim too out of a folder, until release or until
// this process ends, however it ends. Start and Stop do not claim: a server outlives
// its process and may be attached to. Who shares a server with nobody claims its
// folder first.
// Errors: ErrClaimed.
func Claim(dir string) (release func(), err error) {
	if dir, err = makeDir(dir); err != nil {
		return nil, fmt.Errorf("claim %s: %w", dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "in-use.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("claim %s: %w", dir, err)
	}
	mine, err := tryLock(f)
	if err == nil && !mine {
		err = ErrClaimed
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return func() { _ = f.Close() }, nil
}
