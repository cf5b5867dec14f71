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
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/session"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
)

// operation answers one operation of the contract from its examples.
type operation struct {
	cookies   session.Cookies
	op        *openapi3.Operation
	successes []success
	codes     []string          // of the problems that it may answer with, its own first
	failures  map[string]error  // all that there are, by code
	statuses  map[string]int    // of the codes
	readers   map[string]string // where a thing is read by its id, by its schema
	carrier   bool              // its body says whether a cookie carries the session
}

// success is one documented success.
type success struct {
	status   int
	schema   string // reference of the body's schema
	headers  openapi3.Headers
	examples []example // none without a body
}

type example struct {
	name string
	body any
}

func newOperation(cookies session.Cookies, doc *openapi3.T, op *openapi3.Operation, readers map[string]string, failures map[string]error) *operation {
	m := &operation{cookies: cookies, op: op, failures: failures, statuses: map[string]int{}, readers: readers}
	for status, r := range op.Responses.Map() {
		if n, err := strconv.Atoi(status); err == nil && n < 300 {
			m.successes = append(m.successes, newSuccess(n, r.Value))
		}
	}
	slices.SortFunc(m.successes, func(a, b success) int { return cmp.Compare(a.status, b.status) })
	for _, codes := range []any{op.Extensions["x-problem-codes"], doc.Extensions["x-problem-codes"]} {
		list, _ := codes.([]any)
		for _, code := range list {
			status, _ := problem.Render(failures[fmt.Sprint(code)], http.MethodGet)
			m.codes = append(m.codes, fmt.Sprint(code))
			m.statuses[fmt.Sprint(code)] = status
		}
	}
	for _, media := range m.requestBody() {
		m.carrier = m.carrier || media.Schema.Value.Properties["carrier"] != nil
	}
	return m
}

func (m *operation) requestBody() openapi3.Content {
	if m.op.RequestBody == nil {
		return nil
	}
	return m.op.RequestBody.Value.Content
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
	// The bundle notes the order where there is one to keep.
	order, _ := media.Extensions["x-examples-order"].([]any)
	for _, name := range slices.SortedFunc(maps.Keys(media.Examples), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(order, any(a)), slices.Index(order, any(b))), cmp.Compare(a, b))
	}) {
		s.examples = append(s.examples, example{name, media.Examples[name].Value.Value})
	}
	return s
}

// readersOf tells where a thing of each schema is read by its id.
func readersOf(doc *openapi3.T) map[string]string {
	readers := map[string]string{}
	for path, item := range doc.Paths.Map() {
		head, last, _ := strings.Cut(path, "{")
		if item.Get == nil || !strings.HasSuffix(last, "}") || strings.Count(last, "}") > 1 {
			continue
		}
		if media := item.Get.Responses.Value("200").Value.Content.Get(echo.MIMEApplicationJSON); media != nil {
			readers[media.Schema.Ref] = spec.BasePath + head
		}
	}
	return readers
}

// responseHeaders lists the headers that answers of the contract have, for pages of
// other origins to read.
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

// answer is the operation's handler: the layers above have found nothing wrong.
func (m *operation) answer(c echo.Context) error {
	w, err := readWishes(c.Request())
	if err != nil {
		return err
	}
	success, err := m.success(c, w)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	if len(success.examples) == 0 {
		m.setHeaders(h, success, nil)
		return c.NoContent(success.status)
	}
	body, err := m.body(c, success, w)
	if err != nil {
		return err
	}
	m.setHeaders(h, success, body)
	return c.JSON(success.status, body)
}

// success chooses among the documented answers; a chosen problem is the error.
func (m *operation) success(c echo.Context, w wishes) (success, error) {
	h := c.Response().Header()
	for _, s := range m.successes {
		byCode := w.code == "" || w.code == strconv.Itoa(s.status)
		byName := w.example == "" || slices.ContainsFunc(s.examples, func(e example) bool { return e.name == w.example })
		if byCode && byName {
			applied(h, "code", w.code)
			applied(h, "example", w.example)
			return s, nil
		}
	}
	if code := m.problemFor(w.code); code != "" {
		applied(h, "code", w.code)
		return success{}, m.problem(code)
	}
	return success{}, unknownPreference("This operation has no such answer. " + m.choices())
}

// problemFor finds the code of a problem by itself or by its status: the one that
// the contract shows for that status where the operation has it, and else the first.
func (m *operation) problemFor(wish string) string {
	if slices.Contains(m.codes, wish) {
		return wish
	}
	status, err := strconv.Atoi(wish)
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

// problem returns the failure of a code. An invalid request names all that the
// request may hold, so that a form can show each of its fields marked.
func (m *operation) problem(code string) error {
	if code != domain.ErrInvalid.Code {
		return m.failures[code]
	}
	const detail = "This value is not allowed here."
	bad := &problem.ValidationError{}
	for _, media := range m.requestBody() {
		for _, name := range slices.Sorted(maps.Keys(media.Schema.Value.Properties)) {
			bad.Pointer("/"+problem.EscapePointer(name), "invalid", detail)
		}
	}
	for _, p := range m.op.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			bad.Parameter(p.Value.Name, "invalid", detail)
		}
	}
	if len(bad.Fields) == 0 {
		return domain.ErrInvalid
	}
	return bad
}

// choices lists what code and example may be.
func (m *operation) choices() string {
	answers := map[int][]string{} // the codes of problems, by status
	var examples []string
	for _, s := range m.successes {
		answers[s.status] = nil
		for _, e := range s.examples {
			examples = append(examples, e.name)
		}
	}
	for _, code := range m.codes {
		answers[m.statuses[code]] = append(answers[m.statuses[code]], code)
	}
	var codes []string
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		one := strconv.Itoa(status)
		if problems := answers[status]; problems != nil {
			one += " (" + strings.Join(problems, ", ") + ")"
		}
		codes = append(codes, one)
	}
	text := "Prefer code to be one of: " + strings.Join(codes, ", ")
	if len(examples) > 0 {
		text += ". Prefer example to be one of: " + strings.Join(examples, ", ")
	}
	return text + "."
}
