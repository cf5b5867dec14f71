package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// Admins see who signed in and who could not, and why. What somebody typed as an address is not
// kept: it can be a password.
func TestAuditLog_HasSignInsAndDenials(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada, ben := e.member("Ada"), e.member("Ben")
	e.admin.Post("/users/"+ben.ID+"/suspension", nil).Expect(http.StatusOK)
	e.signIn(ada.Email)
	for _, credentials := range []object{
		{"email": ada.Email, "password": "not the password of Ada"},
		{"email": ben.Email, "password": "seven quiet otters swim home"},
		{"email": "oops my secret passphrase@example.com", "password": "seven quiet otters"},
	} {
		e.anonymous.Post("/auth/login", credentials).ExpectProblem(http.StatusUnauthorized, "invalid_credentials")
	}

	started := get[apiclient.Page[auditEntry]](e.admin, "/audit-log?action=session.start&actor_id="+ada.ID).Items
	if len(started) != 1 || started[0].Details["device"] == "" {
		t.Errorf("the audit log has %v about Ada's sign-in", started)
	}
	log := e.admin.Get("/audit-log?action=session.deny").Expect(http.StatusOK)
	if strings.Contains(string(log.Body), "oops") {
		t.Errorf("the audit log has what was typed: %s", string(log.Body))
	}
	var got [][2]any
	for _, entry := range get[apiclient.Page[auditEntry]](e.admin, "/audit-log?action=session.deny").Items {
		if entry.ActorID != nil || entry.ActorRole != "anyone" {
			t.Errorf("the actor is %v, %s", entry.ActorID, entry.ActorRole)
		}
		got = append(got, [2]any{entry.Subject, entry.Details["reason"]})
	}
	want := [][2]any{{"unknown", "unknown_address"}, {ben.ID, "wrong_password"}, {ada.ID, "wrong_password"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("denials (-want +got):\n%s", diff)
	}
}
