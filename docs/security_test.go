package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asvs lists the requirements of levels 1 and 2 of OWASP ASVS 5.0.0, chapters 6, 7, 9 and 10,
// that can apply to a service of this kind.
var asvs = strings.Fields(`
	6.1.1 6.1.2 6.1.3 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12 6.3.1 6.3.2 6.3.3 6.3.4
	6.4.1 6.4.2 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.3 6.8.1 6.8.2 6.8.4
	7.1.1 7.1.2 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.5 7.5.1 7.5.2 7.6.2
	9.1.1 9.1.2 9.2.1 9.2.2 9.2.3 9.2.4
	10.1.1 10.1.2 10.2.1 10.4.5 10.4.8 10.4.9
`)

var (
	asvsRow  = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| [123] \| (.+?) \| (.+?) \|$`)
	testName = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
)

// Each requirement has a row, and each row names tests that exist, or a document.
func TestASVS_EveryRequirementIsShown(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("security/asvs.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testsOfTheRepository(t)
	var rows []string
	for _, row := range asvsRow.FindAllStringSubmatch(string(text), -1) {
		id, shown := row[1], row[3]
		rows = append(rows, id)
		names := testName.FindAllStringSubmatch(shown, -1)
		if len(names) == 0 && !strings.Contains(shown, "](") {
			t.Errorf("%s names neither a test nor a document: %s", id, shown)
		}
		for _, name := range names {
			if !tests[name[1]] {
				t.Errorf("%s names %s, which does not exist", id, name[1])
			}
		}
	}
	for _, id := range asvs {
		if !slices.Contains(rows, id) {
			t.Errorf("%s has no row", id)
		}
	}
}

// testsOfTheRepository returns the names of all Go tests.
func testsOfTheRepository(t *testing.T) map[string]bool {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]+)\(`)
	found := map[string]bool{}
	for _, root := range []string{"../internal", "../test", "../cmd", "../api", "../clients/go", "."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			code, err := os.ReadFile(path)
			for _, m := range declaration.FindAllSubmatch(code, -1) {
				found[string(m[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 500 {
		t.Fatalf("found only %d tests: the test searches the wrong folders", len(found))
	}
	return found
}
