package api_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/gradus-dev/gradus/api"
)

type problem struct {
	Status int
	Title  string
	Means  string
	Todo   string
	Errors string
}

func problems(t *testing.T) map[string]problem {
	t.Helper()
	var table map[string]problem
	if err := yaml.Unmarshal(api.Problems(), &table); err != nil {
		t.Fatal(err)
	}
	return table
}

func TestProblems_MatchTheBundle(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for code, p := range problems(t) {
		want[code] = fmt.Sprint(p.Status)
	}
	if diff := cmp.Diff(want, statuses(t, load(t))); diff != "" {
		t.Errorf("the codes of api/problems and of the bundle differ; run make generate (-api/problems +bundle):\n%s", diff)
	}
}

func TestProblems_AreSorted(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("problems/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in api/problems: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, m := range regexp.MustCompile(`(?m)^(\w+):`).FindAllSubmatch(text, -1) {
			codes = append(codes, string(m[1]))
		}
		if want := slices.Sorted(slices.Values(codes)); !slices.Equal(codes, want) {
			t.Errorf("sort %s by code:\n%s", file, cmp.Diff(want, codes))
		}
	}
}

// A page that only repeats the code helps nobody.
func TestProblems_AreDescribed(t *testing.T) {
	t.Parallel()
	for code, p := range problems(t) {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			if n := len(p.Title); n == 0 || n > 60 || strings.HasSuffix(p.Title, ".") {
				t.Errorf("title is %q; give 1 to 60 characters without a full stop", p.Title)
			}
			for name, text := range map[string]string{"means": p.Means, "todo": p.Todo} {
				if len(text) < 50 || !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
					t.Errorf("%s is %q; write a few sentences in one paragraph", name, text)
				}
			}
			if p.Errors != "" && p.Status != 422 {
				t.Errorf("errors is %q; only validation errors (422) name a field", p.Errors)
			}
		})
	}
}
