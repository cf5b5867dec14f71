// Package examples_test sends the request of every example to the seeded server, and
// compares the response with that of the example.
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
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

var spec = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(api.Spec) })

// operation is an operation of the contract.
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

// successes returns the bodies of the successful responses by status; nil for one without a body.
func (o operation) successes() map[int]*openapi3.MediaType {
	all := map[int]*openapi3.MediaType{}
	for text, r := range o.Responses.Map() {
		if status, err := strconv.Atoi(text); err == nil && strings.HasPrefix(text, "2") {
			all[status] = r.Value.Content.Get("application/json")
		}
	}
	return all
}

// success returns the status of the response with an example, and the example. A response
// without a body has one with an empty name.
func (o operation) success(t *testing.T, name string) (status int, body *openapi3.MediaType) {
	t.Helper()
	for status, body := range o.successes() {
		if body == nil && name == "" || body != nil && body.Examples[name] != nil {
			return status, body
		}
	}
	t.Fatalf("the contract has no example with this name")
	return 0, nil
}

// requests returns the examples of the request body.
func (o operation) requests() openapi3.Examples {
	if o.RequestBody != nil {
		for _, m := range o.RequestBody.Value.Content {
			return m.Examples
		}
	}
	return nil
}

// sent has the query parameters that are sent with the request of an example. Filters are
// checked one by one, by TestFilters_MatchSomething.
var sent = []string{"limit", "from", "to"}

// target returns the path and the query with the examples of the parameters.
func (o operation) target(c operations.Example) string {
	path, query := o.path, url.Values{}
	for _, p := range o.params {
		value := fmt.Sprint(p.Value.Example)
		switch {
		case p.Value.In == "path" && c.Path[p.Value.Name] != "":
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", c.Path[p.Value.Name])
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

// request returns the request example with the name of a response example. Where the response
// has no body, its example has no name, and that of the request has any.
func (o operation) request(name string) *openapi3.ExampleRef {
	requests := o.requests()
	if name == "" {
		for _, only := range requests {
			return only
		}
	}
	return requests[name]
}

// names returns the names of the success examples.
func (o operation) names() []string {
	var all []string
	for _, body := range o.successes() {
		if body == nil {
			all = append(all, "")
			continue
		}
		all = slices.AppendSeq(all, maps.Keys(body.Examples))
	}
	slices.Sort(all)
	return all
}

func TestExamples_AreAllSent(t *testing.T) {
	t.Parallel()
	_, spec := load(t)
	for id, o := range spec {
		documented := o.names()
		if got := slices.Sorted(maps.Keys(operations.All()[id].Examples)); !slices.Equal(got, documented) {
			t.Errorf("%s: %s has the examples %q, the contract has %q (a response without a body has the name \"\"). Add what is missing as Examples{name: {As: caller}}, remove the others", id, operations.RegistrationFile, got, documented)
		}
		for name := range o.requests() {
			if !slices.Contains(documented, "") && !slices.Contains(documented, name) {
				t.Errorf("%s: the request %q has no response with the same name. Add one, and run make examples", id, name)
			}
		}
	}
	for id := range operations.All() {
		if _, ok := spec[id]; !ok {
			t.Errorf("the contract has no operation %s. Remove it from %s", id, operations.RegistrationFile)
		}
	}
}

func TestExamples_EqualTheResponsesOfTheSeededServer(t *testing.T) {
	t.Parallel()
	doc, spec := load(t)
	files := newFiles(doc)
	if *update {
		t.Cleanup(func() { files.write(t) })
	}
	shared := newServer(t) // for reads
	for id, op := range operations.All() {
		o, ok := spec[id]
		if !ok {
			continue // TestExamples_AreAllSent
		}
		for name, c := range op.Examples {
			t.Run(strings.TrimSuffix(id+"/"+name, "/"), func(t *testing.T) {
				t.Parallel()
				s := shared
				if o.method != http.MethodGet {
					s = newServer(t)
				}
				check(t, files, s, o, name, c)
			})
		}
	}
}

func check(t *testing.T, files *files, s *server, o operation, name string, c operations.Example) {
	t.Helper()
	client := s.as(t, c.As)
	var request any
	if example := o.request(name); example != nil {
		request = copyOf(t, example.Value.Value)
	}
	if c.Prepare != nil {
		fields, _ := request.(map[string]any)
		c.Prepare(client, fields)
	}
	status, body := o.success(t, name)
	got := s.value(t, s.send(t, client, o.method, o.target(c), request).Expect(status))
	if body == nil {
		return
	}
	example := body.Examples[name]
	documented := copyOf(t, example.Value.Value)
	for _, m := range operations.All()[o.OperationID].Volatile {
		apply(t, m, got, documented)
	}
	if diff := cmp.Diff(documented, got); diff == "" {
		return
	} else if !*update {
		t.Errorf("the example differs from the response. If the response is right, run make examples (-example +response):\n%s", diff)
	}
	files.set(example.Ref, ordered(got, body.Schema))
}

// copyOf returns a copy of a JSON value.
func copyOf(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, text)
}

// apply replaces a value that differs between responses by the one of the example.
func apply(t *testing.T, m operations.Mask, got, documented any) {
	t.Helper()
	names := strings.Split(m.At, ".")
	for _, name := range names[:len(names)-1] {
		got, documented = field(got, name), field(documented, name)
	}
	last := names[len(names)-1]
	is := field(got, last)
	value, ok := is.(string)
	example, shown := field(documented, last).(string)
	switch {
	case is == nil, !shown:
		return // no random value, or no example yet
	case !ok || value == example:
		t.Errorf("%s is %v, and should differ between responses (%s)", m.At, is, m.Why)
	case m.Part == nil:
		setField(got, last, example)
	default:
		setField(got, last, m.Part.ReplaceAllLiteralString(value, m.Part.FindString(example)))
	}
}

// setField sets a property of an object, or an item of a list, that exists.
func setField(v any, name, value string) {
	switch v := v.(type) {
	case map[string]any:
		v[name] = value
	case []any:
		i, _ := strconv.Atoi(name)
		v[i] = value
	}
}

// field returns a property of an object, or an item of a list.
func field(v any, name string) any {
	if list, ok := v.([]any); ok {
		i, err := strconv.Atoi(name)
		if err != nil || i >= len(list) {
			return nil
		}
		return list[i]
	}
	m, _ := v.(map[string]any)
	return m[name]
}

func TestFilters_MatchSomething(t *testing.T) {
	t.Parallel()
	_, spec := load(t)
	s := newServer(t)
	tried := 0
	for id, o := range spec {
		for _, p := range o.params {
			if p.Value.In != "query" || p.Value.Name == "after" {
				continue
			}
			if p.Value.Example == nil {
				t.Errorf("%s: add an example to the parameter %s", id, p.Value.Name)
				continue
			}
			for _, c := range operations.All()[id].Examples {
				tried++
				client := s.as(t, c.As)
				path := strings.Split(o.target(c), "?")[0] + "?" + url.Values{p.Value.Name: {fmt.Sprint(p.Value.Example)}}.Encode()
				got, _ := read(t, s, client, path).(map[string]any)
				if items, ok := got["items"].([]any); ok && len(items) == 0 {
					t.Errorf("%s: %s returns no items", id, path)
				}
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d filters were checked", tried)
	}
}
