package api_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lessons are the IDs of the defects that must not recur.
var lessons = []string{
	"C1", "C10", "C13", "C7", "C9", "D1", "D2", "D3", "D4",
	"E1", "E10", "E11", "E12", "E13", "E14", "E15", "E16", "E17", "E18", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9",
	"F1", "F10", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9",
	"G2", "G3", "G9",
	"H1", "H10", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9",
	"S1", "S12", "S14", "S15", "S16", "S17", "S2", "S3", "S4", "S5", "S7",
}

var (
	lessonRow  = regexp.MustCompile(`^\| ([A-Z][0-9]+) \| (.+) \| (.+) \|$`)
	lessonTest = regexp.MustCompile("`([a-z/_]+_test\\.go):(Test[A-Za-z0-9_]+)`")
)

func TestLessons_NameExistingTests(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "lessons.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		row := lessonRow.FindStringSubmatch(strings.TrimSpace(line))
		if row == nil {
			continue
		}
		id, tests := row[1], lessonTest.FindAllStringSubmatch(row[3], -1)
		if found[id] {
			t.Errorf("%s has two rows", id)
		}
		found[id] = true
		if len(tests) != strings.Count(row[3], "`")/2 || len(tests) == 0 {
			t.Errorf("%s names %d tests of the form path/file_test.go:TestName: %s", id, len(tests), row[3])
		}
		for _, test := range tests {
			code, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(test[1])))
			if err != nil || !strings.Contains(string(code), "\nfunc "+test[2]+"(t *testing.T) {") {
				t.Errorf("%s: there is no %s in %s (%v)", id, test[2], test[1], err)
			}
		}
	}
	if diff := cmp.Diff(lessons, slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("the lessons (-want +got):\n%s", diff)
	}
}
