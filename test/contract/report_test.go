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

// conclude says what nobody was answered with, and writes the reports.
func conclude(t *testing.T) {
	t.Helper()
	r := theLedger.report(contract(t), theTarget)
	// A part of the suite, and a test that stopped early, has not seen everything.
	whole := !t.Failed() && flag.Lookup("test.run").Value.String() == ""
	if gaps := r.failing(); whole && len(gaps) > 0 {
		t.Errorf("No test was answered with what is not seen below. Add a case to test/contract that provokes it, or take it out of the contract under api/:\n%s", r.unseen())
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

// report is what there is to say at the end.
type report struct {
	book     *book
	target   target
	ledger   *ledger
	statuses []gap // documented and not seen
	codes    []gap // likewise
}

func (l *ledger) report(b *book, to target) report {
	return report{b, to, l, l.unseenStatuses(b), l.unseenCodes(b)}
}

// failing is what fails the run: elsewhere not everything can be provoked.
func (r report) failing() []gap {
	if !r.target.strict {
		return nil
	}
	return slices.Concat(r.statuses, r.codes)
}

// summary is for the terminal.
func (r report) summary() string {
	var w strings.Builder
	statuses, codes := 0, len(r.book.everywhere)
	for _, op := range r.book.operations {
		statuses += len(op.documented())
		codes += len(op.codes)
	}
	_, _ = fmt.Fprintf(&w, "The contract on %s: %d requests to %d operations.\n", r.target.name(), r.ledger.requests, len(r.book.operations))
	_, _ = fmt.Fprintf(&w, "Seen: %d of %d documented statuses, %d of %d listed problem codes. Answers off the contract: %d.\n",
		statuses-len(r.statuses), statuses, codes-len(r.codes), codes, len(r.ledger.faults))
	w.WriteString(r.unseen())
	return w.String()
}

// unseen has a line for each operation that has gaps.
func (r report) unseen() string {
	var w strings.Builder
	for _, id := range append(ids(r.book), everyPath) {
		if gaps := slices.Concat(of(r.statuses, id), of(r.codes, id)); len(gaps) > 0 {
			_, _ = fmt.Fprintf(&w, "  not seen: %s %s\n", id, strings.Join(gaps, " "))
		}
	}
	return w.String()
}

// of lists what of an operation is among the gaps.
func of(gaps []gap, operation string) (out []string) {
	for _, g := range gaps {
		if g.operation == operation {
			out = append(out, g.what)
		}
	}
	return out
}

// write writes contract.md and contract.xml into a folder.
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

// markdown is a table of operation, status and how often each was seen.
func (r report) markdown(w io.Writer) error {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "# The contract on %s\n\n%s\n", r.target.name(), r.summary())
	b.WriteString("| operation | request | status | seen | codes seen | codes not seen |\n| --- | --- | --- | ---: | --- | --- |\n")
	for _, op := range r.book.operations {
		for i, status := range op.documented() {
			name, request := "", ""
			if i == 0 {
				name, request = op.OperationID, "`"+op.method+" "+op.path+"`"
			}
			seen, unseen := r.codesOf(op, status)
			times := fmt.Sprint(r.ledger.statuses[op.OperationID][status])
			if times == "0" {
				times = "**not seen**"
			}
			_, _ = fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", name, request, status, times, strings.Join(seen, ", "), strings.Join(unseen, ", "))
		}
	}
	if len(r.ledger.faults) > 0 {
		b.WriteString("\n## Answers off the contract\n")
		for _, f := range r.ledger.faults {
			_, _ = fmt.Fprintf(&b, "\n```\n%s\n```\n", f)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// codesOf are the problem codes of an operation that come with a status.
func (r report) codesOf(op operation, status string) (seen, unseen []string) {
	for _, code := range slices.Sorted(slices.Values(slices.Concat(op.codes, r.book.everywhere))) {
		with := r.book.statuses[code]
		if op.Responses.Value(with) == nil {
			with = "default"
		}
		switch {
		case with != status:
		case r.ledger.codes[op.OperationID][code] > 0:
			seen = append(seen, code)
		case op.lists(code):
			unseen = append(unseen, code)
		}
	}
	return seen, unseen
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

// junit has a test for each operation and status, for each operation and code, and one
// for each answer off the contract.
func (r report) junit(w io.Writer) error {
	suite := junitSuite{Name: "contract"}
	add := func(class, name string, unseen bool) {
		c := junitCase{Class: class, Name: name}
		switch {
		case unseen && r.target.strict:
			c.Failure = &junitMessage{Message: "no test was answered with it"}
			suite.Failures++
		case unseen:
			c.Skipped = &junitMessage{Message: "not seen"}
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, op := range r.book.operations {
		for _, status := range op.documented() {
			add(op.OperationID, "status "+status, slices.Contains(r.statuses, gap{op.OperationID, status}))
		}
		for _, code := range op.codes {
			add(op.OperationID, "code "+code, slices.Contains(r.codes, gap{op.OperationID, code}))
		}
	}
	for i, f := range r.ledger.faults {
		head, _, _ := strings.Cut(f, "\n")
		suite.Failures++
		suite.Cases = append(suite.Cases, junitCase{
			Class: "answers", Name: fmt.Sprintf("off the contract %d", i+1), Failure: &junitMessage{Message: head, Text: f},
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
