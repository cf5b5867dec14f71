package contract_test

import "testing"

// The examples of requests are accepted as they are, for the objects that the examples of
// the path parameters name. test/examples checks the responses.
func testExamples(t *testing.T) {
	t.Helper()
	e := existing(t)
	e.each(hasBody, func(op operation, caller session) {
		for name, body := range op.examples() {
			res := e.do(op.OperationID, caller, request{values: op.exampleValues(), body: body})
			if code := res.Code(); code == "invalid_request" || code == "malformed_request" {
				e.errorf("%s: the example %s is rejected: %d %.500s", op.OperationID, name, res.Status, res.Body)
			}
		}
	})
}

// exampleValues returns the examples of the parameters in the path.
func (o operation) exampleValues() values {
	out := values{}
	for _, p := range o.params {
		if example, ok := p.Value.Example.(string); ok && p.Value.In == "path" {
			out[p.Value.Name] = example
		}
	}
	return out
}
