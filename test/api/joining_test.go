package api_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// atOnce calls f n times at the same moment.
func atOnce(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// crowd makes members who are signed in, behind the server's back: a hash for each
// would take its time.
func (s *school) crowd(n int) []client {
	s.t.Helper()
	out := make([]client, n)
	for i := range out {
		id, email := uuid.Must(uuid.NewV7()).String(), fmt.Sprintf("crowd-%03d@school.example", i)
		s.Exec(s.t, `INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, 'member', '', $4)`,
			id, email, fmt.Sprintf("Crowd %03d", i/2), s.Clock.Now())
		out[i] = s.session(id, email)
	}
	return out
}

// session starts a session behind the server's back.
func (s *school) session(id, email string) client {
	s.t.Helper()
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	c := s.anonymous()
	c.token, c.id, c.email = base64.RawURLEncoding.EncodeToString(random), id, email
	hash, now := sha256.Sum256([]byte(c.token)), s.Clock.Now()
	s.Exec(s.t, `INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, '', $4, $4, $5)`,
		uuid.Must(uuid.NewV7()), id, hash[:], now, now.Add(s.Config.SessionLifetime))
	return c
}

func TestAHundredAtOnceOnTenSeats(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	id, key := s.batch("Evening", "UTC")
	s.admin.patch("/batches/"+id+"/registration-key", obj{"seats": 10}).is(http.StatusOK)
	// Half as many new accounts as the password queue takes, the rest have one.
	const newcomers = 16
	members := s.crowd(100 - newcomers)

	statuses := make([]int, 100)
	atOnce(100, func(i int) {
		if i < newcomers {
			statuses[i] = s.anonymous().post("/auth/register", application(fmt.Sprintf("New%02d", i), key)).status
			return
		}
		statuses[i] = members[i-newcomers].post("/me/enrolment", obj{"registration_key": key}).status
	})
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusCreated: 10, http.StatusConflict: 90}, count); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if k := read[registrationKey](s.admin, "/batches/"+id+"/registration-key"); k.SeatsTaken != 10 {
		t.Errorf("%d seats are taken", k.SeatsTaken)
	}
	if list := read[page[student]](s.admin, "/students?limit=100").Items; len(list) != 10 {
		t.Errorf("%d students", len(list))
	}
	// Who came too late has no account either.
	taken := s.Strings(t, `SELECT role FROM users WHERE email LIKE 'new%'`)
	for _, role := range taken {
		if role != "student" {
			t.Errorf("a registration that found no seat left a %s behind", role)
		}
	}
}

func TestAKeyLetsInWhileItIsGood(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	id, key := s.batch("Evening", "UTC")
	path := "/batches/" + id + "/registration-key"
	members := s.crowd(10)
	join := func(key string) answer {
		c := members[0]
		members = members[1:]
		return c.post("/me/enrolment", obj{"registration_key": key})
	}
	unknown := join("NOSUCHKEYNOSUCHKEYNOSUCHKE")
	unknown.fails(http.StatusUnprocessableEntity, "registration_key_invalid")
	refused := func(why string, a answer) {
		t.Helper()
		if diff := cmp.Diff(plain(t, unknown), plain(t, a)); diff != "" {
			t.Errorf("a key that %s answers otherwise than one that never was:\n%s", why, diff)
		}
	}

	join(" " + key[:6] + "-" + key[6:]).is(http.StatusCreated)
	fresh := into[registrationKey](s.admin.post(path+"/rotation", nil).is(http.StatusOK)).Key
	refused("was replaced", join(key))
	join(fresh).is(http.StatusCreated)

	s.admin.patch(path, obj{"enabled": false}).is(http.StatusOK)
	refused("is switched off", join(fresh))
	s.admin.patch(path, obj{"enabled": true, "expires_at": s.Clock.Now().Add(time.Hour)}).is(http.StatusOK)
	join(fresh).is(http.StatusCreated)
	s.Clock.Advance(time.Hour)
	refused("has expired", join(fresh))
	s.admin.patch(path, obj{"expires_at": nil, "seats": 3}).is(http.StatusOK)
	join(fresh).fails(http.StatusConflict, "batch_full")
	s.admin.patch(path, obj{"seats": nil}).is(http.StatusOK)
	s.admin.post("/batches/"+id+"/archival", nil).is(http.StatusOK)
	refused("is of an archived batch", join(fresh))
	s.admin.delete("/batches/" + id + "/archival").is(http.StatusNoContent)
	join(fresh).is(http.StatusCreated)
}

func TestNobodyJoinsPastTheRules(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	first, key := s.batch("First", "UTC")
	second, otherKey := s.batch("Second", "UTC")
	ada, grace := s.register("Ada", key), s.instructor("Grace", first)

	// Not a second time, and not elsewhere.
	ada.post("/me/enrolment", obj{"registration_key": key}).fails(http.StatusConflict, "already_enrolled")
	ada.post("/me/enrolment", obj{"registration_key": otherKey}).fails(http.StatusConflict, "already_enrolled")
	ada.patch("/me", obj{"batch_id": second}).fails(http.StatusUnprocessableEntity, "invalid_request")
	for _, path := range []string{"/students/" + ada.id, "/me/enrolment"} {
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
			ada.ask(method, path, obj{"batch_id": second}).fails(http.StatusMethodNotAllowed, "method_not_allowed")
		}
	}
	if got := read[me](ada, "/me"); got.Batch.ID != first {
		t.Errorf("ada has moved herself to %s", got.Batch.ID)
	}

	// Staff do not become students, and nobody does without a key.
	for _, c := range []client{grace, s.admin} {
		c.post("/me/enrolment", obj{"registration_key": key}).fails(http.StatusForbidden, "forbidden")
	}
	if got := read[me](grace, "/me"); got.Role != "instructor" || len(got.Teaches) != 1 {
		t.Errorf("grace is %+v", got)
	}
	ben := s.register("Ben", "")
	ben.post("/me/enrolment", obj{}).fails(http.StatusUnprocessableEntity, "invalid_request")
	ben.post("/me/enrolment", obj{"batch_id": first}).fails(http.StatusUnprocessableEntity, "invalid_request")
	if got := read[me](ben, "/me"); got.Role != "member" {
		t.Errorf("ben is %+v", got)
	}
	body := application("Cleo", "NOSUCHKEYNOSUCHKEYNOSUCHKE")
	s.anonymous().post("/auth/register", body).fails(http.StatusUnprocessableEntity, "registration_key_invalid")
	body = application("Cleo", "")
	body["role"] = "admin"
	s.anonymous().post("/auth/register", body).fails(http.StatusUnprocessableEntity, "invalid_request")
	if found := read[page[me]](s.admin, "/users?search=cleo").Items; len(found) != 0 {
		t.Errorf("a registration that failed left %+v behind", found)
	}
	// An address that is taken takes no seat.
	s.anonymous().post("/auth/register", application("Ada", otherKey)).fails(http.StatusConflict, "email_taken")
	if k := read[registrationKey](s.admin, "/batches/"+second+"/registration-key"); k.SeatsTaken != 0 {
		t.Errorf("%d seats of the second batch are taken", k.SeatsTaken)
	}
}
