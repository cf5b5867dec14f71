package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func (o operation) takes(header string) bool {
	return o.params().GetByInAndName(openapi3.ParameterInHeader, header) != nil
}

func (o operation) lists(code string) bool {
	codes, _ := o.Extensions["x-problem-codes"].([]any)
	return slices.Contains(codes, any(code))
}

// answersWith reports whether every success of the operation declares a header.
func (o operation) answersWith(header string) bool {
	for status, r := range o.Responses.Map() {
		if strings.HasPrefix(status, "2") && r.Value.Headers[header] == nil {
			return false
		}
	}
	return true
}

// What makes something can be sent again without making it twice.
func TestCreates_canBeSentAgain(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			creates := o.Responses.Value("201") != nil
			if creates != o.takes("Idempotency-Key") {
				t.Error("an operation takes Idempotency-Key exactly when it answers 201: refer to IdempotencyKey of common.yaml, or drop it")
			}
			if creates && !o.answersWith("Idempotency-Replayed") {
				t.Error("declare the header Idempotency-Replayed on 201, by reference to common.yaml")
			}
			for _, code := range []string{"idempotency_key_in_use", "idempotency_key_reused"} {
				if creates != o.lists(code) {
					t.Errorf("%s belongs to x-problem-codes exactly when the operation takes Idempotency-Key", code)
				}
			}
		})
	}
}

// Two editors cannot overwrite each other by accident.
func TestEdits_canBeOfOneVersion(t *testing.T) {
	t.Parallel()
	for _, o := range operations(load(t)) {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			if o.method == "PATCH" && !o.takes("If-Match") {
				t.Error("PATCH takes If-Match: refer to IfMatch of common.yaml")
			}
			if o.takes("If-Match") != o.lists("version_mismatch") {
				t.Error("version_mismatch belongs to x-problem-codes exactly when the operation takes If-Match")
			}
			one := o.method == "GET" && strings.HasSuffix(o.path, "_id}")
			if (one || o.method == "PATCH") && !o.answersWith("ETag") {
				t.Error("what is one thing is answered with its ETag: refer to ETag of common.yaml")
			}
		})
	}
}

// The tag that an edit sends has to come from somewhere.
func TestETags_canBeRead(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	all := operations(load(t))
	for _, o := range all {
		if o.method == "GET" && o.answersWith("ETag") {
			read[o.path] = true
		}
	}
	for _, o := range all {
		if !o.takes("If-Match") {
			continue
		}
		parent := o.path[:strings.LastIndex(o.path, "/")]
		if !read[o.path] && !read[parent] {
			t.Errorf("%s takes If-Match, but no GET at its path or the one above answers with an ETag", o)
		}
	}
}
