package embeddedpg

import (
	"context"
	"fmt"
	"os"
)

// isPostmaster goes by the working directory, which for a postmaster is its data directory.
func isPostmaster(_ context.Context, pid int, data string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && cwd == data
}
