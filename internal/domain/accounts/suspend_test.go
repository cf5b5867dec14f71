package accounts_test

import (
	"errors"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestSuspendAndReinstate(t *testing.T) {
	t.Parallel()

	suspend := func(t *testing.T, h harness, actor domain.Actor) (domain.User, error) {
		t.Helper()
		return h.Suspend(t.Context(), actor, ada.ID, nil)
	}
	reinstate := func(t *testing.T, h harness, actor domain.Actor) (domain.User, error) {
		t.Helper()
		return h.Reinstate(t.Context(), actor, ada.ID, nil)
	}
	suspended := with(ada, func(u *domain.User) { u.SuspendedAt = &noon })
	stored := with(suspended, func(u *domain.User) { u.Version++ })
	connection := domain.Connection{
		User: ada.ID, Kind: domain.ConnectedByOAuth, State: domain.Connected, AccessToken: "access", RefreshToken: "refresh",
		Account: domain.WakaTimeAccount{Server: "waka.example", ID: "1", Username: "ada"},
	}
	other, fault := domain.UserID{99}, errors.New("disk full")
	admins := func(h harness, ids ...domain.UserID) *gomock.Call {
		return h.users.EXPECT().LockedAdmins(inside()).Return(ids, nil).Call
	}
	lock := func(h harness, u domain.User) *gomock.Call {
		return h.users.EXPECT().LockedUser(inside(), ada.ID).Return(u, nil).Call
	}
	isSuspended := gomock.Cond(func(u domain.User) bool { return u.SuspendedAt != nil && u.SuspendedAt.Equal(noon) })

	tests := map[string]change{
		"suspending a user ends their sessions and API tokens": {
			actor: admin, call: suspend,
			given: func(h harness) {
				gomock.InOrder(
					admins(h, other),
					lock(h, ada),
					h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(2, nil).Call,
					h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(1, nil).Call,
					h.connections.EXPECT().RemoveConnection(inside(), ada.ID, domain.ExpectedVersions(nil)).Return(domain.Connection{}, domain.ErrConnectionNotFound).Call,
					h.users.EXPECT().SaveUser(inside(), isSuspended).Return(nil).Call,
					h.users.EXPECT().User(inside(), ada.ID).Return(stored, nil).Call,
				)
			},
			user:  stored,
			audit: []domain.Change{{Action: domain.ActUserSuspend, Subject: ada.ID.String()}},
		},
		"suspending a user removes their connection and then revokes its tokens": {
			actor: admin, call: suspend,
			given: func(h harness) {
				admins(h, other)
				lock(h, ada)
				h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(0, nil)
				h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(0, nil)
				gomock.InOrder(
					h.connections.EXPECT().RemoveConnection(inside(), ada.ID, domain.ExpectedVersions(nil)).Return(connection, nil).Call,
					h.users.EXPECT().SaveUser(inside(), isSuspended).Return(nil).Call,
					h.users.EXPECT().User(inside(), ada.ID).Return(stored, nil).Call,
					h.connections.EXPECT().Revoke(outside(), connection).Return(domain.RevocationFailed).Call, // which does not matter
				)
			},
			user: stored,
			audit: []domain.Change{{Action: domain.ActUserSuspend, Subject: ada.ID.String(), Details: map[string]any{
				"disconnected": map[string]any{"kind": domain.ConnectedByOAuth, "server": "waka.example", "account": "ada"},
			}}},
		},
		"an error of removing the connection is returned": {
			actor: admin, call: suspend,
			given: func(h harness) {
				admins(h, other)
				lock(h, ada)
				h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(0, nil)
				h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(0, nil)
				h.connections.EXPECT().RemoveConnection(inside(), ada.ID, domain.ExpectedVersions(nil)).Return(domain.Connection{}, fault)
			},
			want: fault,
		},
		"the tokens of a user who could not be suspended are not revoked": {
			actor: admin, call: suspend,
			given: func(h harness) {
				admins(h, other)
				lock(h, ada)
				h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(0, nil)
				h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(0, nil)
				h.connections.EXPECT().RemoveConnection(inside(), ada.ID, domain.ExpectedVersions(nil)).Return(connection, nil)
				h.users.EXPECT().SaveUser(inside(), isSuspended).Return(fault)
			},
			want: fault,
		},
		"the last admin cannot be suspended, not even by themselves": {
			actor: as(withRole(domain.RoleAdmin)), call: suspend,
			given: func(h harness) { admins(h, ada.ID); lock(h, withRole(domain.RoleAdmin)) },
			want:  domain.ErrLastAdmin,
		},
		"suspending a suspended user changes nothing": {
			actor: admin, call: suspend,
			given: func(h harness) { admins(h, other); lock(h, suspended) },
			user:  suspended,
		},
		"an error of ending the sessions is returned": {
			actor: admin, call: suspend,
			given: func(h harness) {
				admins(h, other)
				lock(h, ada)
				h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(0, fault)
			},
			want: fault,
		},
		"an error of revoking the API tokens is returned": {
			actor: admin, call: suspend,
			given: func(h harness) {
				admins(h, other)
				lock(h, ada)
				h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(0, nil)
				h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(0, fault)
			},
			want: fault,
		},
		"an instructor cannot suspend": {actor: as(withRole(domain.RoleInstructor)), call: suspend, want: domain.ErrForbidden},
		"a suspended user is reinstated without a connection": {
			actor: admin, call: reinstate,
			given: func(h harness) {
				gomock.InOrder(
					lock(h, suspended),
					h.users.EXPECT().SaveUser(inside(), ada).Return(nil).Call,
					h.users.EXPECT().User(inside(), ada.ID).Return(ada, nil).Call,
				)
			},
			user:  ada,
			audit: []domain.Change{{Action: domain.ActUserReinstate, Subject: ada.ID.String()}},
		},
		"reinstating a user who is not suspended changes nothing": {
			actor: admin, call: reinstate,
			given: func(h harness) { lock(h, ada) },
			user:  ada,
		},
		"a member cannot reinstate": {actor: as(ada), call: reinstate, want: domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tt.run(t)
		})
	}
}
