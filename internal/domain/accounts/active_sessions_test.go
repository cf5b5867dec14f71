package accounts_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

func TestSessions_AreListed(t *testing.T) {
	t.Parallel()
	page := domain.PageRequest{Limit: 2}
	some := domain.Page[domain.Session]{Items: []domain.Session{{ID: domain.SessionID{7}}}}
	none := domain.Page[domain.Session]{Items: []domain.Session{}}
	tests := map[string]struct {
		actor domain.Actor
		given func(harness)
		want  error
	}{
		"an admin sees those of others": {admin, func(h harness) {
			h.active.EXPECT().ListSessions(gomock.Any(), ada.ID, noon, page).Return(some, nil)
		}, nil},
		"a user without one exists": {admin, func(h harness) {
			h.active.EXPECT().ListSessions(gomock.Any(), ada.ID, noon, page).Return(none, nil)
			h.users.EXPECT().User(gomock.Any(), ada.ID).Return(ada, nil)
		}, nil},
		"an unknown user": {admin, func(h harness) {
			h.active.EXPECT().ListSessions(gomock.Any(), ada.ID, noon, page).Return(none, nil)
			h.users.EXPECT().User(gomock.Any(), ada.ID).Return(domain.User{}, domain.ErrUserNotFound)
		}, domain.ErrUserNotFound},
		"users do not see those of others, nor their own at this place": {as(ada), func(harness) {}, domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.given(h)
			if _, err := h.UserSessions(t.Context(), tt.actor, ada.ID, page); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	t.Run("users see their own", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.active.EXPECT().ListSessions(gomock.Any(), ada.ID, noon, page).Return(some, nil)
		if got, err := h.MySessions(t.Context(), as(ada), page); err != nil || len(got.Items) != 1 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestSessions_AreEnded(t *testing.T) {
	t.Parallel()
	phone := domain.SessionID{7}
	tests := map[string]struct {
		end   func(context.Context, harness) error
		given func(harness)
		want  error
		audit domain.Action // empty if nothing changed
	}{
		"one": {
			func(ctx context.Context, h harness) error { return h.RevokeMySession(ctx, as(ada), phone) },
			func(h harness) { h.active.EXPECT().RemoveSessionOfUser(inside(), ada.ID, phone).Return(nil) },
			nil, domain.ActSessionRevoke,
		},
		"one that does not exist": {
			func(ctx context.Context, h harness) error { return h.RevokeMySession(ctx, as(ada), phone) },
			func(h harness) {
				h.active.EXPECT().RemoveSessionOfUser(inside(), ada.ID, phone).Return(domain.ErrSessionNotFound)
			},
			domain.ErrSessionNotFound, "",
		},
		"all others": {
			func(ctx context.Context, h harness) error { return h.RevokeMyOtherSessions(ctx, as(ada)) },
			func(h harness) {
				h.active.EXPECT().RemoveOtherSessions(inside(), ada.ID, as(ada).SessionID).Return(2, nil)
			},
			nil, domain.ActSessionRevokeAll,
		},
		"all others, if there is none": {
			func(ctx context.Context, h harness) error { return h.RevokeMyOtherSessions(ctx, as(ada)) },
			func(h harness) {
				h.active.EXPECT().RemoveOtherSessions(inside(), ada.ID, as(ada).SessionID).Return(0, nil)
			},
			nil, "",
		},
		"all of another user by an admin": {
			func(ctx context.Context, h harness) error { return h.RevokeUserSessions(ctx, admin, ada.ID) },
			func(h harness) {
				h.users.EXPECT().LockedUser(inside(), ada.ID).Return(ada, nil)
				h.active.EXPECT().RemoveSessions(inside(), ada.ID).Return(3, nil)
			},
			nil, domain.ActUserRevokeSessions,
		},
		"all of an unknown user": {
			func(ctx context.Context, h harness) error { return h.RevokeUserSessions(ctx, admin, ada.ID) },
			func(h harness) {
				h.users.EXPECT().LockedUser(inside(), ada.ID).Return(domain.User{}, domain.ErrUserNotFound)
			},
			domain.ErrUserNotFound, "",
		},
		"all of a user by themselves, at the place for admins": {
			func(ctx context.Context, h harness) error { return h.RevokeUserSessions(ctx, as(ada), ada.ID) },
			func(harness) {},
			domain.ErrForbidden, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.given(h)
			if err := tt.end(t.Context(), h); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			var done domain.Action
			if len(h.uow.Changes) == 1 {
				done = h.uow.Changes[0].Action
			}
			if done != tt.audit {
				t.Errorf("the audit log has %+v, want %q", h.uow.Changes, tt.audit)
			}
		})
	}
}

var errDisk = errors.New("disk")

func TestChangePassword(t *testing.T) {
	t.Parallel()
	change := ports.PasswordChange{Current: "the old seven otters", New: password}
	finds := func(h harness) {
		h.users.EXPECT().User(outside(), ada.ID).Return(ada, nil)
		h.users.EXPECT().UserByEmail(outside(), ada.Email).Return(ada, "old", nil)
	}
	verifies := func(matches bool) func(harness) {
		return func(h harness) {
			finds(h)
			h.hasher.EXPECT().Verify(outside(), change.Current, "old").Return(matches, nil)
		}
	}
	hashes := func(h harness) {
		verifies(true)(h)
		h.hasher.EXPECT().Hash(outside(), change.New).Return("new", nil)
	}
	tests := map[string]struct {
		actor  domain.Actor
		change ports.PasswordChange
		given  func(harness)
		want   error
	}{
		"the other sessions end": {as(ada), change, func(h harness) {
			hashes(h)
			h.users.EXPECT().UserByEmail(inside(), ada.Email).Return(ada, "old", nil)
			h.hashes.EXPECT().SavePassword(inside(), ada.ID, "new").Return(nil)
			h.active.EXPECT().RemoveOtherSessions(inside(), ada.ID, as(ada).SessionID).Return(2, nil)
		}, nil},
		"a wrong password": {as(ada), change, verifies(false), domain.ErrCurrentPasswordWrong},
		"a password that was reset in the meantime": {as(ada), change, func(h harness) {
			hashes(h)
			h.users.EXPECT().UserByEmail(inside(), ada.Email).Return(ada, "reset", nil)
		}, domain.ErrCurrentPasswordWrong},
		"a failure is no wrong password": {as(ada), change, func(h harness) {
			hashes(h)
			h.users.EXPECT().UserByEmail(inside(), ada.Email).Return(domain.User{}, "", errDisk)
		}, errDisk},
		"a short password": {as(ada), ports.PasswordChange{Current: "the old seven otters", New: "short"}, finds, domain.ErrPasswordTooShort},
		"a deleted user": {as(ada), change, func(h harness) {
			h.users.EXPECT().User(outside(), ada.ID).Return(domain.User{}, domain.ErrUserNotFound)
		}, domain.ErrUnauthenticated},
		"an old proof": {domain.Actor{UserID: ada.ID, Role: ada.Role}, change, func(harness) {}, domain.ErrReauthenticationRequired},
		"nobody":       {anyone, change, func(harness) {}, domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.given(h)
			err := h.ChangePassword(t.Context(), tt.actor, tt.change)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if errors.Is(err, errDisk) && errors.Is(err, domain.ErrCurrentPasswordWrong) {
				t.Errorf("the failure counts as a wrong password: %v", err)
			}
			if (tt.want == nil) != (len(h.uow.Changes) == 1) {
				t.Errorf("the audit log has %+v", h.uow.Changes)
			}
			var notices []domain.Mail
			if tt.want == nil {
				notices = []domain.Mail{{Kind: domain.MailPasswordChanged, User: ada.ID, To: ada.Email, Name: ada.Name, At: noon, Address: origin.Address}}
			}
			if diff := cmp.Diff(notices, h.mails.Mails()); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
		})
	}
}
