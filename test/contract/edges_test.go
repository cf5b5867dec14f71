package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Each number, date, timestamp and text of each operation can be at the edges of its range:
// the response is within the contract. A value beyond is rejected for that field.
func testEdges(t *testing.T) {
	t.Helper()
	e := freshOrExisting(t)
	e.each(all, func(op operation, caller session) {
		for _, in := range op.inputs() {
			inside, beyond := edges(in.schema)
			for _, value := range inside {
				e.accepted(op, caller, in, value)
			}
			for _, value := range beyond {
				e.outOfRange(op, caller, in, value)
			}
		}
		e.rangesAtTheEdges(op, caller)
	})
}

// input is a parameter, or a property of the body.
type input struct {
	in, name string
	schema   *openapi3.Schema
}

func (o operation) inputs() []input {
	var all []input
	for _, p := range o.params {
		if p.Value.In != openapi3.ParameterInPath {
			all = append(all, input{p.Value.In, p.Value.Name, p.Value.Schema.Value})
		}
	}
	if media := o.media(); media != "" {
		properties := o.RequestBody.Value.Content[media].Schema.Value.Properties
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			all = append(all, input{"body", name, properties[name].Value})
		}
	}
	return all
}

// edges returns the values at both ends of a schema's range, and some beyond.
func edges(s *openapi3.Schema) (inside, beyond []any) {
	first, last := fmt.Sprint(s.Extensions["x-minimum"]), fmt.Sprint(s.Extensions["x-maximum"])
	switch {
	case s.Type.Is("integer"):
		low, high := int64(*s.Min), int64(*s.Max)
		return []any{low, high}, []any{low - 1, high + 1, json.Number("1" + strings.Repeat("0", 30)), json.Number("-1" + strings.Repeat("0", 30))}
	case s.Format == "date":
		return []any{first, last}, []any{day(first, -1), day(last, 1), "0000-01-01", "0001-01-01", "9999-12-31", "-001-01-01", "10000-01-01", ""}
	case s.Format == "date-time":
		east, west := strings.Replace(first, "Z", "-12:00", 1), strings.Replace(last, "Z", "+12:00", 1)
		return []any{first, last, east, west}, []any{
			strings.Replace(first, "Z", "+00:01", 1), strings.Replace(last, "Z", "-00:01", 1),
			"0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "10000-01-01T00:00:00Z", "",
		}
	case s.Type.Is("string") && s.MaxLength != nil && s.Format != "email":
		return []any{strings.Repeat("7", int(*s.MaxLength))}, []any{strings.Repeat("7", int(*s.MaxLength)+1)}
	}
	return nil, nil
}

func day(s string, offset int) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err) // the contract has another form
	}
	return t.AddDate(0, 0, offset).Format(time.DateOnly)
}

// set returns a request with a value for an input.
func (in input) set(op operation, r request, value any) request {
	switch in.in {
	case openapi3.ParameterInQuery:
		return r.withQuery(url.Values{in.name: {fmt.Sprint(value)}}.Encode())
	case openapi3.ParameterInHeader:
		return r.with(in.name, fmt.Sprint(value))
	}
	body := map[string]any{}
	if example, ok := op.example().(map[string]any); ok {
		maps.Copy(body, example)
	}
	body[in.name] = value
	r.body = body
	return r
}

// accepted sends a value within its range. A rule may reject it, such as one that compares
// it with another field, but not its range.
func (e *env) accepted(op operation, caller session, in input, value any) {
	e.t.Helper()
	res := e.do(op.OperationID, caller, in.set(op, e.plain(op, caller), value))
	if res.Status >= http.StatusInternalServerError && res.Code() != "busy" {
		e.errorf("%s with %s %v returned %d: %.300s", op.OperationID, in.name, value, res.Status, res.Body)
	}
	for _, f := range fieldsOf(res.Body) {
		if shape := []string{"out_of_range", "day_invalid", "timestamp_invalid", "length"}; f.is(in) && slices.Contains(shape, f.Code) {
			e.errorf("%s rejects %s %v, which is in its range: %.300s", op.OperationID, in.name, value, res.Body)
		}
	}
}

// outOfRange sends a value beyond its range.
func (e *env) outOfRange(op operation, caller session, in input, value any) {
	e.t.Helper()
	if in.in == openapi3.ParameterInHeader && value == "" {
		return // is no header
	}
	res := e.rejected(op.OperationID, caller, in.set(op, e.plain(op, caller), value), "invalid_request")
	if !slices.ContainsFunc(fieldsOf(res.Body), func(f invalidField) bool { return f.is(in) }) {
		e.errorf("%s with %s %v does not name the field: %.300s", op.OperationID, in.name, value, res.Body)
	}
}

// rangesAtTheEdges requests ranges of days at both ends of the calendar.
func (e *env) rangesAtTheEdges(op operation, caller session) {
	e.t.Helper()
	from, to := op.params.GetByInAndName("query", "from"), op.params.GetByInAndName("query", "to")
	if from == nil || to == nil || from.Schema.Value.Format != "date" {
		return
	}
	first, last := fmt.Sprint(from.Schema.Value.Extensions["x-minimum"]), fmt.Sprint(to.Schema.Value.Extensions["x-maximum"])
	for _, query := range []string{
		"from=" + first + "&to=" + first, "from=" + first + "&to=" + day(first, 365), "to=" + first, "to=" + day(first, 1),
		"from=" + last + "&to=" + last, "from=" + day(last, -365) + "&to=" + last, "to=" + last,
	} {
		if res := e.do(op.OperationID, caller, e.plain(op, caller).withQuery(query)); !res.OK() {
			e.errorf("%s?%s returned %d: %.300s", op.OperationID, query, res.Status, res.Body)
		}
	}
}

// invalidField is a validation error.
type invalidField struct{ Pointer, Parameter, Code string }

func (f invalidField) is(in input) bool {
	if in.in == "body" {
		return f.Pointer == "/"+in.name
	}
	return f.Parameter == in.name
}

// fieldsOf returns the validation errors of a response.
func fieldsOf(body []byte) []invalidField {
	var p struct{ Errors []invalidField }
	if json.Unmarshal(body, &p) != nil {
		return nil
	}
	return p.Errors
}
