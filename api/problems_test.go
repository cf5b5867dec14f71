package api_test

import (
	"fmt"
	"maps"
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
	if err := yaml.Unmarshal(api.Problems, &table); err != nil {
		t.Fatal(err)
	}
	return table
}

func TestProblems_areTheBundles(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for code, p := range problems(t) {
		want[code] = fmt.Sprint(p.Status)
	}
	if diff := cmp.Diff(want, statuses(t, load(t))); diff != "" {
		t.Errorf("the bundle has other codes than problems.yaml; run make generate (-problems.yaml +bundle):\n%s", diff)
	}
}

func TestProblems_areSorted(t *testing.T) {
	t.Parallel()
	var inFile []string
	for _, m := range regexp.MustCompile(`(?m)^(\w+):`).FindAllSubmatch(api.Problems, -1) {
		inFile = append(inFile, string(m[1]))
	}
	if want := slices.Sorted(maps.Keys(problems(t))); !slices.Equal(inFile, want) {
		t.Errorf("sort problems.yaml by code:\n%s", cmp.Diff(want, inFile))
	}
}

// A page that only repeats the code helps nobody.
func TestProblems_sayWhatTheyMeanAndWhatToDo(t *testing.T) {
	t.Parallel()
	for code, p := range problems(t) {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			if n := len(p.Title); n == 0 || n > 60 || strings.HasSuffix(p.Title, ".") {
				t.Errorf("title is %q; give 1 to 60 characters without a full stop", p.Title)
			}
			for name, text := range map[string]string{"means": p.Means, "todo": p.Todo} {
				if len(text) < 50 || !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
					t.Errorf("%s is %q; give a few whole sentences in one paragraph", name, text)
				}
			}
			if p.Errors != "" && p.Status != 422 {
				t.Errorf("errors is %q; only wrong requests have fields to mend", p.Errors)
			}
		})
	}
}
