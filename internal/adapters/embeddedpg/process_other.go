//go:build !linux

package embeddedpg

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
)

// isPostmaster checks the command line, which contains the data directory.
func isPostmaster(ctx context.Context, pid int, data string) bool {
	out, err := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), data)
}
