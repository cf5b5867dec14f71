package mockserver_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// described is an operation of the contract and a valid request.
type described struct {
	*openapi3.Operation

	call servertest.Call
}

// specOperations returns the operations of the contract by ID, with requests from its examples.
func specOperations(t *testing.T) map[string]described {
	t.Helper()
	all := map[string]described{}
	for path, item := range servertest.Spec(t).Paths.Map() {
		for method, op := range item.Operations() {
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				if p.Value.In == openapi3.ParameterInPath {
					path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", fmt.Sprint(p.Value.Example))
				}
			}
			c := servertest.Call{Method: method, Path: "/api/v1" + path}
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Value.Content {
					examples := named(media)
					c.Body = examples[slices.Sorted(maps.Keys(examples))[0]]
				}
			}
			all[op.OperationID] = described{op, c}
		}
	}
	return all
}

// named returns the examples of a body by name, as JSON.
func named(media *openapi3.MediaType) map[string]string {
	all := map[string]string{}
	add := func(name string, value any) {
		text, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		all[name] = string(text)
	}
	if media.Example != nil {
		add("default", media.Example)
	}
	for name, e := range media.Examples {
		add(name, e.Value.Value)
	}
	return all
}

// success returns the documented success with the lowest status, and its examples.
func (d described) success() (status int, r *openapi3.Response, examples map[string]string) {
	text := slices.Sorted(maps.Keys(d.Responses.Map()))[0]
	status, _ = strconv.Atoi(text)
	r = d.Responses.Value(text).Value
	if media := r.Content.Get("application/json"); media != nil {
		examples = named(media)
	}
	return status, r, examples
}

// paged reports whether an operation is paginated, so that its response is not exactly the
// example.
func (d described) paged() bool {
	return d.Parameters.GetByInAndName(openapi3.ParameterInQuery, "after") != nil
}

func TestMock_ReturnsTheExamples(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	for name, d := range specOperations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, r, examples := d.success()
			got := s.Do(t, d.call)
			if got.StatusCode != status {
				t.Fatalf("the response is %d %s, want %d", got.StatusCode, got.Text, status)
			}
			if len(examples) == 0 {
				got.Want(t, status, "")
			} else if got.Header.Get("Content-Type") != "application/json" {
				t.Errorf("Content-Type is %q", got.Header.Get("Content-Type"))
			}
			for header, h := range r.Headers {
				if h.Value.Required && got.Header.Get(header) == "" {
					t.Errorf("%s is missing", header)
				}
			}
			for example, want := range examples {
				chosen := s.Do(t, d.call.With("Prefer", "example="+example))
				if chosen.Header.Get("Preference-Applied") != "example="+example {
					t.Errorf("Preference-Applied is %q", chosen.Header.Get("Preference-Applied"))
				}
				if d.paged() {
					want = onePage(t, want)
				}
				chosen.Want(t, status, want)
			}
		})
	}
}

// onePage returns a page without a next one.
func onePage(t *testing.T, page string) string {
	t.Helper()
	fields := servertest.Decode(t, page).(map[string]any)
	fields["next"] = nil
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMock_ReturnsEveryDocumentedProblem(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	_, statuses := servertest.ProblemCodes(t)
	everywhere := servertest.Spec(t).Extensions["x-problem-codes"].([]any)
	for name, d := range specOperations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := d.Extensions["x-problem-codes"].([]any)
			for _, code := range slices.Concat(own, everywhere) {
				status, err := strconv.Atoi(fmt.Sprint(statuses[code.(string)]))
				if err != nil {
					t.Fatal(err)
				}
				got := s.Do(t, d.call.With("Prefer", "code="+code.(string)))
				p := got.WantProblem(t, status, code.(string))
				if p.Detail == "" || p.RequestID != operations.RequestID || p.Instance != d.call.Path {
					t.Errorf("the problem is %+v", p)
				}
				if got.Header.Get("Preference-Applied") != "code="+code.(string) {
					t.Errorf("Preference-Applied is %q", got.Header.Get("Preference-Applied"))
				}
				byStatus := s.Do(t, d.call.With("Prefer", "code="+strconv.Itoa(status)))
				if byStatus.StatusCode != status {
					t.Errorf("code=%d returned %d", status, byStatus.StatusCode)
				}
			}
		})
	}
}

func TestMock_HonoursPreferences(t *testing.T) {
	t.Parallel()
	join := servertest.Post("/me/enrolment", `{"registration_key": "x"}`)
	tests := map[string]struct {
		call   servertest.Call
		prefer string
		status int
		code   string // of a problem
	}{
		"a status":                             {servertest.Get("/me"), "code=401", 401, "unauthenticated"},
		"a status whose code is in an example": {join, "code=409", 409, "batch_full"},
		"another code with that status":        {join, "code=already_enrolled", 409, "already_enrolled"},
		"a status with another code":           {servertest.Patch("/batches/"+operations.BatchID, "{}"), "code=409", 409, "batch_archived"},
		"a code of any path":                   {servertest.Get("/me"), "code=500", 500, "internal"},
		"the status of a success":              {join, "code=201", 201, ""},
		"a status and an example":              {servertest.Get("/me"), "code=200, example=instructor", 200, ""},
		"unknown preferences are ignored":      {join, `return=minimal; x="y", code=409, respond-async`, 409, "batch_full"},
		"an unknown example":                   {servertest.Get("/me"), "example=nobody", 422, "invalid_request"},
		"an undocumented status":               {servertest.Get("/me"), "code=409", 422, "invalid_request"},
		"a code of another operation":          {servertest.Get("/me"), "code=batch_full", 422, "invalid_request"},
		"a code without a value":               {servertest.Get("/me"), `code="4 0 9"`, 422, "invalid_request"},
		"a wait that is not a number":          {servertest.Get("/me"), "wait=soon", 422, "invalid_request"},
		"a wait with a fraction":               {servertest.Get("/me"), "wait=1.5", 422, "invalid_request"},
		"a malformed header":                   {servertest.Get("/me"), "code=", 400, "malformed_request"},
		"the request is validated first":       {servertest.Get("/me?x=1"), "code=500", 422, "invalid_request"},
		"the caller is authenticated first":    {servertest.Get("/me").SignedOut(), "code=500", 401, "unauthenticated"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := servertest.StartMock(t).Do(t, tt.call.With("Prefer", tt.prefer))
			if tt.code != "" {
				got.WantProblem(t, tt.status, tt.code)
			} else if got.StatusCode != tt.status {
				t.Errorf("the response is %d %s, want %d", got.StatusCode, got.Text, tt.status)
			}
		})
	}
}

func TestMock_ListsTheChoices(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	p := s.Do(t, servertest.Get("/me/wakatime").With("Prefer", "example=x")).WantProblem(t, 422, "invalid_request")
	for _, want := range []string{" 200,", " 401 (api_token_invalid, session_expired, token_expired, unauthenticated)", " 503 (unavailable)", "connected, needs_reconnect, not_connected"} {
		if !strings.Contains(p.Detail, want) {
			t.Errorf("the detail lacks %q: %s", want, p.Detail)
		}
	}
	if want := []string{"Prefer unknown_preference"}; !cmp.Equal(p.Fields(), want) {
		t.Errorf("errors are %v, want %v", p.Fields(), want)
	}
}

// The first example is the first in the source, not in alphabetical order.
func TestMock_ReturnsTheFirstExample(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	for path, first := range map[string]string{"/me": "student", "/me/wakatime": "connected"} {
		call := servertest.Get(path).With("Authorization", "Bearer anybody")
		want := s.Do(t, call.With("Prefer", "example="+first))
		s.Do(t, call).Want(t, 200, want.Text)
	}
}

func TestMock_ValidationErrorsListEveryField(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	p := s.Do(t, servertest.Post("/me/enrolment", `{"registration_key": "x"}`).With("Prefer", "code=422")).WantProblem(t, 422, "invalid_request")
	if !slices.Contains(p.Fields(), "/registration_key malformed") {
		t.Errorf("errors are %v", p.Fields())
	}
	p = s.Do(t, servertest.Get("/users").With("Prefer", "code=422")).WantProblem(t, 422, "invalid_request")
	if !slices.Contains(p.Fields(), "role malformed") {
		t.Errorf("errors are %v", p.Fields())
	}
}

func TestMock_Delays(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		delay   time.Duration
		prefer  string
		path    string
		took    time.Duration
		applied string
	}{
		"no delay":                            {0, "", "/api/v1/me", 0, ""},
		"the configured delay":                {300 * time.Millisecond, "", "/api/v1/me", 300 * time.Millisecond, ""},
		"the preferred delay":                 {0, "wait=2", "/api/v1/me", 2 * time.Second, "wait=2"},
		"a preferred delay of zero":           {time.Minute, "wait=0", "/api/v1/me", 0, "wait=0"},
		"a preferred delay above the maximum": {0, "wait=99999", "/api/v1/me", httpapi.MaxWait, "wait=30"},
		"a problem":                           {time.Second, "", "/api/v1/nowhere", time.Second, ""},
		"an invalid preference":               {0, "wait=soon", "/api/v1/me", 0, ""},
		"a document":                          {time.Second, "wait=2", "/docs", 0, ""},
		"several preferences":                 {0, "wait=1, code=503", "/api/v1/me", time.Second, "wait=1|code=503"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := servertest.NewMock(t, func(c *httpapi.MockConfig) { c.Delay = tt.delay })
				req := httptest.NewRequestWithContext(t.Context(), "GET", tt.path, nil)
				req.Header.Set("Authorization", "Bearer x")
				req.Header.Set("Prefer", tt.prefer)
				rec, begun := httptest.NewRecorder(), time.Now()
				h.ServeHTTP(rec, req)
				if took := time.Since(begun); took != tt.took {
					t.Errorf("the response took %s, want %s", took, tt.took)
				}
				if got := strings.Join(rec.Result().Header.Values("Preference-Applied"), "|"); got != tt.applied {
					t.Errorf("Preference-Applied is %q, want %q", got, tt.applied)
				}
			})
		})
	}
}
