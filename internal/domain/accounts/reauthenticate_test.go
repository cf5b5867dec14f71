package accounts_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

func TestReauthenticate(t *testing.T) {
	t.Parallel()

	caller := as(ada)
	caller.AuthenticatedAt, caller.Fresh = noon.AddDate(0, 0, -1), false
	renewed := domain.Session{ID: caller.SessionID, User: ada.ID, AuthenticatedAt: noon, TokenExpiresAt: noon.Add(lifetime.Access)}
	fault := errors.New("disk full")
	verifies := func(matches bool) func(harness) {
		return func(h harness) {
			h.users.EXPECT().User(outside(), ada.ID).Return(ada, nil)
			h.users.EXPECT().UserByEmail(outside(), ada.Email).Return(ada, "hash", nil)
			h.hasher.EXPECT().Verify(outside(), password, "hash").Return(matches, nil)
		}
	}
	verified := func(h harness) {
		verifies(true)(h)
		h.users.EXPECT().UserByEmail(inside(), ada.Email).Return(ada, "hash", nil)
	}
	renews := func(h harness, s domain.Session, err error) {
		h.sessions.EXPECT().RenewSession(inside(), renewed, caller.AuthenticatedAt, hashOf(token)).Return(s, err)
	}
	tests := map[string]struct {
		actor domain.Actor
		given func(harness)
		want  error
	}{
		"the password renews the session": {caller, func(h harness) {
			verified(h)
			renews(h, renewed, nil)
			h.refresh.EXPECT().SaveTokenFamily(inside(), caller.SessionID, firstFamily).Return(nil)
			h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil)
		}, nil},
		"a wrong password is rejected": {caller, verifies(false), domain.ErrCurrentPasswordWrong},
		"a password that was changed in the meantime is rejected": {caller, func(h harness) {
			verifies(true)(h)
			h.users.EXPECT().UserByEmail(inside(), ada.Email).Return(ada, "new", nil)
		}, domain.ErrCurrentPasswordWrong},
		"the second of two requests is rejected": {caller, func(h harness) {
			verified(h)
			renews(h, domain.Session{}, domain.ErrUnauthenticated)
		}, domain.ErrUnauthenticated},
		"a session that ended in the meantime is rejected": {caller, func(h harness) {
			verifies(true)(h)
			h.uow.Current = func(domain.Actor) (domain.Actor, error) { return domain.Actor{}, domain.ErrUnauthenticated }
		}, domain.ErrUnauthenticated},
		"a failure is no wrong password": {caller, func(h harness) {
			verifies(true)(h)
			h.users.EXPECT().UserByEmail(inside(), ada.Email).Return(domain.User{}, "", fault)
		}, fault},
		"a busy hasher is reported": {caller, func(h harness) {
			h.users.EXPECT().User(outside(), ada.ID).Return(ada, nil)
			h.users.EXPECT().UserByEmail(outside(), ada.Email).Return(ada, "hash", nil)
			h.hasher.EXPECT().Verify(outside(), password, "hash").Return(false, domain.ErrBusy)
		}, domain.ErrBusy},
		"a deleted user": {caller, func(h harness) {
			h.users.EXPECT().User(outside(), ada.ID).Return(domain.User{}, domain.ErrUserNotFound)
		}, domain.ErrUnauthenticated},
		"nobody": {anyone, func(harness) {}, domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := newHarness(t)
			tt.given(h)
			got, err := h.Reauthenticate(t.Context(), tt.actor, password, ports.Device{UserAgent: "Firefox"})
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if errors.Is(err, fault) && errors.Is(err, domain.ErrCurrentPasswordWrong) {
				t.Errorf("the failure counts as a wrong password: %v", err)
			}
			var want domain.SignedIn
			var audit []domain.Change
			var events []domain.SecurityEvent
			event := domain.SecurityEvent{User: ada.ID, Device: "Firefox", Origin: origin}
			switch {
			case errors.Is(err, domain.ErrCurrentPasswordWrong):
				audit = []domain.Change{{Action: domain.ActSessionDeny, Subject: ada.ID.String(), Details: map[string]any{"reason": "wrong_password", "device": "Firefox"}}}
				event.Kind, event.Reason = domain.EventReauthenticationFailed, "wrong_password"
				events = append(events, event)
			case tt.want == nil:
				event.Kind = domain.EventReauthentication
				events = append(events, event)
				want = domain.SignedIn{Session: renewed, Token: token, RefreshToken: firstRefreshToken, Me: domain.Me{User: ada}}
				audit = []domain.Change{{Action: domain.ActReauthenticate, Subject: caller.SessionID.String()}}
			}
			if diff := cmp.Diff([]any{want, audit, events}, []any{got, h.uow.Changes, h.security.Events()}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The session of a browser has one token, in its cookie.
func TestReauthenticate_InACookie(t *testing.T) {
	t.Parallel()

	h := newHarness(t)
	renewed := domain.Session{ID: as(ada).SessionID, User: ada.ID, AuthenticatedAt: noon}
	h.users.EXPECT().User(outside(), ada.ID).Return(ada, nil)
	h.users.EXPECT().UserByEmail(gomock.Any(), ada.Email).Return(ada, "hash", nil).Times(2)
	h.hasher.EXPECT().Verify(outside(), password, "hash").Return(true, nil)
	h.sessions.EXPECT().RenewSession(inside(), renewed, noon, hashOf(token)).Return(renewed, nil)
	h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil)
	if in, err := h.Reauthenticate(t.Context(), as(ada), password, ports.Device{Cookie: true}); err != nil || !in.RefreshToken.IsZero() {
		t.Errorf("got %+v, %v", in, err)
	}
}
