package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

var autumn = object{"name": "Autumn", "starts_on": "2040-01-01", "ends_on": "2040-12-31", "time_zone": "America/Chicago"}

func TestIdempotencyKey_AThousandConcurrentRequestsCreateOne(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	other := e.Replica(t)
	const n = 1000
	responses := make([]response, n)
	// Two replicas, and no more connections than other tests can spare.
	slots := make(chan struct{}, 64)
	concurrently(n, func(i int) {
		slots <- struct{}{}
		defer func() { <-slots }()
		c := e.admin
		if i%2 == 1 {
			c = c.At(other.URL)
		}
		responses[i] = c.IdempotencyKey("one-key").Post("/batches", autumn)
	})
	retry := e.admin.IdempotencyKey("one-key").Post("/batches", autumn).Expect(http.StatusCreated)
	first := 0
	for _, res := range responses {
		switch res.Status {
		case http.StatusCreated:
			if !bytes.Equal(res.Body, retry.Body) || res.ETag() != retry.ETag() || res.Header.Get("Location") != retry.Header.Get("Location") {
				t.Errorf("returned %s, and later %s", res.Body, retry.Body)
			}
			if res.Header.Get("Idempotency-Replayed") == "" {
				first++
			}
		default:
			res.ExpectProblem(http.StatusConflict, "idempotency_key_in_use")
		}
	}
	batches, audited := e.Strings(t, `SELECT id::text FROM batches`), e.Strings(t, `SELECT subject FROM audit_entries WHERE action = 'batch.create'`)
	if first != 1 || len(batches) != 1 || len(audited) != 1 {
		t.Errorf("%d first responses, %d batches, %d audit entries", first, len(batches), len(audited))
	}
}

func TestIdempotencyKey_RetriesReturnTheFirstResponse(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	first := e.admin.IdempotencyKey("key").Post("/batches", autumn).Expect(http.StatusCreated)
	batch := decode[struct{ ID string }](first).ID

	// A later change of the batch does not change the response.
	e.admin.Patch("/batches/"+batch, object{"name": "Renamed"}).Expect(http.StatusOK)
	again := e.admin.IdempotencyKey("key").Post("/batches", autumn).Expect(http.StatusCreated)
	if !bytes.Equal(first.Body, again.Body) || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("returned %s, then %s", first.Body, again.Body)
	}
	e.admin.IdempotencyKey("key").Post("/batches", object{"name": "Winter", "starts_on": "2040-01-01", "ends_on": "2040-12-31", "time_zone": "UTC"}).
		ExpectProblem(http.StatusUnprocessableEntity, "idempotency_key_reused")

	// Keys of different users are independent.
	e.AddUser(t, "second@school.example", "Second", "admin")
	e.session("second@school.example").IdempotencyKey("key").Post("/batches", autumn).Expect(http.StatusCreated)
	if n := len(e.Strings(t, `SELECT id::text FROM batches`)); n != 2 {
		t.Errorf("there are %d batches", n)
	}

	// A failed request does not use up its key.
	member := e.member("Mia")
	member.IdempotencyKey("join").Post("/me/enrolment", object{"registration_key": "wrong"}).ExpectProblem(http.StatusUnprocessableEntity, "registration_key_invalid")
	key := e.admin.RegistrationKey(batch)
	member.IdempotencyKey("join").Post("/me/enrolment", object{"registration_key": key}).Expect(http.StatusCreated)
	member.IdempotencyKey("join").Post("/me/enrolment", object{"registration_key": key}).Expect(http.StatusCreated)
	if n := len(e.Strings(t, `SELECT id::text FROM enrolments`)); n != 1 {
		t.Errorf("there are %d enrolments", n)
	}

	e.Clock.Advance(24 * time.Hour)
	e.admin.IdempotencyKey("key").Post("/batches", autumn).Expect(http.StatusCreated)
	if n := len(e.Strings(t, `SELECT id::text FROM batches`)); n != 3 {
		t.Errorf("after a day there are %d batches", n)
	}
}

func TestIdempotencyKey_RegistrationReturnsTheSameSession(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	nora := apiclient.Registration("Nora", "")
	first := e.anonymous.IdempotencyKey("register").Post("/auth/register", nora).Expect(http.StatusCreated)
	again := e.anonymous.IdempotencyKey("register").Post("/auth/register", nora).Expect(http.StatusCreated)
	if !bytes.Equal(first.Body, again.Body) {
		t.Errorf("returned %s, then %s", first.Body, again.Body)
	}
	e.anonymous.SignedIn(again).Get("/me").Expect(http.StatusOK)
	// A guessed password learns no more than by signing in.
	other := apiclient.Registration("Nora", "")
	other["password"] = "another four quiet words"
	e.anonymous.IdempotencyKey("register").Post("/auth/register", other).ExpectProblem(http.StatusUnprocessableEntity, "idempotency_key_reused")

	token := e.anonymous.SignedIn(first).Token
	dump := strings.Join(e.Strings(t, `SELECT encode(answer, 'escape') || encode(key_hash, 'escape') FROM idempotency_keys`), "\n")
	if dump == "" || strings.Contains(dump, token) || strings.Contains(dump, testserver.Password) || strings.Contains(dump, "nora@") {
		t.Errorf("the stored response is readable: %s", dump)
	}
}

func TestIdempotencyKey_ExpiredResponsesAreDeleted(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.admin.IdempotencyKey("old").Post("/batches", autumn).Expect(http.StatusCreated)
	e.Clock.Advance(25 * time.Hour)
	e.admin.IdempotencyKey("young").Post("/batches", autumn).Expect(http.StatusCreated)
	e.StartWorker(t)
	testserver.Eventually(t, "the expired response is deleted", func() bool {
		return e.Strings(t, `SELECT count(*)::text FROM idempotency_keys`)[0] == "1"
	})
}
