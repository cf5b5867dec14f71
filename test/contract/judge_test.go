package contract_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The suite itself is judged here: what it cannot see it must name.

// seen is a ledger that has everything in it but for some gaps.
func seen(b *book, gaps ...gap) *ledger {
	l := &ledger{statuses: map[string]map[string]int{}, codes: map[string]map[string]int{}}
	for _, op := range b.operations {
		for _, status := range op.documented() {
			count(l.statuses, op.OperationID, status)
		}
		for _, code := range slices.Concat(op.codes, b.everywhere) {
			count(l.codes, op.OperationID, code)
		}
	}
	for _, g := range gaps {
		delete(l.statuses[g.operation], g.what)
		delete(l.codes[g.operation], g.what)
	}
	return l
}

func TestReport(t *testing.T) {
	t.Parallel()
	b := contract(t)
	status, code := gap{"CreateBatch", "409"}, gap{"JoinBatch", "batch_full"}
	tests := map[string]struct {
		ledger       *ledger
		target       target
		failing      []gap
		inTable      string
		inJUnit      string
		inTheSummary string
	}{
		"is content when everything was seen": {
			ledger: seen(b), target: target{strict: true},
			inTable: "| CreateBatch | `POST /batches` | 201 | 1 |", inJUnit: `failures="0" skipped="0"`, inTheSummary: "Answers off the contract: 0.",
		},
		"names a status and a code that nobody was answered with": {
			ledger: seen(b, status, code), target: target{strict: true}, failing: []gap{status, code},
			inTable: "|  |  | 409 | **not seen** |", inJUnit: `failures="2" skipped="0"`, inTheSummary: "not seen: JoinBatch batch_full",
		},
		"does not fail a deployment where not everything can be provoked": {
			ledger: seen(b, status, code), target: target{url: "https://gradus.example.org/api/v1"},
			inTable: "https://gradus.example.org/api/v1, read-only", inJUnit: `failures="0" skipped="2"`, inTheSummary: "not seen: CreateBatch 409",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := tt.ledger.report(b, tt.target)
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

func TestReport_showsAnswersOffTheContract(t *testing.T) {
	t.Parallel()
	b := contract(t)
	l := seen(b)
	l.fault("GetMe answered %d off the contract", 299)
	r := l.report(b, target{})
	var table, cases bytes.Buffer
	if err := r.markdown(&table); err != nil {
		t.Fatal(err)
	}
	if err := r.junit(&cases); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{table.String(), cases.String()} {
		if !strings.Contains(text, "GetMe answered 299 off the contract") {
			t.Errorf("the fault is not in:\n%.800s", text)
		}
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env  map[string]string
		want target
	}{
		"is a server of its own without an address": {nil, target{writes: true, strict: true}},
		"elsewhere only reads": {
			map[string]string{"GRADUS_TARGET_URL": "https://gradus.example.org/", "GRADUS_TOKEN_ADMIN": "a"},
			target{url: "https://gradus.example.org/api/v1", tokens: map[string]string{"admin": "a"}},
		},
		"takes the API's address, too, and does as it is told": {
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
