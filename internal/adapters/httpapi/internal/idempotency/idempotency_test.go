package idempotency_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

const (
	aKey     = "8e03978e-40d5-43e8-bc93-6894a57f9324"
	newBatch = `{"name": "B", "starts_on": "2026-11-23", "ends_on": "2026-12-23", "time_zone": "UTC"}`
)

// store runs the first request and returns its response to later ones, as the database does.
type store struct {
	seen     []domain.IdempotentRequest
	response []byte
}

func (o *store) on(s *servertest.Server) {
	s.Idempotency.EXPECT().Once(servertest.Anything, servertest.Anything, servertest.Anything).AnyTimes().DoAndReturn(
		func(ctx context.Context, r domain.IdempotentRequest, fn func(context.Context) ([]byte, error)) ([]byte, bool, error) {
			o.seen = append(o.seen, r)
			if o.response != nil {
				return o.response, true, nil
			}
			response, err := fn(ctx)
			o.response = response
			return response, false, err
		})
}

func expectCreate(s *servertest.Server, times int) {
	b := domain.Batch{ID: operations.ID[domain.Batch](operations.BatchID), Name: "B", TimeZone: "UTC", AITime: domain.AIExcluded, CreatedAt: operations.Now, Version: 1}
	s.Batches.EXPECT().CreateBatch(servertest.Anything, s.Actor, servertest.Anything).Times(times).Return(b, nil)
}

// The second response equals the first, headers included.
func TestIdempotency_ReplaysTheResponse(t *testing.T) {
	t.Parallel()
	s, o := servertest.Start(t).SignedIn(), &store{}
	o.on(s)
	expectCreate(s, 1)
	create := servertest.Post("/batches", newBatch).With("Idempotency-Key", aKey)
	first, second := s.Do(t, create), s.Do(t, create)
	if first.StatusCode != http.StatusCreated || second.StatusCode != http.StatusCreated || first.Text != second.Text || first.Text == "" {
		t.Errorf("got %d %q, then %d %q", first.StatusCode, first.Text, second.StatusCode, second.Text)
	}
	for _, name := range []string{"Location", "ETag", "Content-Type", "Cache-Control", "X-Content-Type-Options"} {
		if a, b := first.Header.Get(name), second.Header.Get(name); a == "" || a != b {
			t.Errorf("%s was %q, then %q", name, a, b)
		}
	}
	if a, b := first.Header.Get("Idempotency-Replayed"), second.Header.Get("Idempotency-Replayed"); a != "" || b != "true" {
		t.Errorf("Idempotency-Replayed was %q, then %q", a, b)
	}
	if r := o.seen[0]; r.Fingerprint != o.seen[1].Fingerprint || r.Key != aKey || o.seen[1].Key != aKey || r.Actor.UserID != s.Actor.UserID {
		t.Errorf("the requests are %+v", o.seen)
	}
}

func TestIdempotency_FingerprintsDiffer(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	fingerprints := map[[32]byte]bool{}
	s.Idempotency.EXPECT().Once(servertest.Anything, servertest.Anything, servertest.Anything).Times(4).DoAndReturn(
		func(_ context.Context, r domain.IdempotentRequest, _ func(context.Context) ([]byte, error)) ([]byte, bool, error) {
			fingerprints[r.Fingerprint] = true
			return nil, false, domain.ErrIdempotencyKeyInUse
		})
	for _, c := range []servertest.Call{
		servertest.Post("/batches", newBatch),
		servertest.Post("/batches", strings.Replace(newBatch, `"B"`, `"C"`, 1)),
		servertest.Post("/batches", newBatch).With("Content-Type", "application/json; charset=utf-8"),
		servertest.Post("/me/enrolment", `{"registration_key": "x"}`),
	} {
		s.Do(t, c.With("Idempotency-Key", aKey))
	}
	if len(fingerprints) != 4 {
		t.Errorf("four requests have %d fingerprints", len(fingerprints))
	}
}

func TestIdempotency_IgnoresOtherRequests(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn() // expects no call of Once
	expectCreate(s, 1)
	s.Do(t, servertest.Post("/batches", newBatch))
	s.Accounts.EXPECT().UpdateMe(servertest.Anything, s.Actor, servertest.Anything, nil).Return(domain.Me{}, domain.ErrVersionMismatch)
	s.Do(t, servertest.Patch("/me", `{"name": "Ada"}`).With("Idempotency-Key", aKey)).WantProblem(t, 412, "version_mismatch")
	// Invalid and unauthenticated requests do not use up the key.
	s.Do(t, servertest.Post("/batches", `{}`).With("Idempotency-Key", aKey)).WantProblem(t, 422, "invalid_request")
	s.Do(t, servertest.Post("/batches", newBatch).With("Idempotency-Key", aKey).SignedOut()).WantProblem(t, 401, "unauthenticated")
	s.Do(t, servertest.Post("/batches", newBatch).With("Idempotency-Key", "with a space")).WantProblem(t, 422, "invalid_request")
	s.Do(t, servertest.Post("/batches", newBatch).With("Idempotency-Key", strings.Repeat("k", 256))).WantProblem(t, 422, "invalid_request")
}

func TestIdempotency_Failures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		port   func(s *servertest.Server)
		status int
		code   string
	}{
		"the use case fails": {func(s *servertest.Server) {
			(&store{}).on(s)
			s.Batches.EXPECT().CreateBatch(servertest.Anything, s.Actor, servertest.Anything).Return(domain.Batch{}, domain.ErrForbidden)
		}, 403, "forbidden"},
		"the first request is still running": {func(s *servertest.Server) {
			s.Idempotency.EXPECT().Once(servertest.Anything, servertest.Anything, servertest.Anything).Return(nil, false, domain.ErrIdempotencyKeyInUse)
		}, 409, "idempotency_key_in_use"},
		"the key belongs to another request": {func(s *servertest.Server) {
			s.Idempotency.EXPECT().Once(servertest.Anything, servertest.Anything, servertest.Anything).Return(nil, false, domain.ErrIdempotencyKeyReused)
		}, 422, "idempotency_key_reused"},
		"the commit fails": {func(s *servertest.Server) {
			expectCreate(s, 1)
			s.Idempotency.EXPECT().Once(servertest.Anything, servertest.Anything, servertest.Anything).DoAndReturn(
				func(ctx context.Context, _ domain.IdempotentRequest, fn func(context.Context) ([]byte, error)) ([]byte, bool, error) {
					_, _ = fn(ctx)
					return nil, false, domain.ErrUnavailable
				})
		}, 503, "unavailable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			tt.port(s)
			s.Do(t, servertest.Post("/batches", newBatch).With("Idempotency-Key", aKey)).WantProblem(t, tt.status, tt.code)
		})
	}
}
