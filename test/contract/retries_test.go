package contract_test

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

func versioned(o operation) bool  { return o.takes("header", "If-Match") }
func idempotent(o operation) bool { return o.takes("header", "Idempotency-Key") }

// A write with the ETag of another version is rejected.
func testVersions(t *testing.T) {
	t.Helper()
	e := fresh(t)
	e.each(versioned, func(op operation, caller session) {
		if op.lists("wakatime_connection_not_found") || op.lists("wakatime_key_rejected") {
			if e.server == nil {
				return
			}
			e.connect(caller)
		}
		caller, r, _ := e.success(op, caller)
		e.rejected(op.OperationID, caller, r.with("If-Match", `"0"`), "version_mismatch")
		if res := e.do(op.OperationID, caller, r.with("If-Match", "*")); !res.OK() {
			e.errorf("%s with If-Match: * returned %d: %.300s", op.OperationID, res.Status, res.Body)
		}
	})
}

// A retry returns the first response. Another request with the same key is rejected.
func testRetries(t *testing.T) {
	t.Helper()
	e := fresh(t)
	e.each(idempotent, func(op operation, user session) {
		caller, r, _ := e.success(op, user)
		r.header = retriable()
		first, retry := e.do(op.OperationID, caller, r), e.do(op.OperationID, caller, r)
		if first.Status != http.StatusCreated || retry.Status != first.Status || !bytes.Equal(first.Body, retry.Body) {
			e.errorf("%s returned %d %s, and for a retry %d %s", op.OperationID, first.Status, first.Body, retry.Status, retry.Body)
		}
		if retry.Header.Get("Idempotency-Replayed") != "true" {
			e.errorf("the response to a retry of %s has no Idempotency-Replayed header", op.OperationID)
		}
		if op.RequestBody != nil {
			r.body = op.changed(t, r.body.(object))
		} else {
			// Without a body, another request is one for another operation.
			r.header = retriable()
			e.must("CreateBatch", caller, request{header: r.header, body: e.spec.byID["CreateBatch"].example()})
		}
		e.rejected(op.OperationID, caller, r, "idempotency_key_reused")
	})
}

// changed returns a valid body that differs from the given one in one property.
func (o operation) changed(t *testing.T, body object) object {
	t.Helper()
	out := maps.Clone(body)
	schema := o.RequestBody.Value.Content[o.media()].Schema.Value
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		p := schema.Properties[name].Value
		_, given := body[name]
		if given && p.Type.Is("string") && p.Format == "" && len(p.Enum) == 0 {
			out[name] = "another value"
			return out
		}
	}
	t.Fatalf("%s: its example has no free text to change; add a case to changed", o.OperationID)
	return nil
}

// While a request runs, its key is in use.
func testConcurrentRetries(t *testing.T) {
	t.Helper()
	e := fresh(t)
	e.each(idempotent, func(op operation, caller session) {
		caller, r, _ := e.success(op, caller)
		r.header = retriable()
		first, second := e.whileResponsesCannotBeStored(func() apiclient.Response { return e.do(op.OperationID, caller, r) })
		if first.Code() != "idempotency_key_in_use" || second.Status != http.StatusCreated {
			e.errorf("%s twice at once returned %d %s and %d: %s", op.OperationID, first.Status, first.Code(), second.Status, second.Body)
		}
	})
}

// whileResponsesCannotBeStored sends a request twice at once and returns the responses in
// the order of their arrival. One of the requests waits at the end of its work until the
// other one has returned.
func (e *env) whileResponsesCannotBeStored(send func() apiclient.Response) (first, second apiclient.Response) {
	e.t.Helper()
	ctx := context.WithoutCancel(e.t.Context())
	tx, err := e.server.DB.Begin(ctx)
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `LOCK TABLE idempotency_keys IN EXCLUSIVE MODE`); err != nil {
		e.t.Fatal(err)
	}
	var sending sync.WaitGroup
	responses := make(chan apiclient.Response, 2)
	for range cap(responses) {
		sending.Go(func() { responses <- send() })
	}
	first = <-responses
	if err := tx.Rollback(ctx); err != nil {
		e.t.Error(err)
	}
	second = <-responses
	sending.Wait()
	return first, second
}
