package accounts_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func with(u domain.User, change func(*domain.User)) domain.User {
	change(&u)
	return u
}

func withRole(role domain.Role) domain.User { return with(ada, func(u *domain.User) { u.Role = role }) }

func TestMe(t *testing.T) {
	t.Parallel()

	fault := errors.New("disk full")
	tests := map[string]struct {
		actor domain.Actor
		found error
		want  error
	}{
		"the actor's own account is returned":       {as(ada), nil, nil},
		"a deleted account is not signed in":        {as(ada), domain.ErrUserNotFound, domain.ErrUnauthenticated},
		"an error is returned":                      {as(ada), fault, fault},
		"a caller who is not signed in is rejected": {anyone, nil, domain.ErrUnauthenticated},
		"the system has no account":                 {domain.System, nil, domain.ErrUnauthenticated},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h, want := newHarness(t), domain.Me{}
			if tt.found == nil {
				want = domain.Me{User: ada, Teaches: []domain.BatchID{{7}}}
			}
			if !tt.actor.UserID.IsZero() {
				h.users.EXPECT().Me(outside(), ada.ID, ada.Role).Return(want, tt.found)
			} else {
				want = domain.Me{}
			}
			got, err := h.Me(t.Context(), tt.actor)
			if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, tt.want) {
				t.Errorf("Me: error %v, want %v (-want +got):\n%s", err, tt.want, diff)
			}
		})
	}
}

func TestUpdateMe(t *testing.T) {
	t.Parallel()

	var (
		renamed = with(ada, func(u *domain.User) { u.Name = "Ada L" })
		moved   = with(ada, func(u *domain.User) { u.TimeZone = "Asia/Kathmandu" })
		fault   = errors.New("disk full")
	)
	lock := func(h harness) *gomock.Call {
		return h.users.EXPECT().LockedUser(inside(), ada.ID).Return(ada, nil).Call
	}
	reads := func(h harness, u domain.User, err error) *gomock.Call {
		return h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: u}, err).Call
	}
	tests := map[string]struct {
		actor  domain.Actor
		update domain.ProfileUpdate
		given  func(harness)
		me     domain.Me
		want   error
		audit  []domain.Change
	}{
		"a new name is saved, but not recorded in the audit log": {
			actor: as(ada), update: domain.ProfileUpdate{Name: new("Ada L")},
			given: func(h harness) {
				gomock.InOrder(lock(h), h.users.EXPECT().SaveUser(inside(), renamed).Return(nil).Call, reads(h, renamed, nil))
			},
			me:    domain.Me{User: renamed},
			audit: []domain.Change{{Action: domain.ActAccountUpdate, Subject: ada.ID.String(), Details: map[string]any{"name": "changed"}}},
		},
		"a new time zone is saved": {
			actor: as(ada), update: domain.ProfileUpdate{TimeZone: new("Asia/Kathmandu")},
			given: func(h harness) {
				gomock.InOrder(lock(h), h.users.EXPECT().SaveUser(inside(), moved).Return(nil).Call, reads(h, moved, nil))
			},
			me: domain.Me{User: moved},
			audit: []domain.Change{{
				Action: domain.ActAccountUpdate, Subject: ada.ID.String(),
				Details: map[string]any{"time_zone": map[string]any{"from": domain.UTC, "to": domain.TimeZone("Asia/Kathmandu")}},
			}},
		},
		"an unchanged value is neither saved nor recorded": {
			actor: as(ada), update: domain.ProfileUpdate{Name: new("Ada")},
			given: func(h harness) { lock(h); reads(h, ada, nil) },
			me:    domain.Me{User: ada},
		},
		"an invalid name is rejected": {
			actor: as(ada), update: domain.ProfileUpdate{Name: new("")},
			given: func(h harness) { lock(h) },
			want:  domain.ErrInvalid,
		},
		"a caller who is not signed in is rejected": {actor: anyone, given: func(harness) {}, want: domain.ErrForbidden},
		"an error of the lock is returned": {
			actor: as(ada),
			given: func(h harness) { h.users.EXPECT().LockedUser(inside(), ada.ID).Return(domain.User{}, fault) },
			want:  fault,
		},
		"an error of saving is returned": {
			actor: as(ada), update: domain.ProfileUpdate{Name: new("Ada L")},
			given: func(h harness) { lock(h); h.users.EXPECT().SaveUser(inside(), renamed).Return(fault) },
			want:  fault,
		},
		"an error of reading is returned": {
			actor: as(ada),
			given: func(h harness) { lock(h); reads(h, ada, fault) },
			want:  fault,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := h.UpdateMe(t.Context(), tt.actor, tt.update, nil)

			if diff := cmp.Diff(tt.me, got); diff != "" || !errors.Is(err, tt.want) {
				t.Errorf("UpdateMe: error %v, want %v (-want +got):\n%s", err, tt.want, diff)
			}
			if diff := cmp.Diff(tt.audit, h.uow.Changes); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()

	filter, request := domain.UserFilter{Role: domain.RoleMember, Search: "ad"}, domain.PageRequest{Limit: 10, After: "x"}
	page := domain.Page[domain.User]{Items: []domain.User{ada}, Next: "y"}

	t.Run("an admin can list and get users", func(t *testing.T) {
		t.Parallel()

		h := newHarness(t)
		h.users.EXPECT().ListUsers(outside(), filter, request).Return(page, nil)
		h.users.EXPECT().User(outside(), ada.ID).Return(ada, nil)
		got, err := h.Users(t.Context(), admin, filter, request)
		if diff := cmp.Diff(page, got); diff != "" || err != nil {
			t.Errorf("Users: error %v (-want +got):\n%s", err, diff)
		}
		if one, err := h.User(t.Context(), admin, ada.ID); one != ada || err != nil {
			t.Errorf("User = %+v, %v", one, err)
		}
	})
	for _, role := range []domain.Role{domain.RoleMember, domain.RoleStudent, domain.RoleInstructor, domain.RoleAnyone} {
		t.Run("a "+string(role)+" cannot list or get users, not even themselves", func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			if _, err := h.Users(t.Context(), as(withRole(role)), filter, request); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("Users: %v, want %v", err, domain.ErrForbidden)
			}
			if _, err := h.User(t.Context(), as(withRole(role)), ada.ID); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("User: %v, want %v", err, domain.ErrForbidden)
			}
		})
	}
}
