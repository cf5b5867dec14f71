package contract_test

import (
	"fmt"
	"slices"
	"sync"
)

// ledger is what was answered to the whole suite, and what was wrong with it.
type ledger struct {
	mu       sync.Mutex
	statuses map[string]map[string]int // how often, by operation and documented status
	codes    map[string]map[string]int // how often, by operation and problem code
	faults   []string
	requests int
}

var theLedger = &ledger{statuses: map[string]map[string]int{}, codes: map[string]map[string]int{}}

// note writes an answer down.
func (l *ledger) note(op operation, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	count(l.statuses, op.OperationID, op.declared(a.status))
	if a.code != "" {
		count(l.codes, op.OperationID, a.code)
	}
}

// noteCode writes down a problem that was no operation's.
func (l *ledger) noteCode(a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	count(l.codes, "", a.code)
}

func count(in map[string]map[string]int, a, b string) {
	if in[a] == nil {
		in[a] = map[string]int{}
	}
	in[a][b]++
}

func (l *ledger) fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// everyPath stands for an operation where a code may come from any.
const everyPath = "every path"

// gap is something that the contract describes and no answer was.
type gap struct{ operation, what string } // a status or a code

func (g gap) String() string { return g.operation + " " + g.what }

// unseenStatuses lists the documented statuses that nobody was answered with.
func (l *ledger) unseenStatuses(b *book) (out []gap) {
	for _, op := range b.operations {
		for _, status := range op.documented() {
			if l.statuses[op.OperationID][status] == 0 {
				out = append(out, gap{op.OperationID, status})
			}
		}
	}
	return out
}

// unseenCodes lists the problem codes that are listed and that nobody was answered
// with; those of the root count from any path.
func (l *ledger) unseenCodes(b *book) (out []gap) {
	for _, op := range b.operations {
		for _, code := range op.codes {
			if l.codes[op.OperationID][code] == 0 {
				out = append(out, gap{op.OperationID, code})
			}
		}
	}
	for _, code := range b.everywhere {
		if !slices.ContainsFunc(append(ids(b), ""), func(id string) bool { return l.codes[id][code] > 0 }) {
			out = append(out, gap{everyPath, code})
		}
	}
	return out
}

func ids(b *book) (out []string) {
	for _, op := range b.operations {
		out = append(out, op.OperationID)
	}
	return out
}
