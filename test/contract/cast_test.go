package contract_test

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/democlass/classtest"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// thing is what most answers have in common.
type thing struct {
	ID      string   `json:"id"`
	Role    string   `json:"role"`
	Batch   *thing   `json:"batch"`
	Teaches []string `json:"teaches"`
	Items   []thing  `json:"items"`
	Token   string   `json:"token"`
	User    *thing   `json:"user"`
	Key     string   `json:"key"`
	Seats   int      `json:"seats"`
	URL     string   `json:"authorization_url"`
}

// visit returns a stage with the people who are there: those of the seeded class, or
// those whose tokens we were given. Nothing about them is known but what the API says.
func visit(t *testing.T) *stage {
	t.Helper()
	if !theTarget.own() {
		if len(theTarget.tokens) == 0 {
			t.Fatal("give the sessions that the suite is to use there: GRADUS_TOKEN_ADMIN, _INSTRUCTOR, _STUDENT and _MEMBER, or some of them")
		}
		s := newStage(t, nil)
		for role, token := range theTarget.tokens {
			s.people[role] = person{role: role, token: token}
		}
		s.discover()
		return s
	}
	s := newStage(t, classtest.Start(t))
	for _, m := range s.room.Members {
		if _, known := s.people[m.Role]; !known {
			s.people[m.Role] = s.signIn(m.Email)
		}
	}
	s.discover()
	return s
}

// discover finds out by the API what concerns whom.
func (s *stage) discover() {
	s.t.Helper()
	batches, students, users := s.list("ListBatches", ""), s.list("ListStudents", ""), s.list("ListUsers", "role=instructor")
	for role, p := range s.people {
		me := into[thing](s.t, s.must("GetMe", p, call{}))
		if me.Role != role {
			s.t.Fatalf("GRADUS_TOKEN_%s is the session of a %s", strings.ToUpper(role), me.Role)
		}
		p.id = me.ID
		s.people[role] = p
		mine, others := missing(), missing()
		mine["user_id"], mine["student_id"] = me.ID, me.ID
		switch {
		case role == "admin":
			mine = values{"batch_id": first(batches), "student_id": first(students), "user_id": first(users)}
		case role == "instructor" && len(me.Teaches) > 0:
			mine["batch_id"] = me.Teaches[0]
			mine["student_id"] = first(into[thing](s.t, s.must("ListStudents", p, call{query: "batch_id=" + me.Teaches[0]})).Items)
		case me.Batch != nil:
			mine["batch_id"] = me.Batch.ID
		}
		foreign := func(b thing) bool { return b.ID != mine["batch_id"] && !slices.Contains(me.Teaches, b.ID) }
		if i := slices.IndexFunc(batches, foreign); i >= 0 && role != "admin" {
			others["batch_id"] = batches[i].ID
			if theirs := s.list("ListStudents", "batch_id="+batches[i].ID); len(theirs) > 0 {
				others["student_id"] = theirs[0].ID
			}
		}
		s.mine[role], s.others[role] = mine, others
	}
}

// list asks for a list as the admin; without one there is nothing to see.
func (s *stage) list(id, query string) []thing {
	s.t.Helper()
	admin, ok := s.people["admin"]
	if !ok {
		return nil
	}
	return into[thing](s.t, s.must(id, admin, call{query: query})).Items
}

func first(list []thing) string {
	if len(list) == 0 {
		return missing()["user_id"]
	}
	return list[0].ID
}

// missing are ids of nothing.
func missing() values {
	id := uuid.Must(uuid.NewV7()).String()
	return values{"batch_id": id, "student_id": id, "user_id": id}
}

// build returns a stage with fresh people in a fresh batch, all of it made by the API.
// Next to it is another batch, which concerns the admin alone.
func build(t *testing.T, options ...testserver.Option) *stage {
	t.Helper()
	var s *stage
	if theTarget.own() {
		s = newStage(t, classtest.Start(t, options...))
		s.people["admin"] = s.signIn(s.room.Members[0].Email)
	} else {
		s = newStage(t, nil)
		admin, ok := theTarget.tokens["admin"]
		if !ok {
			t.Fatal("to make things there, the suite needs GRADUS_TOKEN_ADMIN")
		}
		s.people["admin"] = person{role: "admin", token: admin}
	}
	admin := s.people["admin"]
	admin.id = into[thing](t, s.must("GetMe", admin, call{})).ID
	batch, other := s.batch(), s.batch()
	s.people["admin"], s.people["member"] = admin, s.join("")
	s.people["student"], s.people["instructor"] = s.join(s.key(batch)), s.instructor(batch)
	stranger := s.join(s.key(other))
	for role, p := range s.people {
		s.mine[role] = values{"batch_id": batch, "student_id": s.people["student"].id, "user_id": s.people["instructor"].id}
		s.others[role] = values{"batch_id": other, "student_id": stranger.id, "user_id": stranger.id}
		if role == "member" {
			s.mine[role]["student_id"] = p.id
		}
	}
	return s
}

const password = testserver.Password

func (s *stage) signIn(email string) person {
	s.t.Helper()
	in := into[thing](s.t, s.must("SignIn", person{}, call{body: obj{"email": email, "password": password}}))
	return person{in.User.Role, in.User.ID, email, in.Token}
}

// application is what somebody new registers with.
func application(key string) obj {
	name := "contract-" + strings.ToLower(rand.Text())
	body := obj{"email": name + "@school.example", "name": "Contract Test", "password": password}
	if key != "" {
		body["registration_key"] = key
	}
	return body
}

// join registers somebody: a student with a key, a member without.
func (s *stage) join(key string) person {
	s.t.Helper()
	body := application(key)
	in := into[thing](s.t, s.must("Register", person{}, call{body: body}))
	return person{in.User.Role, in.User.ID, body["email"].(string), in.Token}
}

func (s *stage) batch() string {
	s.t.Helper()
	return into[thing](s.t, s.must("CreateBatch", s.people["admin"], call{body: s.book.byID["CreateBatch"].example()})).ID
}

func (s *stage) key(batch string) string {
	s.t.Helper()
	return into[thing](s.t, s.must("GetRegistrationKey", s.people["admin"], call{values: values{"batch_id": batch}})).Key
}

// instructor makes somebody who teaches batches.
func (s *stage) instructor(batches ...string) person {
	s.t.Helper()
	p := s.join("")
	s.must("ChangeUserRole", s.people["admin"], call{values: values{"user_id": p.id}, body: obj{"role": "instructor"}})
	for _, b := range batches {
		s.must("AssignInstructor", s.people["admin"], call{values: values{"batch_id": b, "user_id": p.id}})
	}
	return s.signIn(p.email)
}

// coder adds somebody to the fake WakaTime server and returns their username.
func (s *stage) coder() string {
	name := strings.ToLower(rand.Text())
	s.room.Fake.AddPerson(fakewaka.Person{Username: name, TimeZone: "UTC", Activity: fakewaka.Activity{WeeklyHours: 20}})
	return name
}

// apiKey is what somebody connects with as a coder.
func (s *stage) apiKey(coder string) obj { return obj{"api_key": s.room.Fake.APIKey(coder)} }

// connect connects somebody as a coder of their own.
func (s *stage) connect(p person) person {
	s.t.Helper()
	s.must("ConnectWakaTimeWithKey", p, call{body: s.apiKey(s.coder())})
	return p
}
