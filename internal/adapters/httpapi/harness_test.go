package httpapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/contract"
)

const (
	token     = "Zk3vQ1mXZk3vQ1mXZk3vQ1mXZk3vQ1mXZk3vQ1mXZk3"
	requestID = "01a13bad-ac40-7f0e-b2d6-9c3a41e85d70"
	adaID     = "01a07bf8-d460-7a15-8c2d-4b6e8f1a3c57"
	batchID   = "01a03412-2700-7d3a-b1c8-5e7f90a2436d"
	origin    = "https://gradus.example"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func id[Of any](s string) domain.ID[Of] {
	parsed, err := domain.ParseID[Of](s)
	if err != nil {
		panic(err)
	}
	return parsed
}

// server is the real middleware on mocked driving ports, behind a real listener.
type server struct {
	URL     string
	Handler http.Handler
	Client  *http.Client // checks every answer against the contract
	Log     *logged
	Probes  httpapi.Probes
	Actor   domain.Actor // who SignedIn signs in, as use cases see them
	Stop    func()       // ends the server when all requests are over

	*httpapi.Metrics

	Sessions    *mock.MockSessions
	Accounts    *mock.MockAccounts
	Batches     *mock.MockBatches
	Staff       *mock.MockBatchStaff
	Students    *mock.MockStudents
	Connections *mock.MockConnections
	Tracking    *mock.MockTracking
	Insights    *mock.MockInsights
	AuditLog    *mock.MockAuditLog
	Repeats     *mock.MockIdempotency
}

// serve starts a server for people behind https://gradus.example.
func serve(tb testing.TB, change ...func(*httpapi.Config)) *server {
	tb.Helper()
	return serveWith(tb, func() time.Time { return now }, change...)
}

// serveWith starts a server with a clock of the test's own.
func serveWith(tb testing.TB, clock ports.Clock, change ...func(*httpapi.Config)) *server {
	tb.Helper()
	ctrl := gomock.NewController(tb)
	s := &server{
		Client:  contract.Client(tb),
		Log:     &logged{},
		Probes:  httpapi.Probes{Draining: &atomic.Bool{}, Ready: map[string]httpapi.Probe{}},
		Metrics: httpapi.NewMetrics(),
		Actor: domain.Actor{
			UserID: id[domain.User](adaID), Role: domain.RoleStudent, Batch: id[domain.Batch](batchID),
			SessionID: id[domain.Session]("01a13b00-0000-7000-8000-000000000001"),
			Origin:    domain.Origin{RequestID: requestID, Address: "127.0.0.1"},
		},
		Sessions:    mock.NewMockSessions(ctrl),
		Accounts:    mock.NewMockAccounts(ctrl),
		Batches:     mock.NewMockBatches(ctrl),
		Staff:       mock.NewMockBatchStaff(ctrl),
		Students:    mock.NewMockStudents(ctrl),
		Connections: mock.NewMockConnections(ctrl),
		Tracking:    mock.NewMockTracking(ctrl),
		Insights:    mock.NewMockInsights(ctrl),
		AuditLog:    mock.NewMockAuditLog(ctrl),
		Repeats:     mock.NewMockIdempotency(ctrl),
	}
	cfg := plainConfig(tb)
	for _, f := range change {
		f(&cfg)
	}
	h, err := httpapi.New(cfg, httpapi.UseCases{
		Sessions: s.Sessions, Accounts: s.Accounts, Batches: s.Batches, BatchStaff: s.Staff, Students: s.Students,
		Connections: s.Connections, Tracking: s.Tracking, Insights: s.Insights, AuditLog: s.AuditLog, Repeats: s.Repeats,
	}, s.Probes, s.Metrics, clock, func() [16]byte { return id[any](requestID) }, slog.New(slog.NewJSONHandler(s.Log, nil)))
	if err != nil {
		tb.Fatal(err)
	}
	listening := httptest.NewServer(h)
	tb.Cleanup(listening.Close)
	s.Handler, s.URL, s.Stop = h, listening.URL, listening.Close
	return s
}

// SignedIn makes the token lead to the server's Actor, any number of times.
func (s *server) SignedIn() *server {
	a := s.Actor
	a.Origin = domain.Origin{}
	s.Sessions.EXPECT().Authenticate(anything, domain.Secret(token)).Return(a, nil).AnyTimes()
	return s
}

// anyone is the actor of people who are not signed in.
func anyone() domain.Actor {
	return domain.Actor{Role: domain.RoleAnyone, Origin: domain.Origin{RequestID: requestID, Address: "127.0.0.1"}}
}

// call is one request. It carries the token, and a body has the Content-Type that
// its method wants, unless the header says otherwise.
type call struct {
	method, path, body string
	header             map[string]string // an empty value leaves a header out
	stream             io.Reader         // a body of unknown length instead
}

// reply is an answer that was read to its end.
type reply struct {
	*http.Response

	body string
}

func (s *server) do(t *testing.T, c call) reply {
	t.Helper()
	body := c.stream
	if body == nil && c.body != "" {
		body = strings.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		if c.method == http.MethodPatch {
			req.Header.Set("Content-Type", "application/merge-patch+json")
		}
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
		if name == "Host" {
			req.Host = value
		}
	}
	return s.send(t, req)
}

// send sends a request as it is.
func (s *server) send(t *testing.T, req *http.Request) reply {
	t.Helper()
	resp, err := s.Client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return reply{resp, string(text)}
}

// problem is a failure as the tests look at it.
type problem struct {
	Status    int
	Code      string
	Detail    string
	RequestID string `json:"request_id"`
	Instance  string
	Errors    []field
}

// field is one wrong field: its pointer or the name of its parameter, and the code.
type field struct{ Pointer, Parameter, Code, Detail string }

func (f field) String() string { return f.Pointer + f.Parameter + " " + f.Code }

// refused reads an answer that has to be a problem.
func (r reply) refused(t *testing.T, status int, code string) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("the answer %d is no problem: %v\n%s", r.StatusCode, err, r.body)
	}
	if r.StatusCode != status || p.Code != code || p.Status != status {
		t.Fatalf("the answer is %d %s, want %d %s:\n%s", r.StatusCode, p.Code, status, code, r.body)
	}
	return p
}

// fields lists what is wrong, by place and code.
func (p problem) fields() []string {
	var list []string
	for _, f := range p.Errors {
		list = append(list, f.String())
	}
	return list
}

// is checks status and body of an answer; an empty body wants none.
func (r reply) is(t *testing.T, status int, want string) {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("the answer is %d, want %d:\n%s", r.StatusCode, status, r.body)
	}
	if want == "" && r.body == "" {
		return
	}
	if diff := cmp.Diff(decode(t, want), decode(t, r.body)); diff != "" {
		t.Errorf("the answer is not what the port said; mend the handler that renders it, or this row with the contract (-want +got):\n%s", diff)
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("this is no JSON: %v\n%s", err, text)
	}
	return v
}

// logged keeps what was logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// logLines stops the server, since a request is logged after it was answered, and
// returns the lines of the log.
func (s *server) logLines(t *testing.T) []map[string]any {
	t.Helper()
	s.Stop()
	var lines []map[string]any
	for line := range strings.Lines(s.Log.String()) {
		lines = append(lines, decode(t, line).(map[string]any))
	}
	return lines
}

// plainConfig is what a server for people behind https://gradus.example is told.
func plainConfig(tb testing.TB) httpapi.Config {
	tb.Helper()
	public, err := url.Parse(origin)
	if err != nil {
		tb.Fatal(err)
	}
	return httpapi.Config{PublicURL: public, RequestTimeout: time.Minute, MaxBody: 1 << 18}
}

// anything is what every call of a port has for a context.
var anything = gomock.Any()

// dial opens a connection to a server, for what no HTTP client sends.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
