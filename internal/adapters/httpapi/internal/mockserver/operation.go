package mockserver

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
)

// operation implements one operation of the contract with its examples.
type operation struct {
	shared

	op        *openapi3.Operation
	successes []success
	codes     []string       // of the problems that it can return, its own first
	statuses  map[string]int // of codes
	carrier   bool           // it starts a session; its body selects a token or a cookie
	renews    bool           // it returns the session of the request with a new token or cookie
}

// success is a documented successful response.
type success struct {
	status   int
	schema   string // $ref of the body
	headers  openapi3.Headers
	examples []example // none without a body
}

type example struct {
	name string
	body any
}

func newOperation(shared shared, doc *openapi3.T, op *openapi3.Operation) *operation {
	m := &operation{shared: shared, op: op, successes: successesOf(op), statuses: map[string]int{}, carrier: startsSession(op)}
	m.renews = !m.carrier && slices.ContainsFunc(m.successes, func(s success) bool { return s.schema == sessionSchema })
	for _, codes := range []any{op.Extensions["x-problem-codes"], doc.Extensions["x-problem-codes"]} {
		list, _ := codes.([]any)
		for _, code := range list {
			status, _ := problem.Render(m.failures[fmt.Sprint(code)], http.MethodGet)
			m.codes = append(m.codes, fmt.Sprint(code))
			m.statuses[fmt.Sprint(code)] = status
		}
	}
	return m
}

// startsSession reports whether the body of an operation selects a token or a cookie.
func startsSession(op *openapi3.Operation) bool {
	for _, media := range requestBody(op) {
		if media.Schema.Value.Properties["carrier"] != nil {
			return true
		}
	}
	return false
}

func requestBody(op *openapi3.Operation) openapi3.Content {
	if op.RequestBody == nil {
		return nil
	}
	return op.RequestBody.Value.Content
}

// successesOf returns the successful responses of an operation, sorted by status.
func successesOf(op *openapi3.Operation) []success {
	var all []success
	for status, r := range op.Responses.Map() {
		if n, err := strconv.Atoi(status); err == nil && n < 300 {
			all = append(all, newSuccess(n, r.Value))
		}
	}
	slices.SortFunc(all, func(a, b success) int { return cmp.Compare(a.status, b.status) })
	return all
}

func newSuccess(status int, r *openapi3.Response) success {
	s := success{status: status, headers: r.Headers}
	media := r.Content.Get(echo.MIMEApplicationJSON)
	if media == nil {
		return s
	}
	s.schema = media.Schema.Ref
	if media.Example != nil {
		s.examples = append(s.examples, example{"default", media.Example})
	}
	// x-examples-order is set where the order matters.
	order, _ := media.Extensions["x-examples-order"].([]any)
	for _, name := range slices.SortedFunc(maps.Keys(media.Examples), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(order, any(a)), slices.Index(order, any(b))), cmp.Compare(a, b))
	}) {
		s.examples = append(s.examples, example{name, media.Examples[name].Value.Value})
	}
	return s
}

// locationsOf returns, by schema, the path prefix of the GET that reads a resource by ID.
func locationsOf(doc *openapi3.T) map[string]string {
	locations := map[string]string{}
	for path, item := range doc.Paths.Map() {
		head, last, _ := strings.Cut(path, "{")
		if item.Get == nil || !strings.HasSuffix(last, "}") || strings.Count(last, "}") > 1 {
			continue
		}
		if media := item.Get.Responses.Value("200").Value.Content.Get(echo.MIMEApplicationJSON); media != nil {
			locations[media.Schema.Ref] = spec.BasePath + head
		}
	}
	return locations
}

// responseHeaders lists the response headers of the contract that scripts may read.
func responseHeaders(doc *openapi3.T) []string {
	found := map[string]bool{echo.HeaderXRequestID: true, "Preference-Applied": true}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, r := range op.Responses.Map() {
				for name := range r.Value.Headers {
					found[name] = name != echo.HeaderSetCookie
				}
			}
		}
	}
	maps.DeleteFunc(found, func(_ string, ok bool) bool { return !ok })
	return slices.Sorted(maps.Keys(found))
}

// handle is the handler of the operation. The request is valid.
func (m *operation) handle(c echo.Context) error {
	p, err := parsePreferences(c.Request())
	if err != nil {
		return err
	}
	success, err := m.success(c, p)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	if len(success.examples) == 0 {
		m.setHeaders(h, success, nil)
		return c.NoContent(success.status)
	}
	body, err := m.body(c, success, p)
	if err != nil {
		return err
	}
	m.setHeaders(h, success, body)
	return c.JSON(success.status, body)
}

// success returns the preferred response. If it is a problem, success returns it as the
// error.
func (m *operation) success(c echo.Context, p preferences) (success, error) {
	h := c.Response().Header()
	for _, s := range m.successes {
		byCode := p.code == "" || p.code == strconv.Itoa(s.status)
		byName := p.example == "" || slices.ContainsFunc(s.examples, func(e example) bool { return e.name == p.example })
		if byCode && byName {
			applied(h, "code", p.code)
			applied(h, "example", p.example)
			return s, nil
		}
	}
	if code := m.problemFor(p.code); code != "" {
		applied(h, "code", p.code)
		return success{}, m.problem(code)
	}
	return success{}, unknownPreference("This operation has no such response. " + m.choices())
}

// problemFor returns the problem code for a preferred code or status. For a status it is
// the code in the contract's example if the operation has that code, and otherwise the
// first. It returns "" if there is none.
func (m *operation) problemFor(preferred string) string {
	if slices.Contains(m.codes, preferred) {
		return preferred
	}
	status, err := strconv.Atoi(preferred)
	if err != nil {
		return ""
	}
	if r := m.op.Responses.Status(status); r != nil {
		if media := r.Value.Content.Get("application/problem+json"); media != nil {
			example, _ := media.Example.(map[string]any)
			if shown := fmt.Sprint(example["code"]); slices.Contains(m.codes, shown) {
				return shown
			}
		}
	}
	i := slices.IndexFunc(m.codes, func(code string) bool { return m.statuses[code] == status })
	if i < 0 {
		return ""
	}
	return m.codes[i]
}

// problem returns the error with a code. A validation error lists all fields and
// parameters of the operation, so that a form can show every field as invalid.
func (m *operation) problem(code string) error {
	if code != domain.ErrInvalid.Code {
		return m.failures[code]
	}
	const detail = "This value is not allowed."
	invalid := &problem.ValidationError{}
	for _, media := range requestBody(m.op) {
		for _, name := range slices.Sorted(maps.Keys(media.Schema.Value.Properties)) {
			invalid.Pointer("/"+problem.EscapePointer(name), "malformed", detail)
		}
	}
	for _, p := range m.op.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			invalid.Parameter(p.Value.Name, "malformed", detail)
		}
	}
	if len(invalid.Fields) == 0 {
		return domain.ErrInvalid
	}
	return invalid
}

// choices describes the possible values of code and example.
func (m *operation) choices() string {
	responses := map[int][]string{} // the problem codes of each status
	var examples []string
	for _, s := range m.successes {
		responses[s.status] = nil
		for _, e := range s.examples {
			examples = append(examples, e.name)
		}
	}
	for _, code := range m.codes {
		responses[m.statuses[code]] = append(responses[m.statuses[code]], code)
	}
	var codes []string
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		one := strconv.Itoa(status)
		if problems := responses[status]; problems != nil {
			one += " (" + strings.Join(problems, ", ") + ")"
		}
		codes = append(codes, one)
	}
	text := "Set code to one of: " + strings.Join(codes, ", ")
	if len(examples) > 0 {
		text += ". Set example to one of: " + strings.Join(examples, ", ")
	}
	return text + "."
}
