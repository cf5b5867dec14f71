package embeddedpg

import (
	"context"
	"fmt"
	"os"
)

// isPostmaster checks the working directory, which is the data directory of a postmaster.
func isPostmaster(_ context.Context, pid int, data string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && cwd == data
}
