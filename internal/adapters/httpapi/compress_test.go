package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
)

// raw lets the server's client show answers as they came.
func (s *server) raw(t *testing.T) *server {
	t.Helper()
	tr := &http.Transport{DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	s.Client = &http.Client{Transport: tr}
	return s
}

// unpacked returns the body of a packed answer.
func (r reply) unpacked(t *testing.T) string {
	t.Helper()
	if coding := r.Header.Get("Content-Encoding"); coding != "gzip" {
		t.Fatalf("the answer %d is coded as %q", r.StatusCode, coding)
	}
	z, err := gzip.NewReader(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// class is a page of students that is long enough to pack.
func class(s *server) {
	var page domain.Page[domain.Student]
	for range 20 {
		page.Items = append(page.Items, student())
	}
	s.Students.EXPECT().Students(anything, anything, anything, anything).Return(page, nil).AnyTimes()
}

func TestCompression(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn().raw(t)
	class(s)
	plain := s.do(t, get("/students").with("Accept-Encoding", "identity"))
	if plain.StatusCode != http.StatusOK || plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("Content-Length") != strconv.Itoa(len(plain.body)) || !varies(plain, "Accept-Encoding") {
		t.Fatalf("the plain answer of %d bytes has %v", len(plain.body), plain.Header)
	}
	tests := map[string]bool{ // by Accept-Encoding: whether it is packed
		"gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "gzip, deflate, br, zstd": true,
		"": false, "br": false, "zstd": false, "gzip;q=0": false, "gzip;q=0.0, *": false, "xgzip": false,
	}
	for accept, packed := range tests {
		t.Run(fmt.Sprintf("a client that takes %q", accept), func(t *testing.T) {
			t.Parallel()
			got := s.do(t, get("/students").with("Accept-Encoding", accept))
			if !varies(got, "Accept-Encoding") {
				t.Errorf("Vary is %q", got.Header.Values("Vary"))
			}
			if !packed {
				if got.body != plain.body || got.Header.Get("Content-Encoding") != "" {
					t.Errorf("the answer is coded as %q", got.Header.Get("Content-Encoding"))
				}
				return
			}
			if got.unpacked(t) != plain.body {
				t.Error("the answer is another when it is unpacked")
			}
			if n := got.ContentLength; n >= 0 && n != int64(len(got.body)) {
				t.Errorf("Content-Length is %d, %d bytes came", n, len(got.body))
			}
		})
	}
}

// A problem may be long too.
func TestCompression_ofProblems(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn().raw(t)
	var query []string
	for i := range 30 {
		query = append(query, fmt.Sprintf("x%d=1", i))
	}
	got := s.do(t, get("/students?"+strings.Join(query, "&")).with("Accept-Encoding", "gzip"))
	text := got.unpacked(t)
	reply{got.Response, text}.refused(t, 422, "invalid_request")
}

// What the method, the size and the coding say about packing, whatever the answer is.
func TestCompress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, mediaType, coding string
		size                      int
		packed                    bool
	}{
		"a byte less than worth it":   {"GET", "application/json", "", 1399, false},
		"just worth it":               {"GET", "application/json", "", 1400, true},
		"a page":                      {"GET", "text/html; charset=UTF-8", "", 9000, true},
		"what is packed already":      {"GET", "text/javascript", "gzip", 9000, false},
		"what cannot be packed":       {"GET", "image/png", "", 9000, false},
		"the answer to a POST":        {"POST", "application/json", "", 9000, false},
		"the answer to a PUT":         {"PUT", "application/json", "", 9000, false},
		"the answer to a PATCH":       {"PATCH", "application/json", "", 9000, false},
		"the answer to a DELETE":      {"DELETE", "application/json", "", 9000, false},
		"a problem, to a POST, too":   {"POST", "application/problem+json", "", 9000, false},
		"a problem, to a GET, for it": {"GET", "application/problem+json", "", 9000, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := bytes.Repeat([]byte("a"), tt.size)
			h, err := httpapi.Compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.mediaType)
				w.Header().Set("ETag", `"7"`)
				if tt.coding != "" {
					w.Header().Set("Content-Encoding", tt.coding)
				}
				_, _ = w.Write(body)
			}))
			if err != nil {
				t.Fatal(err)
			}
			rec := httptest.NewRecorder()
			req := httptest.NewRequestWithContext(t.Context(), tt.method, "/", nil)
			req.Header.Set("Accept-Encoding", "gzip")
			h.ServeHTTP(rec, req)
			got := reply{rec.Result(), rec.Body.String()}
			if !tt.packed {
				if got.body != string(body) || got.Header.Get("Content-Encoding") != tt.coding || got.Header.Get("ETag") != `"7"` {
					t.Errorf("the answer of %d bytes has %v", len(got.body), got.Header)
				}
				return
			}
			if got.unpacked(t) != string(body) || got.Header.Get("ETag") != `"7-gzip"` {
				t.Errorf("the answer of %d bytes has %v", len(got.body), got.Header)
			}
		})
	}
}

// Two codings of one version have two ETags, and either is good for a change.
func TestCompression_keepsVersionsApart(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn().raw(t)
	b := autumn()
	b.Description, b.Version = strings.Repeat("long ", 400), 7
	s.Batches.EXPECT().Batch(anything, anything, b.ID).Return(b, nil).Times(3)
	for accept, want := range map[string]string{"gzip": `"7-gzip"`, "identity": `"7"`} {
		if got := s.do(t, get("/batches/"+batchID).with("Accept-Encoding", accept)).Header.Get("ETag"); got != want {
			t.Errorf("the ETag as %s is %s, want %s", accept, got, want)
		}
	}
	packed := s.do(t, get("/batches/"+batchID).with("Accept-Encoding", "gzip")).Header.Get("ETag")
	s.Batches.EXPECT().UpdateBatch(anything, anything, b.ID, anything, domain.ExpectedVersions{7}).Return(b, nil)
	if got := s.do(t, patch("/batches/"+batchID, `{"name": "B"}`).with("If-Match", packed)); got.StatusCode != http.StatusOK {
		t.Errorf("a change of what came packed is answered with %d %s", got.StatusCode, got.body)
	}
}

// The length of a packed secret tells something of it.
func TestSecrets_areNeverPacked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("secret", 1000)
	session := signedIn()
	session.Token = domain.Secret(long)
	key := domain.RegistrationKey{Batch: id[domain.Batch](batchID), Key: domain.Secret(long), Enabled: true, RotatedAt: ago}
	tests := map[string]struct {
		call   call
		port   func(*server)
		status int
	}{
		"signing up": {post("/auth/register", registration+"}").signedOut(), func(s *server) {
			s.Sessions.EXPECT().Register(anything, anything, anything).Return(session, nil)
		}, 201},
		"signing in": {post("/auth/login", credentials+"}").signedOut(), func(s *server) {
			s.Sessions.EXPECT().SignIn(anything, anything, anything, anything, anything).Return(session, nil)
		}, 200},
		"where to grant access": {post("/me/wakatime/authorization", ""), func(s *server) {
			s.Connections.EXPECT().Authorize(anything, anything).Return("https://wakatime.example/?state="+long, later, nil)
		}, 201},
		"the key of a batch": {get("/batches/" + batchID + "/registration-key"), func(s *server) {
			s.Staff.EXPECT().RegistrationKey(anything, anything, anything).Return(key, nil)
		}, 200},
		"the key of a batch, by HEAD": {call{method: "HEAD", path: "/api/v1/batches/" + batchID + "/registration-key"}, func(s *server) {
			s.Staff.EXPECT().RegistrationKey(anything, anything, anything).Return(key, nil)
		}, 200},
		"a changed key": {patch("/batches/"+batchID+"/registration-key", "{}"), func(s *server) {
			s.Staff.EXPECT().UpdateRegistrationKey(anything, anything, anything, anything, anything).Return(key, nil)
		}, 200},
		"a new key": {post("/batches/"+batchID+"/registration-key/rotation", ""), func(s *server) {
			s.Staff.EXPECT().RotateRegistrationKey(anything, anything, anything, anything).Return(key, nil)
		}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn().raw(t)
			tt.port(s)
			got := s.do(t, tt.call.with("Accept-Encoding", "gzip"))
			if got.StatusCode != tt.status || got.Header.Get("Content-Encoding") != "" || got.ContentLength < int64(len(long)) {
				t.Fatalf("the answer is %d, coded as %q, of %d bytes", got.StatusCode, got.Header.Get("Content-Encoding"), got.ContentLength)
			}
			if tt.call.method != "HEAD" && !strings.Contains(got.body, long) {
				t.Errorf("the answer is %.200s", got.body)
			}
			for name := range got.Header {
				if strings.HasPrefix(name, "No-") {
					t.Errorf("the answer carries %s", name)
				}
			}
		})
	}
}

// Whatever an operation answers to a write, it goes out as it is.
func TestWrites_areNeverPacked(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(mutates) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn().raw(t)
			r.port(s)
			got := s.do(t, r.with("Accept-Encoding", "gzip"))
			if got.StatusCode != r.status || got.Header.Get("Content-Encoding") != "" || varies(got, "Accept-Encoding") {
				t.Errorf("the answer is %d with %v", got.StatusCode, got.Header)
			}
		})
	}
}
