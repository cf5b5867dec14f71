package compress_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// class makes ListStudents return a page that is long enough to compress.
func class(s *servertest.Server) {
	var page domain.Page[domain.Student]
	for range 20 {
		page.Items = append(page.Items, operations.Student())
	}
	s.Students.EXPECT().Students(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(page, nil).AnyTimes()
}

func TestCompression(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn().Raw(t)
	class(s)
	plain := s.Do(t, servertest.Get("/students").With("Accept-Encoding", "identity"))
	if plain.StatusCode != http.StatusOK || plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("Content-Length") != strconv.Itoa(len(plain.Text)) || !plain.Varies("Accept-Encoding") {
		t.Fatalf("the plain response of %d bytes has %v", len(plain.Text), plain.Header)
	}
	tests := map[string]bool{ // by Accept-Encoding: whether the response is compressed
		"gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "gzip, deflate, br, zstd": true,
		"": false, "br": false, "zstd": false, "gzip;q=0": false, "gzip;q=0.0, *": false, "xgzip": false,
	}
	for accept, compressed := range tests {
		t.Run(fmt.Sprintf("Accept-Encoding: %s", accept), func(t *testing.T) {
			t.Parallel()
			got := s.Do(t, servertest.Get("/students").With("Accept-Encoding", accept))
			if !got.Varies("Accept-Encoding") {
				t.Errorf("Vary is %q", got.Header.Values("Vary"))
			}
			if !compressed {
				if got.Text != plain.Text || got.Header.Get("Content-Encoding") != "" {
					t.Errorf("the coding is %q", got.Header.Get("Content-Encoding"))
				}
				return
			}
			if got.Unzipped(t) != plain.Text {
				t.Error("the decompressed response differs")
			}
			if n := got.ContentLength; n >= 0 && n != int64(len(got.Text)) {
				t.Errorf("Content-Length is %d, got %d bytes", n, len(got.Text))
			}
		})
	}
}

func TestCompression_CompressesLongProblems(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn().Raw(t)
	var query []string
	for i := range 30 {
		query = append(query, fmt.Sprintf("x%d=1", i))
	}
	got := s.Do(t, servertest.Get("/students?"+strings.Join(query, "&")).With("Accept-Encoding", "gzip"))
	text := got.Unzipped(t)
	servertest.Response{Response: got.Response, Text: text}.WantProblem(t, 422, "invalid_request")
}

// Method, size, media type, and coding decide about compression.
func TestCompress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, mediaType, coding string
		size                      int
		compressed                bool
	}{
		"a byte below the minimum size":         {"GET", "application/json", "", 1399, false},
		"the minimum size":                      {"GET", "application/json", "", 1400, true},
		"HTML":                                  {"GET", "text/html; charset=UTF-8", "", 9000, true},
		"a response that is already compressed": {"GET", "text/javascript", "gzip", 9000, false},
		"an image":                              {"GET", "image/png", "", 9000, false},
		"a response to POST":                    {"POST", "application/json", "", 9000, false},
		"a response to PUT":                     {"PUT", "application/json", "", 9000, false},
		"a response to PATCH":                   {"PATCH", "application/json", "", 9000, false},
		"a response to DELETE":                  {"DELETE", "application/json", "", 9000, false},
		"a problem in response to POST":         {"POST", "application/problem+json", "", 9000, false},
		"a problem in response to GET":          {"GET", "application/problem+json", "", 9000, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := bytes.Repeat([]byte("a"), tt.size)
			h, err := compress.Responses(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
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
			got := servertest.Recorded(rec)
			if !tt.compressed {
				if got.Text != string(body) || got.Header.Get("Content-Encoding") != tt.coding || got.Header.Get("ETag") != `"7"` {
					t.Errorf("the response of %d bytes has %v", len(got.Text), got.Header)
				}
				return
			}
			if got.Unzipped(t) != string(body) || got.Header.Get("ETag") != `"7-gzip"` {
				t.Errorf("the response of %d bytes has %v", len(got.Text), got.Header)
			}
		})
	}
}

// Two codings of one version have different ETags. If-Match accepts both.
func TestCompression_AddsASuffixToETags(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn().Raw(t)
	b := operations.Autumn()
	b.Description, b.Version = strings.Repeat("long ", 400), 7
	s.Batches.EXPECT().Batch(servertest.Anything, servertest.Anything, b.ID).Return(b, nil).Times(3)
	for accept, want := range map[string]string{"gzip": `"7-gzip"`, "identity": `"7"`} {
		if got := s.Do(t, servertest.Get("/batches/"+operations.BatchID).With("Accept-Encoding", accept)).Header.Get("ETag"); got != want {
			t.Errorf("the ETag as %s is %s, want %s", accept, got, want)
		}
	}
	compressed := s.Do(t, servertest.Get("/batches/"+operations.BatchID).With("Accept-Encoding", "gzip")).Header.Get("ETag")
	s.Batches.EXPECT().UpdateBatch(servertest.Anything, servertest.Anything, b.ID, servertest.Anything, domain.ExpectedVersions{7}).Return(b, nil)
	if got := s.Do(t, servertest.Patch("/batches/"+operations.BatchID, `{"name": "B"}`).With("If-Match", compressed)); got.StatusCode != http.StatusOK {
		t.Errorf("an update with the ETag of the compressed response returned %d %s", got.StatusCode, got.Text)
	}
}

// The compressed length of a secret leaks information.
func TestCompression_SkipsSecrets(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("secret", 1000)
	session := operations.NewSession()
	session.Token = domain.Secret(long)
	key := domain.RegistrationKey{Batch: operations.ID[domain.Batch](operations.BatchID), Key: domain.Secret(long), Enabled: true, RotatedAt: operations.Ago}
	tests := map[string]struct {
		call   servertest.Call
		port   func(*servertest.Server)
		status int
	}{
		"registering": {servertest.Post("/auth/register", operations.Registration+"}").SignedOut(), func(s *servertest.Server) {
			s.Sessions.EXPECT().Register(servertest.Anything, servertest.Anything, servertest.Anything).Return(session, nil)
		}, 201},
		"signing in": {servertest.Post("/auth/login", operations.Credentials+"}").SignedOut(), func(s *servertest.Server) {
			s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.SignIn{SignedIn: session}, nil)
		}, 200},
		"an authorization URL": {servertest.Post("/me/wakatime/authorization", ""), func(s *servertest.Server) {
			s.Connections.EXPECT().Authorize(servertest.Anything, servertest.Anything).Return("https://wakatime.example/?state="+long, operations.Later, nil)
		}, 201},
		"a registration key": {servertest.Get("/batches/" + operations.BatchID + "/registration-key"), func(s *servertest.Server) {
			s.Staff.EXPECT().RegistrationKey(servertest.Anything, servertest.Anything, servertest.Anything).Return(key, nil)
		}, 200},
		"a registration key by HEAD": {servertest.Call{Method: "HEAD", Path: "/api/v1/batches/" + operations.BatchID + "/registration-key"}, func(s *servertest.Server) {
			s.Staff.EXPECT().RegistrationKey(servertest.Anything, servertest.Anything, servertest.Anything).Return(key, nil)
		}, 200},
		"an updated registration key": {servertest.Patch("/batches/"+operations.BatchID+"/registration-key", "{}"), func(s *servertest.Server) {
			s.Staff.EXPECT().UpdateRegistrationKey(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(key, nil)
		}, 200},
		"a rotated registration key": {servertest.Post("/batches/"+operations.BatchID+"/registration-key/rotation", ""), func(s *servertest.Server) {
			s.Staff.EXPECT().RotateRegistrationKey(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(key, nil)
		}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn().Raw(t)
			tt.port(s)
			got := s.Do(t, tt.call.With("Accept-Encoding", "gzip"))
			if got.StatusCode != tt.status || got.Header.Get("Content-Encoding") != "" || got.ContentLength < int64(len(long)) {
				t.Fatalf("the response is %d, with coding %q and %d bytes", got.StatusCode, got.Header.Get("Content-Encoding"), got.ContentLength)
			}
			if tt.call.Method != http.MethodHead && !strings.Contains(got.Text, long) {
				t.Errorf("the response is %.200s", got.Text)
			}
			for name := range got.Header {
				if strings.HasPrefix(name, "No-") {
					t.Errorf("the response carries %s", name)
				}
			}
		})
	}
}
