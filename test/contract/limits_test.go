package contract_test

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// Each operation is limited, and says so in the headers of every response.
func testLimits(t *testing.T) {
	t.Helper()
	e := fresh(t)
	limited := e.server.Replica(t, testserver.TightLimits)
	observe := e.client.Observe
	e.client = apiclient.New(t, limited.URL, checkedClient)
	e.client.Observe, e.client.Log = observe, limited.Log.Of
	e.each(all, func(op operation, caller session) {
		if op.public() {
			caller = session{}
		}
		// Another operation of the class can have used up the only request that is allowed.
		r := e.plain(op, caller)
		r.body = []byte(`{`)
		e.do(op.OperationID, caller, r)
		res := e.rejected(op.OperationID, caller, r, "rate_limited")
		for _, name := range []string{"Retry-After", "RateLimit", "RateLimit-Policy"} {
			if res.Header.Get(name) == "" {
				e.errorf("%s returned 429 without %s", op.OperationID, name)
			}
		}
	})
}
