package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func (o operation) accepts(header string) bool {
	return o.params().GetByInAndName(openapi3.ParameterInHeader, header) != nil
}

func (o operation) lists(code string) bool {
	codes, _ := o.Extensions["x-problem-codes"].([]any)
	return slices.Contains(codes, any(code))
}

// returns reports whether every success response of the operation declares a header.
func (o operation) returns(header string) bool {
	for status, r := range o.Responses.Map() {
		if strings.HasPrefix(status, "2") && r.Value.Headers[header] == nil {
			return false
		}
	}
	return true
}

// A retry must not create anything twice.
func TestCreates_AreIdempotent(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			creates := o.Responses.Value("201") != nil
			if creates != o.accepts("Idempotency-Key") {
				t.Error("an operation accepts Idempotency-Key if and only if it returns 201: refer to IdempotencyKey in common.yaml, or remove the reference")
			}
			if creates && !o.returns("Idempotency-Replayed") {
				t.Error("declare the header Idempotency-Replayed on 201 by a reference to common.yaml")
			}
			for _, code := range []string{"idempotency_key_in_use", "idempotency_key_reused"} {
				if creates != o.lists(code) {
					t.Errorf("an operation returns %s if and only if it accepts Idempotency-Key: fix the rules in tools/bundle/derive.go", code)
				}
			}
		})
	}
}

// Concurrent updates must not overwrite each other by accident.
func TestUpdates_AcceptIfMatch(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			if o.method == "PATCH" && !o.accepts("If-Match") {
				t.Error("PATCH accepts If-Match: refer to IfMatch in common.yaml")
			}
			if o.accepts("If-Match") != o.lists("version_mismatch") {
				t.Error("an operation returns version_mismatch if and only if it accepts If-Match: fix the rules in tools/bundle/derive.go")
			}
			one := o.method == "GET" && strings.HasSuffix(o.path, "_id}")
			if (one || o.method == "PATCH") && !o.returns("ETag") {
				t.Error("a single resource is returned with its ETag: refer to ETag in common.yaml")
			}
		})
	}
}

// Clients need to read the ETag that an update accepts.
func TestETags_CanBeRead(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	all := operations(load(t))
	for _, o := range all {
		if o.method == "GET" && o.returns("ETag") {
			read[o.path] = true
		}
	}
	for _, o := range all {
		if !o.accepts("If-Match") {
			continue
		}
		parent := o.path[:strings.LastIndex(o.path, "/")]
		if !read[o.path] && !read[parent] {
			t.Errorf("%s accepts If-Match, but no GET at its path or the parent path returns an ETag", o)
		}
	}
}
