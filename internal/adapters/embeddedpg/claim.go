package embeddedpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrClaimed means that another process has claimed the directory.
var ErrClaimed = errors.New("another process is using the directory; stop it, or use another directory")

// Claim locks a directory against other calls of Claim until release is called or the
// process exits for any reason. Start and Stop do not claim, because a server outlives
// its process and can be attached to. A process that does not share its server claims
// the directory first.
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
	return func() {
		unlock(f)
		_ = f.Close()
	}, nil
}
