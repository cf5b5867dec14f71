// Package examples_test sends every documented request to the seeded server, and
// compares what it answers with what is documented.
package examples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/api"
)

var spec = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(api.Spec) })

// operation is one operation of the contract.
type operation struct {
	*openapi3.Operation

	method, path string
	params       openapi3.Parameters
}

func load(t *testing.T) (*openapi3.T, map[string]operation) {
	t.Helper()
	doc, err := spec()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all[op.OperationID] = operation{op, method, path, slices.Concat(item.Parameters, op.Parameters)}
		}
	}
	return doc, all
}

// success returns the status that the operation answers with when all is well, with
// the examples of its body.
func (o operation) success(t *testing.T) (status int, body *openapi3.MediaType) {
	t.Helper()
	for text, r := range o.Responses.Map() {
		if strings.HasPrefix(text, "2") {
			if status != 0 {
				t.Fatalf("%s has two ways to be well", o.OperationID)
			}
			status, _ = strconv.Atoi(text)
			body = r.Value.Content.Get("application/json")
		}
	}
	return status, body
}

// requests returns the examples of the request's body.
func (o operation) requests() openapi3.Examples {
	if o.RequestBody != nil {
		for _, m := range o.RequestBody.Value.Content {
			return m.Examples
		}
	}
	return nil
}

// target returns the path with the query that the examples of the parameters make.
func (o operation) target(c call) string {
	path, query := o.path, url.Values{}
	for _, p := range o.params {
		value := fmt.Sprint(p.Value.Example)
		switch {
		case p.Value.In == "path" && c.path[p.Value.Name] != "":
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", c.path[p.Value.Name])
		case p.Value.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", value)
		case p.Value.In == "query" && slices.Contains(sent, p.Value.Name):
			query.Set(p.Value.Name, value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// names lists the success examples, or the empty name for an answer without a body.
func names(body *openapi3.MediaType) []string {
	if body == nil {
		return []string{""}
	}
	return slices.Sorted(maps.Keys(body.Examples))
}

func TestExamples_AreAllSent(t *testing.T) {
	t.Parallel()
	_, operations := load(t)
	for id, o := range operations {
		_, body := o.success(t)
		if got := slices.Sorted(maps.Keys(calls[id])); !slices.Equal(got, names(body)) {
			t.Errorf("%s: the table of this test knows the examples %q, the contract has %q", id, got, names(body))
		}
		for name := range o.requests() {
			if body != nil && body.Examples[name] == nil {
				t.Errorf("%s: the request %q has no answer of the same name; give it one, and run make examples", id, name)
			}
		}
	}
	for id := range calls {
		if _, ok := operations[id]; !ok {
			t.Errorf("there is no operation %s any more; take it out of the table of this test", id)
		}
	}
	for id := range volatile {
		if _, ok := operations[id]; !ok {
			t.Errorf("there is no operation %s any more; take it out of the table of what is volatile", id)
		}
	}
}

func TestExamples_EqualTheResponsesOfTheSeededServer(t *testing.T) {
	t.Parallel()
	doc, operations := load(t)
	book := newBook(doc)
	if *update {
		t.Cleanup(func() { book.write(t) })
	}
	shared := newRoom(t) // for who only reads
	for id, examples := range calls {
		o, ok := operations[id]
		if !ok {
			continue // another test tells
		}
		for name, c := range examples {
			t.Run(strings.TrimSuffix(id+"/"+name, "/"), func(t *testing.T) {
				t.Parallel()
				r := shared
				if o.method != http.MethodGet {
					r = newRoom(t)
				}
				check(t, book, r, o, name, c)
			})
		}
	}
}

func check(t *testing.T, book *book, r *room, o operation, name string, c call) {
	t.Helper()
	client := r.as(t, c.as)
	var request any
	if example := o.requests()[name]; example != nil {
		request = copyOf(t, example.Value.Value)
		if c.prepare != nil {
			fields, _ := request.(map[string]any)
			c.prepare(t, client, fields)
		}
	}
	status, body := o.success(t)
	got := client.send(o.method, o.target(c), request).is(status).value(t)
	if body == nil {
		return
	}
	example := body.Examples[name]
	if example == nil {
		t.Fatalf("the contract has no such example")
	}
	documented := copyOf(t, example.Value.Value)
	for _, m := range volatile[o.OperationID] {
		m.apply(t, got, documented)
	}
	if diff := cmp.Diff(documented, got); diff == "" {
		return
	} else if !*update {
		t.Errorf("the example is not what the server answers; if the server is right, run make examples (-documented +answered):\n%s", diff)
	}
	book.set(example.Ref, ordered(got, body.Schema))
}

// copyOf returns a value as JSON gives it.
func copyOf(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, text)
}

// apply puts what is documented in the place of what differs from answer to answer.
func (m mask) apply(t *testing.T, got, documented any) {
	t.Helper()
	names := strings.Split(m.at, ".")
	for _, name := range names[:len(names)-1] {
		got, documented = field(got, name), field(documented, name)
	}
	last := names[len(names)-1]
	is, _ := got.(map[string]any)
	value, ok := is[last].(string)
	said, shown := field(documented, last).(string)
	switch {
	case is[last] == nil, !shown:
		return // nothing was drawn, or nothing is shown yet
	case !ok || value == said:
		t.Errorf("%s is %v, and is said to be different each time (%s)", m.at, is[last], m.why)
	case m.part == nil:
		is[last] = said
	default:
		is[last] = m.part.ReplaceAllLiteralString(value, m.part.FindString(said))
	}
}

func field(v any, name string) any {
	m, _ := v.(map[string]any)
	return m[name]
}

// A filter that matches nothing teaches nothing.
func TestFilters_MatchSomething(t *testing.T) {
	t.Parallel()
	_, operations := load(t)
	r := newRoom(t)
	tried := 0
	for id, o := range operations {
		for _, p := range o.params {
			if p.Value.In != "query" || p.Value.Name == "after" {
				continue
			}
			if p.Value.Example == nil {
				t.Errorf("%s: give the parameter %s an example", id, p.Value.Name)
				continue
			}
			for _, c := range calls[id] {
				tried++
				client := r.as(t, c.as)
				path := strings.Split(o.target(c), "?")[0] + "?" + url.Values{p.Value.Name: {fmt.Sprint(p.Value.Example)}}.Encode()
				got, _ := client.send(http.MethodGet, path, nil).is(http.StatusOK).value(t).(map[string]any)
				if items, ok := got["items"].([]any); ok && len(items) == 0 {
					t.Errorf("%s: %s lists nothing", id, path)
				}
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d filters were tried", tried)
	}
}
