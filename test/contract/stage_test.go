package contract_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/democlass/classtest"
	contractkit "github.com/gradus-dev/gradus/internal/testkit/contract"
)

// obj is a JSON object.
type obj = map[string]any

// values are those of path parameters.
type values = map[string]string

// stage is a server with people on it, as one test sees it.
type stage struct {
	t      *testing.T
	book   *book
	url    string // of the API
	http   *http.Client
	room   *classtest.Server // nil when the server is not ours
	people map[string]person
	mine   map[string]values // what concerns somebody of a role
	others map[string]values // what does not
}

// person is somebody who is signed in. The zero one is nobody.
type person struct{ role, id, email, token string }

// call is a request for an operation. The zero one is its path with nothing besides.
type call struct {
	values values
	query  string
	header http.Header
	body   any // []byte is sent as it is, everything else as JSON
}

// answer is what came back.
type answer struct {
	status int
	code   string // of the problem, if it is one
	header http.Header
	body   []byte
}

func newStage(t *testing.T, room *classtest.Server) *stage {
	t.Helper()
	s := &stage{
		t: t, book: contract(t), url: theTarget.url, room: room, http: checkedClient(t),
		people: map[string]person{}, mine: map[string]values{}, others: map[string]values{},
	}
	if room != nil {
		s.url = room.URL
	}
	return s
}

// checkedClient returns a client that holds every answer to the contract. What it
// complains of stands in the report, too.
func checkedClient(t *testing.T) *http.Client {
	t.Helper()
	return contractkit.Client(witness{t})
}

// witness writes into the report what fails its test.
type witness struct{ *testing.T }

// Errorf fails the test.
func (w witness) Errorf(format string, args ...any) {
	w.Helper()
	theLedger.fault(format, args...)
	w.T.Errorf(format, args...)
}

// errorf says that the server breaks the contract.
func (s *stage) errorf(format string, args ...any) {
	s.t.Helper()
	witness{s.t}.Errorf(format, args...)
}

// do sends a request for an operation and notes the answer.
func (s *stage) do(id string, by person, c call) answer {
	s.t.Helper()
	op, ok := s.book.byID[id]
	if !ok {
		s.t.Fatalf("the contract has no operation %s", id)
	}
	if !theTarget.writes && !op.safe() {
		s.t.Fatalf("%s would change something, and the target is read-only", id)
	}
	a := s.send(op.method, op.fill(c.values), op.media(), by, c)
	theLedger.note(op, a)
	if a.status == http.StatusInternalServerError && s.room != nil {
		s.t.Logf("%s answered 500. What the server says of it:\n%s", id, s.logged(a))
	}
	return a
}

// logged is what our server has logged about a request.
func (s *stage) logged(a answer) string {
	var found strings.Builder
	for line := range strings.Lines(s.room.Log.String()) {
		if strings.Contains(line, a.header.Get("X-Request-Id")) {
			found.WriteString(line)
		}
	}
	return found.String()
}

// send sends a request to a path.
func (s *stage) send(method, path, media string, by person, c call) answer {
	s.t.Helper()
	var body io.Reader
	switch b := c.body.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	if c.query != "" {
		path += "?" + c.query
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", media)
	}
	if by.token != "" {
		r.Header.Set("Authorization", "Bearer "+by.token)
	}
	maps.Copy(r.Header, c.header)
	return s.receive(r)
}

func (s *stage) receive(r *http.Request) answer {
	s.t.Helper()
	res, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: text}
	if a.status >= http.StatusBadRequest {
		a.code, _ = into[obj](s.t, a)["code"].(string)
	}
	return a
}

// must is do for what everything after it needs.
func (s *stage) must(id string, by person, c call) answer {
	s.t.Helper()
	a := s.do(id, by, c)
	if a.status >= http.StatusMultipleChoices {
		s.errorf("%s by %s answered %d: %s", id, role(by), a.status, a.body)
		s.t.FailNow()
	}
	return a
}

// refused asks for something and says so if the answer is not as expected.
func (s *stage) refused(id string, by person, c call, code string) answer {
	s.t.Helper()
	a := s.do(id, by, c)
	if a.code != code {
		s.errorf("%s by %s answered %d %s, want %s: %.300s", id, role(by), a.status, a.code, code, a.body)
	}
	return a
}

func role(p person) string {
	if p.token == "" {
		return "nobody"
	}
	return p.role
}

// into decodes an answer; without a body it is the zero value.
func into[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if len(a.body) == 0 {
		return v
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("the answer is no JSON: %v: %.300s", err, a.body)
	}
	return v
}
