package domain_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

// goldenPolicy is the expected policy, independent of the implementation. A role has
// permission for nothing (-), the actor's own account and data (own), the batch they are
// enrolled in (inside), batches they teach and their own data (taught), or everything (all).
// Actions of callers who are not signed in are permitted to nobody, because use cases do not
// check them.
const goldenPolicy = `
account.request_password_reset -   -       -          -      -       -
account.reset_password    -     -       -          -      -       -
account.change_email      -     -       -          -      -       -
account.undo_email_change -     -       -          -      -       -
account.request_email_change own  own     own        own    -       -
account.register          -     -       -          -      -       -
account.update            own   own     own        own    -       -
account.change_password   own   own     own        own    -       -
session.start             -     -       -          -      -       -
session.deny              -     -       -          -      -       -
session.reauthenticate    own   own     own        own    -       -
session.end_reused        -     -       -          -      -       -
session.end               own   own     own        own    -       -
session.revoke            own   own     own        own    -       -
session.revoke_all        own   own     own        own    -       -
session.list              own   own     own        own    -       -
totp.read                 own   own     own        own    -       -
totp.start                own   own     own        own    -       -
totp.enable               own   own     own        own    -       -
totp.disable              own   own     own        own    -       -
recovery_codes.rotate     own   own     own        own    -       -
api_token.create          own   own     own        own    -       -
api_token.list            own   own     own        own    -       -
api_token.revoke          own   own     own        own    -       -
api_token.list_all        -     -       -          all    -       -
api_token.revoke_any      -     -       -          all    -       -
user.create               -     -       -          -      all     -
user.read                 -     -       -          all    all     -
user.change_role          -     -       -          all    -       -
user.suspend              -     -       -          all    -       -
user.reinstate            -     -       -          all    -       -
user.reset_password       -     -       -          -      all     -
user.list_sessions        -     -       -          all    -       -
user.revoke_sessions      -     -       -          all    -       -
user.disable_totp         -     -       -          all    all     -
batch.create              -     -       -          all    -       -
batch.read                -     inside  taught     all    -       -
batch.update              -     -       taught     all    -       -
batch.archive             -     -       -          all    -       -
batch.restore             -     -       -          all    -       -
batch.assign_instructor   -     -       -          all    -       -
batch.remove_instructor   -     -       -          all    -       -
batch.read_staff          -     -       taught     all    -       -
registration_key.read     -     -       taught     all    -       -
registration_key.update   -     -       taught     all    -       -
registration_key.rotate   -     -       taught     all    -       -
student.enrol             own   -       -          -      -       -
student.read              -     own     taught     all    -       -
student.list              -     -       all        all    -       -
wakatime.connect          own   own     own        own    -       -
wakatime.disconnect       own   own     own        own    -       -
wakatime.disconnect_user  -     -       taught     all    -       -
wakatime.list_accounts    -     -       taught     all    -       -
wakatime.accept_account   -     -       taught     all    -       -
wakatime.reject_account   -     -       taught     all    -       -
wakatime.unlink           -     -       -          -      -       -
tracking.read             own   own     taught     all    -       -
tracking.sync             own   own     taught     all    all     -
tracking.record           -     -       -          -      all     -
progress.read             -     -       taught     all    -       -
dashboard.read            -     -       -          all    -       -
audit.read                -     -       -          all    -       -
`

// The columns of goldenPolicy.
var policyRoles = []domain.Role{
	domain.RoleMember, domain.RoleStudent, domain.RoleInstructor, domain.RoleAdmin, domain.RoleSystem, domain.RoleAnyone,
}

func TestActor_May_MatchesTheGoldenPolicy(t *testing.T) {
	t.Parallel()

	for line := range strings.Lines(strings.TrimSpace(goldenPolicy)) {
		cells := strings.Fields(line)
		if len(cells) != 1+len(policyRoles) {
			t.Fatalf("row with %d cells: %q", len(cells), line)
		}
		for i, role := range policyRoles {
			if got := reach(domain.Action(cells[0]), role); got != cells[i+1] {
				t.Errorf("%s by %s: %q, want %q", cells[0], role, got, cells[i+1])
			}
		}
	}
}

// reach determines the scope of a role's permission by checking one subject of each kind.
func reach(do domain.Action, role domain.Role) string {
	me, mine, taught := domain.UserID{1}, domain.BatchID{1}, domain.BatchID{2}
	actor := domain.Actor{UserID: me, Role: role, Batch: mine, Teaches: []domain.BatchID{taught}, Fresh: true}
	var allowed []string
	for _, s := range []struct {
		name string
		domain.Subject
	}{
		{"me", domain.Subject{User: me}},
		{"classmate", domain.Subject{User: domain.UserID{2}, Batch: mine}},
		{"student", domain.Subject{User: domain.UserID{3}, Batch: taught}},
		{"stranger", domain.Subject{User: domain.UserID{4}, Batch: domain.BatchID{3}}},
		{"nobody", domain.Subject{}},
	} {
		if actor.May(do, s.Subject) == nil {
			allowed = append(allowed, s.name)
		}
	}
	switch subjects := strings.Join(allowed, " "); subjects {
	case "":
		return "-"
	case "me":
		return "own"
	case "classmate":
		return "inside"
	case "me student":
		return "taught"
	case "me classmate student stranger nobody":
		return "all"
	default:
		return subjects
	}
}

func TestGoldenPolicy_HasEveryAction(t *testing.T) {
	t.Parallel()

	file, err := parser.ParseFile(token.NewFileSet(), "policy.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Act") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		declared = append(declared, value)
		return true
	})
	var golden []string
	for line := range strings.Lines(strings.TrimSpace(goldenPolicy)) {
		golden = append(golden, strings.Fields(line)[0])
	}
	slices.Sort(declared)
	slices.Sort(golden)
	if diff := cmp.Diff(declared, golden); diff != "" {
		t.Errorf("goldenPolicy must have a row for each action of policy.go, and no other (-policy.go +goldenPolicy):\n%s", diff)
	}
}

func TestActor_May(t *testing.T) {
	t.Parallel()

	ada := domain.UserID{1}
	tests := map[string]struct {
		actor   domain.Actor
		do      domain.Action
		subject domain.Subject
		allowed bool
	}{
		"an actor without an ID owns nothing": {
			domain.Actor{Role: domain.RoleMember}, domain.ActAccountUpdate, domain.Subject{}, false,
		},
		"a student without a batch is in no batch": {
			domain.Actor{UserID: ada, Role: domain.RoleStudent}, domain.ActBatchRead, domain.Subject{}, false,
		},
		"an instructor without batches teaches no batch": {
			domain.Actor{UserID: ada, Role: domain.RoleInstructor}, domain.ActBatchUpdate, domain.Subject{Batch: domain.BatchID{1}}, false,
		},
		"a member has no access to a batch they once taught": {
			domain.Actor{UserID: ada, Role: domain.RoleMember, Teaches: []domain.BatchID{{1}}}, domain.ActBatchUpdate, domain.Subject{Batch: domain.BatchID{1}}, false,
		},
		"an admin can update only their own account": {
			domain.Actor{UserID: ada, Role: domain.RoleAdmin}, domain.ActAccountUpdate, domain.Subject{User: domain.UserID{2}}, false,
		},
		"an unknown role has no permission": {
			domain.Actor{UserID: ada, Role: "boss"}, domain.ActAccountUpdate, domain.Subject{User: ada}, false,
		},
		"an unknown action is not permitted": {
			domain.Actor{UserID: ada, Role: domain.RoleAdmin}, "account.steal", domain.Subject{User: ada}, false,
		},
		"an instructor has access to their own data": {
			domain.Actor{UserID: ada, Role: domain.RoleInstructor}, domain.ActTrackingRead, domain.Subject{User: ada}, true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := tt.actor.May(tt.do, tt.subject)
			if (err == nil) != tt.allowed || err != nil && !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("May: %v, want allowed %t", err, tt.allowed)
			}
		})
	}
}

func TestActor_MayChange(t *testing.T) {
	t.Parallel()

	batch := domain.Subject{Batch: domain.BatchID{1}}
	tests := map[string]struct {
		actor domain.Actor
		want  error
	}{
		"an actor with permission may change it":      {domain.Actor{Role: domain.RoleAdmin}, nil},
		"an actor who may only see it gets forbidden": {domain.Actor{Role: domain.RoleStudent, Batch: batch.Batch}, domain.ErrForbidden},
		"an actor who may not see it gets not found":  {domain.Actor{Role: domain.RoleStudent, Batch: domain.BatchID{2}}, domain.ErrBatchNotFound},
		"a member gets not found":                     {domain.Actor{Role: domain.RoleMember}, domain.ErrBatchNotFound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := tt.actor.MayChange(domain.ActBatchRead, domain.ActBatchArchive, batch, domain.ErrBatchNotFound)
			if !errors.Is(err, tt.want) {
				t.Errorf("MayChange: %v, want %v", err, tt.want)
			}
		})
	}
}

func TestActor_Visibility(t *testing.T) {
	t.Parallel()

	mine, taught := domain.BatchID{1}, []domain.BatchID{{2}, {3}}
	want := map[domain.Role]domain.Visibility{
		domain.RoleAdmin:      {All: true},
		domain.RoleSystem:     {All: true},
		domain.RoleInstructor: {Batches: taught},
		domain.RoleStudent:    {Batches: []domain.BatchID{mine}},
		domain.RoleMember:     {},
		domain.RoleAnyone:     {},
		"boss":                {},
	}
	for role, visibility := range want {
		actor := domain.Actor{Role: role, Batch: mine, Teaches: taught}
		if diff := cmp.Diff(visibility, actor.Visibility()); diff != "" {
			t.Errorf("Visibility of %s (-want +got):\n%s", role, diff)
		}
	}
}

// sensitiveActions need fresh authentication, as goldenPolicy independently of the implementation.
var sensitiveActions = []domain.Action{
	domain.ActAPITokenCreate, domain.ActPasswordChange, domain.ActEmailRequestChange, domain.ActUserChangeRole,
	domain.ActTOTPStart, domain.ActTOTPDisable, domain.ActRecoveryCodesRotate, domain.ActUserDisableTOTP,
}

func TestActor_May_DemandsFreshAuthenticationForSensitiveActions(t *testing.T) {
	t.Parallel()

	for line := range strings.Lines(strings.TrimSpace(goldenPolicy)) {
		do := domain.Action(strings.Fields(line)[0])
		for _, role := range policyRoles {
			actor := domain.Actor{UserID: domain.UserID{1}, Role: role, Teaches: []domain.BatchID{{2}}, Fresh: true}
			subject := domain.Subject{User: actor.UserID, Batch: domain.BatchID{2}}
			want := actor.May(do, subject)
			if want == nil && slices.Contains(sensitiveActions, do) && role != domain.RoleSystem {
				want = domain.ErrReauthenticationRequired
			}
			actor.Fresh = false
			if got := actor.May(do, subject); !errors.Is(got, want) {
				t.Errorf("%s by %s without fresh authentication: %v, want %v", do, role, got, want)
			}
		}
	}
}

func TestActor_Authenticated_IsFreshFor15Minutes(t *testing.T) {
	t.Parallel()

	for after, want := range map[time.Duration]bool{0: true, 15*time.Minute - 1: true, 15 * time.Minute: false, 24 * time.Hour: false, -time.Minute: true} {
		if got := (domain.Actor{Fresh: !want}).Authenticated(noon, noon.Add(after)); got.Fresh != want || got.AuthenticatedAt != noon {
			t.Errorf("%s after authentication: %+v, want fresh: %t", after, got, want)
		}
	}
}
