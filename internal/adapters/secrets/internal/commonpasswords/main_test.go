package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bits-and-blooms/bloom/v3"
)

func TestBuild_WritesTheFilterOfTheLists(t *testing.T) {
	t.Parallel()
	output, short, long := filepath.Join(t.TempDir(), "out"), list(t, "abc", "Dragon", "dragon"), list(t, "letmein", "trustno1trustno1")
	var out strings.Builder
	if err := run(&out, []string{"build", output, "5:" + short, "10:" + long}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "2 passwords in ") {
		t.Errorf("build printed %q, want 2 passwords", out.String())
	}
	f, err := os.Open(output)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	filter := &bloom.BloomFilter{}
	if _, err := filter.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]bool{"dragon": true, "trustno1trustno1": true, "abc": false, "letmein": false, "Dragon": false} {
		if filter.TestString(p) != want {
			t.Errorf("%s is in the filter: %t, want %t", p, !want, want)
		}
	}
}

func TestMeasure_PrintsWhatIsRefused(t *testing.T) {
	t.Parallel()
	passwords := list(t, "password", "poiuytrewqasdfghjkl;", "1qaz2wsx3edc4rfv!!", "seven quiet otters", "nogard-nogard", "short")
	var out strings.Builder
	if err := run(&out, []string{"measure", "8", passwords}); err != nil {
		t.Fatal(err)
	}
	if want := "5 passwords: 20.0 % on the list, 60.0 % by rules, 20.0 % accepted\n"; out.String() != want {
		t.Errorf("measure printed %q, want %q", out.String(), want)
	}
}

func TestRun_ReportsMistakes(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"no arguments":             nil,
		"a length that is none":    {"measure", "long", "list"},
		"a list that is missing":   {"measure", "8", "/nowhere/list"},
		"an output without folder": {"build", "/nowhere/out", "5:" + list(t, "dragon")},
		"a list without a minimum": {"build", "/nowhere/out", "list"},
	} {
		if err := run(&strings.Builder{}, args); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// list writes a list of passwords and returns its path.
func list(t *testing.T, passwords ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, []byte(strings.Join(passwords, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
