package contract_test

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// coverage counts the responses to the whole suite, and records which of them violate the
// contract.
type coverage struct {
	mu         sync.Mutex
	statuses   map[string]map[string]int // by operation and documented status
	codes      map[string]map[string]int // by operation and problem code
	violations []string
	requests   int
}

var theCoverage = newCoverage()

func newCoverage() *coverage {
	return &coverage{statuses: map[string]map[string]int{}, codes: map[string]map[string]int{}}
}

// record counts a response. A response to a request for no operation counts for its code
// only, and one from outside the API not at all.
func (c *coverage) record(s *spec, res apiclient.Response) {
	op, inAPI := s.find(res.Method, res.Path)
	if !inAPI {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	id := ""
	if op.Operation != nil {
		id = op.OperationID
		count(c.statuses, id, op.declared(res.Status))
	}
	if code := res.Code(); code != "" {
		count(c.codes, id, code)
	}
}

func count(in map[string]map[string]int, a, b string) {
	if in[a] == nil {
		in[a] = map[string]int{}
	}
	in[a][b]++
}

func (c *coverage) violation(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.violations = append(c.violations, fmt.Sprintf(format, args...))
}

// everyPath stands for the operation of a code that every path can return.
const everyPath = "every path"

// gap is a status or a code that an operation documents and that no response had.
type gap struct{ operation, what string }

func (g gap) String() string { return g.operation + " " + g.what }

// missingStatuses lists the documented statuses that no response had.
func (c *coverage) missingStatuses(s *spec) (out []gap) {
	for _, op := range s.operations {
		for _, status := range op.documented() {
			if c.statuses[op.OperationID][status] == 0 {
				out = append(out, gap{op.OperationID, status})
			}
		}
	}
	return out
}

// missingCodes lists the documented problem codes that no response had. A code that every
// path can return counts for any path.
func (c *coverage) missingCodes(s *spec) (out []gap) {
	for _, op := range s.operations {
		for _, code := range op.codes {
			if c.codes[op.OperationID][code] == 0 {
				out = append(out, gap{op.OperationID, code})
			}
		}
	}
	for _, code := range s.everywhere {
		if !slices.ContainsFunc(append(s.ids(), ""), func(id string) bool { return c.codes[id][code] > 0 }) {
			out = append(out, gap{everyPath, code})
		}
	}
	return out
}
