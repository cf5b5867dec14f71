package examples_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// From every answer to a read, the links to further reads are followed on the seeded
// server with what the example holds.
func TestLinks_CanBeFollowed(t *testing.T) {
	t.Parallel()
	_, operations := load(t)
	r := newRoom(t)
	followed := 0
	for id, examples := range calls {
		from := operations[id]
		_, body := from.success(t)
		if from.Operation == nil || from.method != http.MethodGet || body == nil {
			continue
		}
		for name, c := range examples {
			answer := copyOf(t, body.Examples[name].Value.Value)
			for link, ref := range from.Responses.Value("200").Value.Links {
				to := operations[ref.Value.OperationID]
				if to.Operation == nil || to.method != http.MethodGet {
					continue
				}
				path := map[string]string{}
				for parameter, expression := range ref.Value.Parameters {
					path[parameter] = resolve(t, fmt.Sprint(expression), answer)
				}
				username := "mira"
				if len(path) == 0 {
					username = c.as
				}
				r.as(t, username).send(http.MethodGet, to.target(call{path: path}), nil).is(http.StatusOK)
				t.Logf("%s/%s by %s: %s", id, name, link, to.OperationID)
				followed++
			}
		}
	}
	if followed < 10 {
		t.Errorf("only %d links were followed", followed)
	}
}

// resolve returns what an expression points at in an answer.
func resolve(t *testing.T, expression string, answer any) string {
	t.Helper()
	pointer, ok := strings.CutPrefix(expression, "$response.body#/")
	if !ok {
		t.Fatalf("no pointer into an answer: %s", expression)
	}
	for step := range strings.SplitSeq(pointer, "/") {
		if items, ok := answer.([]any); ok && step == "0" && len(items) > 0 {
			answer = items[0]
			continue
		}
		answer = field(answer, step)
	}
	text, ok := answer.(string)
	if !ok {
		t.Fatalf("%s points at %v", expression, answer)
	}
	return text
}
