package accounts_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

var (
	newAddress  = domain.Email("ada.brandt@example.com")
	emailChange = domain.ConfirmationRequest{Kind: domain.ConfirmEmailChange, User: ada.ID, Email: newAddress, At: noon, Device: "Firefox", Origin: origin}
)

func TestRequestEmailChange(t *testing.T) {
	t.Parallel()
	stale := as(ada)
	stale.Fresh = false
	for name, tt := range map[string]struct {
		actor  domain.Actor
		email  string
		queued error
		calls  int
		want   error
	}{
		"queues the request":            {actor: as(ada), email: "Ada.Brandt@example.com", calls: 1},
		"needs fresh authentication":    {actor: stale, email: string(newAddress), want: domain.ErrReauthenticationRequired},
		"an invalid address":            {actor: as(ada), email: "ada", want: domain.ErrInvalid},
		"a server without mail":         {actor: as(ada), email: string(newAddress), calls: 1, queued: domain.ErrMailNotConfigured, want: domain.ErrMailNotConfigured},
		"somebody who is not signed in": {actor: anyone, email: string(newAddress), want: domain.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.queue.EXPECT().EnqueueConfirmation(inside(), emailChange).Return(tt.queued).Times(tt.calls)
			if _, err := h.RequestEmailChange(t.Context(), tt.actor, tt.email, ports.Device{UserAgent: "Firefox"}); !errors.Is(err, tt.want) {
				t.Errorf("returned %v, want %v", err, tt.want)
			}
		})
	}
}

func TestSendConfirmation_EmailChange(t *testing.T) {
	t.Parallel()
	link := domain.Mail{Kind: domain.MailEmailChange, User: ada.ID, To: newAddress, Name: ada.Name, At: noon, Token: token, Expires: noon.Add(24 * time.Hour)}
	owner := domain.User{ID: domain.UserID{8}, Email: newAddress, Name: "Owner"}
	for name, tt := range map[string]struct {
		user domain.User
		own  error // of the new address
		want []domain.Mail
	}{
		"the new address gets a link":        {user: ada, own: domain.ErrUserNotFound, want: []domain.Mail{link}},
		"the owner of a taken one is told":   {user: ada, want: []domain.Mail{{Kind: domain.MailEmailTaken, User: owner.ID, To: newAddress, Name: "Owner", At: noon}}},
		"a suspended user changes nothing":   {user: suspendedAda},
		"an address that is the current one": {user: domain.User{ID: ada.ID, Email: newAddress}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.users.EXPECT().User(outside(), ada.ID).Return(tt.user, nil)
			h.users.EXPECT().UserByEmail(outside(), newAddress).Return(owner, "hash", tt.own).MaxTimes(1)
			h.stored.EXPECT().AddConfirmation(inside(), domain.Confirmation{
				Kind: domain.ConfirmEmailChange, User: ada.ID, Email: newAddress, ExpiresAt: noon.Add(24 * time.Hour),
			}, hashOf(token)).Return(nil).MaxTimes(1)
			if err := h.SendConfirmation(t.Context(), emailChange); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, h.mails.Mails()); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfirmEmailChange_TellsTheOldAddress(t *testing.T) {
	t.Parallel()
	for name, taken := range map[string]error{"a free address": nil, "an address that is taken by now": domain.ErrEmailTaken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			stored := domain.Confirmation{Kind: domain.ConfirmEmailChange, User: ada.ID, Email: newAddress}
			h.stored.EXPECT().Confirmation(outside(), domain.ConfirmEmailChange, hashOf(token), noon).Return(stored, nil)
			h.users.EXPECT().User(outside(), ada.ID).Return(ada, nil)
			h.stored.EXPECT().UseConfirmation(inside(), domain.ConfirmEmailChange, hashOf(token), noon).Return(nil)
			h.users.EXPECT().LockedUser(inside(), ada.ID).Return(ada, nil)
			changed := ada
			changed.Email = newAddress
			h.emails.EXPECT().SaveEmail(inside(), changed).Return(taken)
			undo := domain.Confirmation{Kind: domain.ConfirmEmailUndo, User: ada.ID, Email: ada.Email, ExpiresAt: noon.Add(7 * 24 * time.Hour)}
			h.stored.EXPECT().AddConfirmation(inside(), undo, hashOf(token)).Return(nil).MaxTimes(1)

			if err := h.ConfirmEmailChange(t.Context(), anyone, token); !errors.Is(err, taken) {
				t.Fatalf("returned %v, want %v", err, taken)
			}
			var want []domain.Mail
			if taken == nil {
				want = []domain.Mail{{
					Kind: domain.MailEmailChanged, User: ada.ID, To: ada.Email, Name: ada.Name, At: noon, Token: token, Expires: undo.ExpiresAt,
					Address: origin.Address, Object: string(newAddress),
				}}
			}
			if diff := cmp.Diff(want, h.mails.Mails()); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUndoEmailChange_LocksTheThiefOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	now := ada
	now.Email = "thief@example.com"
	h.stored.EXPECT().Confirmation(outside(), domain.ConfirmEmailUndo, hashOf(token), noon).
		Return(domain.Confirmation{Kind: domain.ConfirmEmailUndo, User: ada.ID, Email: ada.Email}, nil)
	h.users.EXPECT().User(outside(), ada.ID).Return(now, nil)
	h.stored.EXPECT().UseConfirmation(inside(), domain.ConfirmEmailUndo, hashOf(token), noon).Return(nil)
	h.users.EXPECT().LockedUser(inside(), ada.ID).Return(now, nil)
	h.emails.EXPECT().SaveEmail(inside(), ada).Return(nil)
	h.hashes.EXPECT().SavePassword(inside(), ada.ID, "").Return(nil)
	h.stored.EXPECT().RemoveConfirmations(inside(), ada.ID).Return(nil)
	h.active.EXPECT().RemoveSessions(inside(), ada.ID).Return(2, nil)
	h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(1, nil)
	h.stored.EXPECT().AddConfirmation(inside(), reset, hashOf(token)).Return(nil)

	if err := h.UndoEmailChange(t.Context(), anyone, token); err != nil {
		t.Fatal(err)
	}
	want := []domain.Mail{{
		Kind: domain.MailPasswordReset, User: ada.ID, To: ada.Email, Name: ada.Name, At: noon, Token: token, Expires: reset.ExpiresAt, Address: origin.Address,
	}}
	if diff := cmp.Diff(want, h.mails.Mails()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}
