package contract_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// conclude fails the test for gaps in the coverage, and writes the reports.
func conclude(t *testing.T) {
	t.Helper()
	r := theCoverage.report(loadSpec(t), theTarget)
	// A partial run, and one that failed early, does not cover everything.
	whole := !t.Failed() && flag.Lookup("test.run").Value.String() == ""
	if gaps := r.failing(); whole && len(gaps) > 0 {
		t.Errorf("No test provoked the responses below. Add a row to problems in test/contract/problems_test.go that does, or remove them from the contract in api/:\n%s", r.missing())
	}
	fmt.Print(r.summary())
	folder := os.Getenv("GRADUS_TEST_CONTRACT_REPORTS")
	if folder == "" {
		return
	}
	if err := r.write(folder); err != nil {
		t.Error(err)
	}
}

// report is the result of a run.
type report struct {
	spec     *spec
	target   target
	coverage *coverage
	statuses []gap
	codes    []gap
}

func (c *coverage) report(s *spec, of target) report {
	return report{s, of, c, c.missingStatuses(s), c.missingCodes(s)}
}

// failing returns the gaps that fail the run. On a deployment not everything can be
// provoked.
func (r report) failing() []gap {
	if !r.target.strict {
		return nil
	}
	return slices.Concat(r.statuses, r.codes)
}

// summary returns the report for the terminal.
func (r report) summary() string {
	var w strings.Builder
	statuses, codes := 0, len(r.spec.everywhere)
	for _, op := range r.spec.operations {
		statuses += len(op.documented())
		codes += len(op.codes)
	}
	_, _ = fmt.Fprintf(&w, "The contract on %s: %d requests to %d operations.\n", r.target.name(), r.coverage.requests, len(r.spec.operations))
	_, _ = fmt.Fprintf(&w, "Covered: %d of %d documented statuses, %d of %d problem codes. Responses that violate the contract: %d.\n",
		statuses-len(r.statuses), statuses, codes-len(r.codes), codes, len(r.coverage.violations))
	w.WriteString(r.missing())
	return w.String()
}

// missing has a line for each operation with gaps.
func (r report) missing() string {
	var w strings.Builder
	for _, id := range append(r.spec.ids(), everyPath) {
		if gaps := slices.Concat(of(r.statuses, id), of(r.codes, id)); len(gaps) > 0 {
			_, _ = fmt.Fprintf(&w, "  not covered: %s %s\n", id, strings.Join(gaps, " "))
		}
	}
	return w.String()
}

// of returns the gaps of an operation.
func of(gaps []gap, operation string) (out []string) {
	for _, g := range gaps {
		if g.operation == operation {
			out = append(out, g.what)
		}
	}
	return out
}

// write writes contract.md and contract.xml to a folder.
func (r report) write(folder string) error {
	var table, cases bytes.Buffer
	if err := r.markdown(&table); err != nil {
		return err
	}
	if err := r.junit(&cases); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	for name, text := range map[string][]byte{"contract.md": table.Bytes(), "contract.xml": cases.Bytes()} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// markdown writes a table of operations, statuses and the number of their responses.
func (r report) markdown(w io.Writer) error {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "# The contract on %s\n\n%s\n", r.target.name(), r.summary())
	b.WriteString("| operation | request | status | responses | codes | codes not covered |\n| --- | --- | --- | ---: | --- | --- |\n")
	for _, op := range r.spec.operations {
		for i, status := range op.documented() {
			name, request := "", ""
			if i == 0 {
				name, request = op.OperationID, "`"+op.method+" "+op.path+"`"
			}
			covered, missing := r.codesOf(op, status)
			times := fmt.Sprint(r.coverage.statuses[op.OperationID][status])
			if times == "0" {
				times = "**not covered**"
			}
			_, _ = fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", name, request, status, times, strings.Join(covered, ", "), strings.Join(missing, ", "))
		}
	}
	if len(r.coverage.violations) > 0 {
		b.WriteString("\n## Responses that violate the contract\n")
		for _, f := range r.coverage.violations {
			_, _ = fmt.Fprintf(&b, "\n```\n%s\n```\n", f)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// codesOf returns the problem codes of an operation that come with a status.
func (r report) codesOf(op operation, status string) (covered, missing []string) {
	for _, code := range slices.Sorted(slices.Values(slices.Concat(op.codes, r.spec.everywhere))) {
		with := r.spec.statuses[code]
		if op.Responses.Value(with) == nil {
			with = "default"
		}
		switch {
		case with != status:
		case r.coverage.codes[op.OperationID][code] > 0:
			covered = append(covered, code)
		case op.lists(code):
			missing = append(missing, code)
		}
	}
	return covered, missing
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junit writes a test case for each operation and status, for each operation and code, and
// for each response that violates the contract.
func (r report) junit(w io.Writer) error {
	suite := junitSuite{Name: "contract"}
	add := func(class, name string, missing bool) {
		c := junitCase{Class: class, Name: name}
		switch {
		case missing && r.target.strict:
			c.Failure = &junitMessage{Message: "no test provoked it"}
			suite.Failures++
		case missing:
			c.Skipped = &junitMessage{Message: "not covered"}
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, op := range r.spec.operations {
		for _, status := range op.documented() {
			add(op.OperationID, "status "+status, slices.Contains(r.statuses, gap{op.OperationID, status}))
		}
		for _, code := range op.codes {
			add(op.OperationID, "code "+code, slices.Contains(r.codes, gap{op.OperationID, code}))
		}
	}
	for i, v := range r.coverage.violations {
		head, _, _ := strings.Cut(v, "\n")
		suite.Failures++
		suite.Cases = append(suite.Cases, junitCase{
			Class: "responses", Name: fmt.Sprintf("violation %d", i+1), Failure: &junitMessage{Message: head, Text: v},
		})
	}
	suite.Tests = len(suite.Cases)
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append([]byte(xml.Header), append(text, '\n')...))
	return err
}
