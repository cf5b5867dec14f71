package accounts_test

import (
	"errors"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestResetPassword(t *testing.T) {
	t.Parallel()
	fault := errors.New("disk")
	finds := func(h harness) {
		h.users.EXPECT().UserByEmail(gomock.Any(), ada.Email).Return(ada, "old", nil)
	}
	hashes := func(h harness) { finds(h); h.hasher.EXPECT().Hash(outside(), password).Return("new", nil) }
	tests := map[string]struct {
		actor    domain.Actor
		email    string
		password domain.Secret
		given    func(harness)
		want     error
	}{
		"sessions and API tokens end with the old password": {domain.System, string(ada.Email), password, func(h harness) {
			hashes(h)
			h.hashes.EXPECT().SavePassword(inside(), ada.ID, "new").Return(nil)
			h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(2, nil)
			h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(1, nil)
		}, nil},
		"only the operator may do it": {admin, string(ada.Email), password, func(harness) {}, domain.ErrForbidden},
		"an invalid address":          {domain.System, "x", password, func(harness) {}, domain.ErrInvalid},
		"an unknown address": {domain.System, string(ada.Email), password, func(h harness) {
			h.users.EXPECT().UserByEmail(gomock.Any(), ada.Email).Return(domain.User{}, "", domain.ErrUserNotFound)
		}, domain.ErrUserNotFound},
		"a short password": {domain.System, string(ada.Email), "short", finds, domain.ErrPasswordTooShort},
		"an error of revoking the API tokens is returned": {domain.System, string(ada.Email), password, func(h harness) {
			hashes(h)
			h.hashes.EXPECT().SavePassword(inside(), ada.ID, "new").Return(nil)
			h.sessions.EXPECT().RemoveSessions(inside(), ada.ID).Return(2, nil)
			h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(0, fault)
		}, fault},
		"an error is returned": {domain.System, string(ada.Email), password, func(h harness) {
			hashes(h)
			h.hashes.EXPECT().SavePassword(inside(), ada.ID, "new").Return(fault)
		}, fault},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.given(h)
			user, ended, err := h.ResetPassword(t.Context(), tt.actor, tt.email, tt.password)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err != nil {
				return
			}
			if user != ada || ended != 2 || len(h.uow.Changes) != 1 || h.uow.Changes[0].Action != domain.ActUserResetPassword {
				t.Errorf("got %+v, %d, changes %+v", user, ended, h.uow.Changes)
			}
		})
	}
}
