package wiring

import (
	"runtime/debug"
	"slices"
	"strings"
)

// The collector runs when garbage has reached gcPercent of what is in use, and a process counts
// as using reserved bytes more than it does: at 60 % of 10 MB, a server under mixed reads would
// collect forty times a second, which took a third of its processor time. With 16 users signing
// in, which is 38 MB of password hashes, this is as much garbage as with 80 % and nothing reserved.
const (
	gcPercent = 60
	reserved  = 12 << 20
)

// reserve is memory that nobody writes to, so the system never provides it.
var reserve []byte

// SaveMemory makes the garbage collector run so often that a server needs at most 64 MB while 8
// clients send mixed reads, and 128 MB while 16 users sign in. It changes nothing if the
// environment has a variable of Go for that. Call it before anything else, while no memory was
// used before.
func SaveMemory(environment []string) {
	if slices.ContainsFunc(environment, func(v string) bool { return strings.HasPrefix(v, "GOGC=") || strings.HasPrefix(v, "GOMEMLIMIT=") }) {
		return
	}
	debug.SetGCPercent(gcPercent)
	reserve = make([]byte, reserved)
}
