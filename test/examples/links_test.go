package examples_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// The links from each read to other reads are followed on the seeded server with the values
// of the example.
func TestLinks_CanBeFollowed(t *testing.T) {
	t.Parallel()
	_, spec := load(t)
	s := newServer(t)
	followed := 0
	for id, op := range operations.All() {
		from := spec[id]
		if from.Operation == nil || from.method != http.MethodGet {
			continue
		}
		body := from.successes()[http.StatusOK]
		if body == nil {
			continue
		}
		for name, c := range op.Examples {
			response := copyOf(t, body.Examples[name].Value.Value)
			for link, ref := range from.Responses.Value("200").Value.Links {
				to := spec[ref.Value.OperationID]
				if to.Operation == nil || to.method != http.MethodGet {
					continue
				}
				path := map[string]string{}
				for parameter, expression := range ref.Value.Parameters {
					path[parameter] = resolve(t, fmt.Sprint(expression), response)
				}
				username := "mira"
				if len(path) == 0 {
					username = c.As
				}
				s.as(t, username).Get(to.target(operations.Example{Path: path})).Expect(http.StatusOK)
				t.Logf("%s/%s by %s: %s", id, name, link, to.OperationID)
				followed++
			}
		}
	}
	if followed < 10 {
		t.Errorf("only %d links were followed", followed)
	}
}

// resolve returns the value that an expression points to in a response.
func resolve(t *testing.T, expression string, response any) string {
	t.Helper()
	pointer, ok := strings.CutPrefix(expression, "$response.body#/")
	if !ok {
		t.Fatalf("not a pointer into a response: %s", expression)
	}
	for step := range strings.SplitSeq(pointer, "/") {
		if items, ok := response.([]any); ok && step == "0" && len(items) > 0 {
			response = items[0]
			continue
		}
		response = field(response, step)
	}
	text, ok := response.(string)
	if !ok {
		t.Fatalf("%s points to %v", expression, response)
	}
	return text
}
