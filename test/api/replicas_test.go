package api_test

import (
	"net/http"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// batchEnv is an env with a batch.
type batchEnv struct {
	*env

	batch, key string
}

// TestRights_ChangeAtOnceAndOnOtherReplicasWithinASecond changes the rights of a user who has
// just sent a request to two replicas, so that both have the session in memory.
func TestRights_ChangeAtOnceAndOnOtherReplicasWithinASecond(t *testing.T) {
	t.Parallel()
	signedIn := func(_ batchEnv, c client) { c.Get("/me").Expect(http.StatusOK) }
	signedOut := func(_ batchEnv, c client) { c.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated") }
	hidden := func(e batchEnv, c client) {
		c.Get("/batches/"+e.batch).ExpectProblem(http.StatusNotFound, "batch_not_found")
	}
	visible := func(e batchEnv, c client) { c.Get("/batches/" + e.batch).Expect(http.StatusOK) }
	for name, tt := range map[string]struct {
		actor  func(e batchEnv) client
		change func(e batchEnv, actor client)
		before func(e batchEnv, actor client)
		after  func(e batchEnv, actor client)
	}{
		"signing out": {
			actor:  func(e batchEnv) client { return e.member("Ada") },
			change: func(_ batchEnv, c client) { c.Post("/auth/logout", nil).Expect(http.StatusNoContent) },
			before: signedIn,
			after:  signedOut,
		},
		"a suspension": {
			actor:  func(e batchEnv) client { return e.member("Ben") },
			change: func(e batchEnv, c client) { e.admin.Post("/users/"+c.ID+"/suspension", nil).Expect(http.StatusOK) },
			before: signedIn,
			after:  signedOut,
		},
		"a new role": {
			actor: func(e batchEnv) client { return e.member("Cleo") },
			change: func(e batchEnv, c client) {
				e.admin.Put("/users/"+c.ID+"/role", object{"role": "admin"}).Expect(http.StatusOK)
			},
			before: func(_ batchEnv, c client) { c.Get("/admin/dashboard").ExpectProblem(http.StatusForbidden, "forbidden") },
			after:  signedOut,
		},
		"a reset password": {
			actor: func(e batchEnv) client { return e.member("Dora") },
			change: func(e batchEnv, c client) {
				if _, n, err := e.App.Operator.ResetPassword(e.t.Context(), domain.System, c.Email, testserver.Password+"!"); err != nil || n != 1 {
					e.t.Fatalf("ended %d sessions, %v", n, err)
				}
			},
			before: signedIn,
			after:  signedOut,
		},
		"an idempotent request": {
			actor: func(e batchEnv) client { return e.member("Eli") },
			change: func(e batchEnv, c client) {
				c.IdempotencyKey("5d1c2f04-4a0e-4c62-9d2b-0c6d52a3c0bb").Post("/me/enrolment", object{"registration_key": e.key}).Expect(http.StatusCreated)
			},
			before: hidden,
			after:  visible,
		},
		"joining a batch": {
			actor: func(e batchEnv) client { return e.member("Finn") },
			change: func(e batchEnv, c client) {
				c.Post("/me/enrolment", object{"registration_key": e.key}).Expect(http.StatusCreated)
			},
			before: hidden,
			after:  visible,
		},
		"an assignment": {
			actor: func(e batchEnv) client { return e.instructor("Gus") },
			change: func(e batchEnv, c client) {
				e.admin.Put("/batches/"+e.batch+"/instructors/"+c.ID, nil).Expect(http.StatusOK)
			},
			before: hidden,
			after:  visible,
		},
		"the end of an assignment": {
			actor: func(e batchEnv) client { return e.instructor("Hana", e.batch) },
			change: func(e batchEnv, c client) {
				e.admin.Delete("/batches/" + e.batch + "/instructors/" + c.ID).Expect(http.StatusNoContent)
			},
			before: visible,
			after:  hidden,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := batchEnv{env: newEnv(t)}
			e.batch, e.key = e.env.batch("Evening", "UTC")
			here := tt.actor(e)
			there := here.At(e.Replica(t).URL)
			tt.before(e, here)
			tt.before(e, there)
			tt.change(e, here)
			tt.after(e, here)
			e.Clock.Advance(postgres.SessionMaxAge)
			tt.after(e, there)
		})
	}
}
