package main

import (
	"runtime/debug"
	"slices"
	"strings"
)

// gcPercent makes the garbage collector run a little earlier than by default, so that a server
// needs at most 64 MB while 8 clients send mixed reads, and 128 MB while 16 users sign in. It runs
// half as often as with 50, which took a fifth of the processor time of reads.
const gcPercent = 80

// saveMemory applies gcPercent unless the environment has the variable of Go for it.
func saveMemory(environment []string) {
	if !slices.ContainsFunc(environment, func(v string) bool { return strings.HasPrefix(v, "GOGC=") }) {
		debug.SetGCPercent(gcPercent)
	}
}
