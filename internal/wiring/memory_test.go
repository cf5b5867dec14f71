package wiring

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
)

// What is reserved counts for the collector and takes no memory. This test is the first one,
// because memory that was used before has to be cleared.
//
//nolint:paralleltest // The setting is that of the process.
func TestSaveMemory_ReservesNoMemory(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetGCPercent(before)
		reserve = nil
	})
	resident, goal := residentBytes(t), heapGoal()
	SaveMemory(nil)
	if more := heapGoal() - goal; more < reserved/2 {
		t.Errorf("the collector lets the heap grow by %d bytes more, want at least half of %d", more, reserved)
	}
	if more := residentBytes(t) - resident; more > reserved/2 {
		t.Errorf("%d bytes more are resident", more)
	}
}

//nolint:paralleltest // The setting is that of the process.
func TestSaveMemory_LeavesVariablesOfGo(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetGCPercent(before)
		reserve = nil
	})
	for _, tt := range []struct {
		environment []string
		want        int
	}{
		{[]string{"PATH=/bin", "GOGC=200"}, 100},
		{[]string{"PATH=/bin", "GOMEMLIMIT=64MiB"}, 100},
		{[]string{"PATH=/bin", "GOGCX=200"}, gcPercent},
	} {
		SaveMemory(tt.environment)
		if got := debug.SetGCPercent(100); got != tt.want {
			t.Errorf("with %q: %d, want %d", tt.environment, got, tt.want)
		}
		if (reserve != nil) != (tt.want == gcPercent) {
			t.Errorf("with %q: %d bytes are reserved", tt.environment, len(reserve))
		}
	}
}

func heapGoal() int {
	debug.FreeOSMemory() // collects
	s := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(s)
	return int(s[0].Value.Uint64())
}

// residentBytes returns the memory of this process that the system provides.
func residentBytes(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0 // other systems do not tell
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
