package contract_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// These tests are of the suite itself.

// full returns the coverage of everything but some gaps.
func full(s *spec, gaps ...gap) *coverage {
	c := newCoverage()
	for _, op := range s.operations {
		for _, status := range op.documented() {
			count(c.statuses, op.OperationID, status)
		}
		for _, code := range slices.Concat(op.codes, s.everywhere) {
			count(c.codes, op.OperationID, code)
		}
	}
	for _, g := range gaps {
		delete(c.statuses[g.operation], g.what)
		delete(c.codes[g.operation], g.what)
	}
	return c
}

func TestReport(t *testing.T) {
	t.Parallel()
	s := loadSpec(t)
	status, code := gap{"CreateBatch", "409"}, gap{"JoinBatch", "batch_full"}
	tests := map[string]struct {
		coverage     *coverage
		target       target
		failing      []gap
		inTable      string
		inJUnit      string
		inTheSummary string
	}{
		"full coverage passes": {
			coverage: full(s), target: target{strict: true},
			inTable: "| CreateBatch | `POST /batches` | 201 | 1 |", inJUnit: `failures="0" skipped="0"`, inTheSummary: "Responses that violate the contract: 0.",
		},
		"a status and a code that are not covered are listed": {
			coverage: full(s, status, code), target: target{strict: true}, failing: []gap{status, code},
			inTable: "|  |  | 409 | **not covered** |", inJUnit: `failures="2" skipped="0"`, inTheSummary: "not covered: JoinBatch batch_full",
		},
		"gaps do not fail a deployment": {
			coverage: full(s, status, code), target: target{url: "https://gradus.example.org/api/v1"},
			inTable: "https://gradus.example.org/api/v1, read-only", inJUnit: `failures="0" skipped="2"`, inTheSummary: "not covered: CreateBatch 409",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := tt.coverage.report(s, tt.target)
			if diff := cmp.Diff(tt.failing, r.failing(), cmp.AllowUnexported(gap{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("failing (-want +got):\n%s", diff)
			}
			var table, cases bytes.Buffer
			if err := r.markdown(&table); err != nil {
				t.Fatal(err)
			}
			if err := r.junit(&cases); err != nil {
				t.Fatal(err)
			}
			for text, want := range map[string]string{table.String(): tt.inTable, cases.String(): tt.inJUnit, r.summary(): tt.inTheSummary} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in:\n%.1500s", want, text)
				}
			}
		})
	}
}

func TestReport_ListsViolations(t *testing.T) {
	t.Parallel()
	s := loadSpec(t)
	c := full(s)
	c.violation("GetMe returned %d", 299)
	r := c.report(s, target{})
	var table, cases bytes.Buffer
	if err := r.markdown(&table); err != nil {
		t.Fatal(err)
	}
	if err := r.junit(&cases); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{table.String(), cases.String()} {
		if !strings.Contains(text, "GetMe returned 299") {
			t.Errorf("the violation is not in:\n%.800s", text)
		}
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env  map[string]string
		want target
	}{
		"without a URL it is a server of its own": {nil, target{writes: true, strict: true}},
		"a deployment is read-only": {
			map[string]string{"GRADUS_TARGET_URL": "https://gradus.example.org/", "GRADUS_TOKEN_ADMIN": "a"},
			target{url: "https://gradus.example.org/api/v1", tokens: map[string]string{"admin": "a"}},
		},
		"the URL of the API is accepted, and writes can be allowed": {
			map[string]string{"GRADUS_TARGET_URL": "https://gradus.example.org/api/v1", "GRADUS_TARGET_WRITES": "true", "GRADUS_TARGET_STRICT": "true"},
			target{url: "https://gradus.example.org/api/v1", tokens: map[string]string{}, writes: true, strict: true},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newTarget(func(name string) string { return tt.env[name] })
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(target{})); diff != "" {
				t.Errorf("the target (-want +got):\n%s", diff)
			}
		})
	}
}
