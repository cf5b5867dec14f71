package main

import (
	"runtime/debug"
	"testing"
)

//nolint:paralleltest // The setting is that of the process.
func TestSaveMemory_LeavesGOGC(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	for _, tt := range []struct {
		environment []string
		want        int
	}{
		{[]string{"PATH=/bin", "GOGC=200"}, 100},
		{[]string{"PATH=/bin", "GOGCX=200"}, gcPercent},
	} {
		saveMemory(tt.environment)
		if got := debug.SetGCPercent(100); got != tt.want {
			t.Errorf("with %q: %d, want %d", tt.environment, got, tt.want)
		}
	}
}
