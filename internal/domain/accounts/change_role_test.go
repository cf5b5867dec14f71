package accounts_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

// change is a call of ChangeRole, Suspend or Reinstate on Ada.
type change struct {
	actor domain.Actor
	call  func(*testing.T, harness, domain.Actor) (domain.User, error)
	given func(harness)
	user  domain.User
	want  error
	audit []domain.Change
}

func (c change) run(t *testing.T) {
	t.Helper()
	h := newHarness(t)
	if c.given != nil {
		c.given(h)
	}
	got, err := c.call(t, h, c.actor)
	if got != c.user || !errors.Is(err, c.want) {
		t.Errorf("got %+v, %v; want %+v, %v", got, err, c.user, c.want)
	}
	if diff := cmp.Diff(c.audit, h.uow.Changes); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestChangeRole(t *testing.T) {
	t.Parallel()

	to := func(role domain.Role) func(*testing.T, harness, domain.Actor) (domain.User, error) {
		return func(t *testing.T, h harness, actor domain.Actor) (domain.User, error) {
			t.Helper()
			return h.ChangeRole(t.Context(), actor, ada.ID, role, nil)
		}
	}
	audit := func(from, to domain.Role) []domain.Change {
		return []domain.Change{{
			Action: domain.ActUserChangeRole, Subject: ada.ID.String(),
			Details: map[string]any{"role": map[string]any{"from": from, "to": to}},
		}}
	}
	stored := func(role domain.Role) domain.User { return with(withRole(role), func(u *domain.User) { u.Version++ }) }
	admins := func(h harness, ids ...domain.UserID) *gomock.Call {
		return h.users.EXPECT().LockedAdmins(inside()).Return(ids, nil).Call
	}
	lock := func(h harness, role domain.Role) *gomock.Call {
		return h.users.EXPECT().LockedUser(inside(), ada.ID).Return(withRole(role), nil).Call
	}
	endSessions := func(h harness) *gomock.Call {
		h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(1, nil)
		return h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(2, nil).Call
	}
	saves := func(h harness, role domain.Role) []any {
		return []any{
			h.users.EXPECT().SaveUser(inside(), withRole(role)).Return(nil).Call,
			h.users.EXPECT().User(inside(), ada.ID).Return(stored(role), nil).Call,
		}
	}
	other, fault := domain.UserID{99}, errors.New("disk full")

	tests := map[string]change{
		"a member becomes an instructor": {
			actor: admin, call: to(domain.RoleInstructor),
			given: func(h harness) {
				gomock.InOrder(append([]any{admins(h, other), lock(h, domain.RoleMember), endSessions(h)}, saves(h, domain.RoleInstructor)...)...)
			},
			user: stored(domain.RoleInstructor), audit: audit(domain.RoleMember, domain.RoleInstructor),
		},
		"promoting to admin does not lock the admins": {
			actor: admin, call: to(domain.RoleAdmin),
			given: func(h harness) {
				gomock.InOrder(append([]any{lock(h, domain.RoleMember), endSessions(h)}, saves(h, domain.RoleAdmin)...)...)
			},
			user: stored(domain.RoleAdmin), audit: audit(domain.RoleMember, domain.RoleAdmin),
		},
		"one of two admins is demoted, and the admins are locked before the user": {
			actor: admin, call: to(domain.RoleMember),
			given: func(h harness) {
				gomock.InOrder(append([]any{admins(h, ada.ID, other), lock(h, domain.RoleAdmin), endSessions(h)}, saves(h, domain.RoleMember)...)...)
			},
			user: stored(domain.RoleMember), audit: audit(domain.RoleAdmin, domain.RoleMember),
		},
		"the last admin cannot be demoted": {
			actor: as(withRole(domain.RoleAdmin)), call: to(domain.RoleMember),
			given: func(h harness) { admins(h, ada.ID); lock(h, domain.RoleAdmin) },
			want:  domain.ErrLastAdmin,
		},
		"a student loses their enrolment": {
			actor: admin, call: to(domain.RoleInstructor),
			given: func(h harness) {
				admins(h, other)
				lock(h, domain.RoleStudent)
				h.enrolments.EXPECT().EndEnrolment(inside(), ada.ID, domain.EnrolmentDropped).Return(nil)
				endSessions(h)
				saves(h, domain.RoleInstructor)
			},
			user: stored(domain.RoleInstructor), audit: audit(domain.RoleStudent, domain.RoleInstructor),
		},
		"an instructor loses their assignments": {
			actor: admin, call: to(domain.RoleMember),
			given: func(h harness) {
				admins(h, other)
				lock(h, domain.RoleInstructor)
				h.instructors.EXPECT().RemoveAssignments(inside(), ada.ID).Return(nil)
				endSessions(h)
				saves(h, domain.RoleMember)
			},
			user: stored(domain.RoleMember), audit: audit(domain.RoleInstructor, domain.RoleMember),
		},
		"the same role changes nothing and keeps the sessions": {
			actor: admin, call: to(domain.RoleStudent),
			given: func(h harness) { admins(h, other); lock(h, domain.RoleStudent) },
			user:  withRole(domain.RoleStudent),
		},
		"the role student is rejected": {
			actor: admin, call: to(domain.RoleStudent),
			given: func(h harness) { admins(h, other); lock(h, domain.RoleMember) },
			want:  domain.ErrStudentRoleRequiresEnrolment,
		},
		"an unknown user is rejected": {
			actor: admin, call: to(domain.RoleAdmin),
			given: func(h harness) {
				h.users.EXPECT().LockedUser(inside(), ada.ID).Return(domain.User{}, domain.ErrUserNotFound)
			},
			want: domain.ErrUserNotFound,
		},
		"a member cannot change their own role": {actor: as(ada), call: to(domain.RoleAdmin), want: domain.ErrForbidden},
		"an instructor cannot change roles":     {actor: as(withRole(domain.RoleInstructor)), call: to(domain.RoleMember), want: domain.ErrForbidden},
		"the system cannot change roles":        {actor: domain.System, call: to(domain.RoleMember), want: domain.ErrForbidden},
		"an error of locking the admins is returned": {
			actor: admin, call: to(domain.RoleMember),
			given: func(h harness) { h.users.EXPECT().LockedAdmins(inside()).Return(nil, fault) },
			want:  fault,
		},
		"an error of ending the enrolment is returned": {
			actor: admin, call: to(domain.RoleAdmin),
			given: func(h harness) {
				lock(h, domain.RoleStudent)
				h.enrolments.EXPECT().EndEnrolment(inside(), ada.ID, domain.EnrolmentDropped).Return(fault)
			},
			want: fault,
		},
		"an error of removing the assignments is returned": {
			actor: admin, call: to(domain.RoleAdmin),
			given: func(h harness) {
				lock(h, domain.RoleInstructor)
				h.instructors.EXPECT().RemoveAssignments(inside(), ada.ID).Return(fault)
			},
			want: fault,
		},
		"an error of ending the sessions is returned": {
			actor: admin, call: to(domain.RoleAdmin),
			given: func(h harness) {
				lock(h, domain.RoleMember)
				h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(0, fault)
			},
			want: fault,
		},
		"an error of revoking the API tokens is returned": {
			actor: admin, call: to(domain.RoleAdmin),
			given: func(h harness) {
				lock(h, domain.RoleMember)
				h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(0, nil)
				h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(0, fault)
			},
			want: fault,
		},
		"an error of saving is returned": {
			actor: admin, call: to(domain.RoleAdmin),
			given: func(h harness) {
				lock(h, domain.RoleMember)
				endSessions(h)
				h.users.EXPECT().SaveUser(inside(), withRole(domain.RoleAdmin)).Return(fault)
			},
			want: fault,
		},
		"an error of reading is returned": {
			actor: admin, call: to(domain.RoleAdmin),
			given: func(h harness) {
				lock(h, domain.RoleMember)
				endSessions(h)
				h.users.EXPECT().SaveUser(inside(), withRole(domain.RoleAdmin)).Return(nil)
				h.users.EXPECT().User(inside(), ada.ID).Return(domain.User{}, fault)
			},
			want: fault,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tt.run(t)
		})
	}
}
