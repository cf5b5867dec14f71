package contract_test

import "testing"

// The examples of requests are sent as they are written, about the things that the
// contract's parameters show, by somebody who may. That the answers are as written, too,
// is tested in test/examples.
func testExamples(t *testing.T) {
	t.Helper()
	s := visit(t)
	s.each(withBody, func(op operation, caller person) {
		for name, body := range op.examples() {
			a := s.do(op.OperationID, caller, call{values: op.shown(), body: body})
			if a.code == "invalid_request" || a.code == "malformed_request" {
				s.errorf("%s: the example %s is refused: %d %.500s", op.OperationID, name, a.status, a.body)
			}
		}
	})
}

// shown are the examples of the parameters in the path.
func (o operation) shown() values {
	out := values{}
	for _, p := range o.params {
		if example, ok := p.Value.Example.(string); ok && p.Value.In == "path" {
			out[p.Value.Name] = example
		}
	}
	return out
}
