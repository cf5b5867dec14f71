package api_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The guide has the numbers of the contract.
func TestLimits_AreInTheGuide(t *testing.T) {
	t.Parallel()
	doc := load(t)
	guide, err := os.ReadFile("../docs/guides/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	limits, _ := doc.Extensions["x-limits"].(map[string]any)
	used := map[any]bool{}
	for _, o := range operations(doc) {
		used[o.Extensions["x-limit"]] = true
	}
	for name, limit := range limits {
		class, _ := limit.(map[string]any)
		row := fmt.Sprintf("| `%s` | %v | %v | %v |", name, class["per"], class["burst"], class["per_minute"])
		if !strings.Contains(string(guide), row) {
			t.Errorf("docs/guides/limits.md has no row that starts with %q", row)
		}
		if !used[name] {
			t.Errorf("no operation has the x-limit %s; remove it from api/limits.yaml", name)
		}
	}
	if rows := strings.Count(string(guide), "| user | ") + strings.Count(string(guide), "| address | "); rows != len(limits) {
		t.Errorf("docs/guides/limits.md has %d classes, and api/limits.yaml %d", rows, len(limits))
	}
}
