package contract_test

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"sync"
	"testing"
)

func versioned(o operation) bool  { return o.takes("header", "If-Match") }
func repeatable(o operation) bool { return o.takes("header", "Idempotency-Key") }

// Who looked at another version changes nothing.
func testVersions(t *testing.T) {
	t.Helper()
	s := build(t)
	s.each(versioned, func(op operation, caller person) {
		if op.lists("wakatime_connection_not_found") || op.lists("wakatime_key_rejected") {
			if s.room == nil {
				return
			}
			s.connect(caller)
		}
		by, c, _ := s.success(op, caller)
		s.refused(op.OperationID, by, c.with("If-Match", `"0"`), "version_mismatch")
		if a := s.do(op.OperationID, by, c.with("If-Match", "*")); a.status >= http.StatusMultipleChoices {
			s.errorf("%s with If-Match: * answered %d: %.300s", op.OperationID, a.status, a.body)
		}
	})
}

// The same request with the same key happens once; another one with that key not at all.
func testRepeats(t *testing.T) {
	t.Helper()
	s := build(t)
	s.each(repeatable, func(op operation, caller person) {
		by, c, _ := s.success(op, caller)
		c.header = once()
		first, again := s.do(op.OperationID, by, c), s.do(op.OperationID, by, c)
		if first.status != http.StatusCreated || again.status != first.status || !bytes.Equal(first.body, again.body) {
			s.errorf("%s answered %d %s, and sent again %d %s", op.OperationID, first.status, first.body, again.status, again.body)
		}
		if again.header.Get("Idempotency-Replayed") != "true" {
			s.errorf("%s sent again does not say so", op.OperationID)
		}
		if op.RequestBody != nil {
			_, other, _ := s.success(op, caller)
			c.body = other.body
			if op.OperationID == "CreateBatch" || op.OperationID == "JoinBatch" {
				c.body = op.anotherExample(c.body)
			}
		} else {
			// Without a body, the other request is another operation's.
			c.header = once()
			s.must("CreateBatch", by, call{header: c.header, body: s.book.byID["CreateBatch"].example()})
		}
		s.refused(op.OperationID, by, c, "idempotency_key_reused")
	})
}

// anotherExample is a body that differs from one.
func (o operation) anotherExample(from any) obj {
	out := maps.Clone(from.(obj))
	for _, name := range []string{"name", "registration_key"} {
		if _, ok := out[name]; ok {
			out[name] = "another"
		}
	}
	return out
}

// While a request runs, its key is taken.
func testRunningRepeats(t *testing.T) {
	t.Helper()
	s := build(t)
	s.each(repeatable, func(op operation, caller person) {
		by, c, _ := s.success(op, caller)
		c.header = once()
		answers := s.whileAnswersCannotBeKept(func() answer { return s.do(op.OperationID, by, c) })
		if answers[0].code != "idempotency_key_in_use" || answers[1].status != http.StatusCreated {
			s.errorf("%s twice at once answered %d %s and %d: %s", op.OperationID, answers[0].status, answers[0].code, answers[1].status, answers[1].body)
		}
	})
}

// whileAnswersCannotBeKept asks twice at once and returns the answers as they come:
// whoever is first waits at the end of its work, until the second has been answered.
func (s *stage) whileAnswersCannotBeKept(ask func() answer) (answers [2]answer) {
	s.t.Helper()
	ctx := context.WithoutCancel(s.t.Context())
	tx, err := s.room.DB.Begin(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `LOCK TABLE idempotency_keys IN EXCLUSIVE MODE`); err != nil {
		s.t.Fatal(err)
	}
	var asking sync.WaitGroup
	come := make(chan answer, len(answers))
	for range answers {
		asking.Go(func() { come <- ask() })
	}
	answers[0] = <-come
	if err := tx.Rollback(ctx); err != nil {
		s.t.Error(err)
	}
	answers[1] = <-come
	asking.Wait()
	return answers
}
