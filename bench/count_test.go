package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/testkit/school"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
)

// counted is the number of requests of each read whose round trips are counted.
const counted = 20

// count counts what each read needs of the database, before a vacuum and afterwards.
func count(b *testing.B, s school.School, conn *pgx.Conn, address string) []readResult {
	b.Helper()
	recorder := &statements.Recorder{}
	p, through := newProxy(b, address)
	app := newApp(b, through, recorder)
	handler := recorder.Handler(app)
	out := make([]readResult, len(reads))
	explain := func(i int) (buffers, rows int) {
		t := out[i].target
		call(b, handler, t)
		recorder.Take()
		call(b, handler, t)
		record := recorder.Take()
		out[i].Statements = len(record.Statements)
		for _, statement := range record.Statements {
			most, read := 0, 0
			for _, mode := range statements.Modes {
				plan, err := statements.Explain(b.Context(), conn, statement, mode)
				if err != nil {
					b.Fatalf("%s: %v", t.path, err)
				}
				most, read = max(most, plan.Buffers), max(read, plan.Rows)
			}
			buffers, rows = buffers+most, rows+read
		}
		return buffers, rows
	}
	// A key that the server can read.
	rotation := read{as: school.Admin, path: "/batches/{small}/registration-key/rotation"}.target(s, nil)
	request(b, handler, http.MethodPost, rotation)
	for i, r := range reads {
		t := r.target(s, nil)
		if r.after != "" {
			t.path = seek(b, handler, t, r.after)
		}
		out[i] = readResult{Read: r.name(), Caller: r.as, Path: t.path, Goal: r.goal, target: t}
		out[i].Unvacuumed, _ = explain(i)
	}
	if err := school.Vacuum(context.WithoutCancel(b.Context()), conn); err != nil {
		b.Fatal(err)
	}
	for i := range out {
		out[i].Buffers, out[i].Rows = explain(i)
		before := p.trips.Load()
		for range counted {
			out[i].Bytes = call(b, handler, out[i].target)
		}
		out[i].Trips = float64(p.trips.Load()-before) / counted
	}
	return out
}

// call sends a request without a network and returns the size of the body.
func call(b *testing.B, h http.Handler, t target) int {
	b.Helper()
	return len(request(b, h, http.MethodGet, t))
}

func request(b *testing.B, h http.Handler, method string, t target) (body []byte) {
	b.Helper()
	req := httptest.NewRequestWithContext(b.Context(), method, t.path, http.NoBody)
	req.Header.Set("Authorization", "Bearer "+t.token)
	res := httptest.NewRecorder()
	h.ServeHTTP(res, req)
	if res.Code != http.StatusOK {
		b.Fatalf("%s %s: %d\n%s", method, t.path, res.Code, res.Body)
	}
	return res.Body.Bytes()
}

// seek returns the path of the page of a list after a key in JSON. A list of one page has none
// that is late.
func seek(b *testing.B, h http.Handler, t target, key string) string {
	b.Helper()
	var page struct{ Next *string }
	if err := json.Unmarshal(request(b, h, http.MethodGet, t), &page); err != nil {
		b.Fatal(err)
	}
	if page.Next == nil {
		return t.path
	}
	text, err := base64.RawURLEncoding.DecodeString(*page.Next)
	if err != nil {
		b.Fatal(err)
	}
	var cursor map[string]any
	if err := json.Unmarshal(text, &cursor); err != nil {
		b.Fatal(err)
	}
	cursor["k"] = json.RawMessage(key)
	if text, err = json.Marshal(cursor); err != nil {
		b.Fatal(err)
	}
	return t.path + "&after=" + url.QueryEscape(base64.RawURLEncoding.EncodeToString(text))
}
