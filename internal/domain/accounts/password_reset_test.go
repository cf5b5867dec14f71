package accounts_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

var (
	suspendedAda = func() domain.User { u := ada; u.SuspendedAt = &noon; return u }()
	resetRequest = domain.ConfirmationRequest{Kind: domain.ConfirmPasswordReset, Email: ada.Email, At: noon, Device: "Firefox", Origin: origin}
	reset        = domain.Confirmation{Kind: domain.ConfirmPasswordReset, User: ada.ID, ExpiresAt: noon.Add(30 * time.Minute)}
)

func TestRequestPasswordReset_DependsOnNoAccount(t *testing.T) {
	t.Parallel()
	h := newHarness(t) // no call of a store is expected
	h.queue.EXPECT().EnqueueConfirmation(inside(), resetRequest).Return(nil)
	got, err := h.RequestPasswordReset(t.Context(), anyone, " ADA@example.com ", ports.Device{UserAgent: "Firefox"})
	if diff := cmp.Diff(resetRequest, got); err != nil || diff != "" {
		t.Errorf("returned %v, and (-want +got):\n%s", err, diff)
	}
	if _, err := h.RequestPasswordReset(t.Context(), anyone, "ada", ports.Device{}); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("an invalid address returned %v", err)
	}
	h.queue.EXPECT().EnqueueConfirmation(inside(), resetRequest).Return(domain.ErrMailNotConfigured)
	if _, err := h.RequestPasswordReset(t.Context(), anyone, string(ada.Email), ports.Device{UserAgent: "Firefox"}); !errors.Is(err, domain.ErrMailNotConfigured) {
		t.Errorf("without a mail server it returned %v", err)
	}
}

// Nobody can fill the inbox of somebody else, from any number of addresses, and a request that
// fails sends nothing.
func TestRequestPasswordReset_LimitsMailsToAnAddress(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	request := func(email string) error {
		_, err := h.RequestPasswordReset(t.Context(), anyone, email, ports.Device{})
		return err
	}
	h.queue.EXPECT().EnqueueConfirmation(inside(), gomock.Any()).Return(errDisk).Times(10)
	for range 10 {
		if err := request("ada@example.com"); !errors.Is(err, errDisk) {
			t.Fatalf("a failure returned %v", err)
		}
	}
	h.queue.EXPECT().EnqueueConfirmation(inside(), gomock.Any()).Return(nil).Times(7)
	for i := range 5 {
		if err := request([]string{" ADA@example.com ", "ada@example.com"}[i%2]); err != nil {
			t.Fatalf("request %d returned %v", i, err)
		}
	}
	if err := request("ada@example.com"); !errors.Is(err, domain.ErrRateLimited) {
		t.Errorf("the sixth request returned %v", err)
	}
	if err := request("eve@example.com"); err != nil {
		t.Errorf("a request for another address returned %v", err)
	}
	h.elapsed.Store(int64(15 * time.Minute))
	if err := request("ada@example.com"); err != nil {
		t.Errorf("a request after 15 minutes returned %v", err)
	}
}

func TestSendConfirmation_PasswordReset(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		user   domain.User
		found  error
		reason string // of the event
		mails  int
		want   error
	}{
		"a user gets a link":           {user: ada, mails: 1},
		"an unknown address gets none": {found: domain.ErrUserNotFound, reason: "unknown_address"},
		"a suspended user gets none":   {user: suspendedAda, reason: "suspended"},
		"a failure is retried":         {found: errDisk, want: errDisk},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.users.EXPECT().UserByEmail(outside(), ada.Email).Return(tt.user, "old", tt.found)
			h.stored.EXPECT().AddConfirmation(inside(), reset, hashOf(token)).Return(nil).Times(tt.mails)

			err := h.SendConfirmation(t.Context(), resetRequest)

			if !errors.Is(err, tt.want) {
				t.Errorf("returned %v, want %v", err, tt.want)
			}
			var mails []domain.Mail
			if tt.mails > 0 {
				mails = []domain.Mail{{
					Kind: domain.MailPasswordReset, User: ada.ID, To: ada.Email, Name: ada.Name, At: noon, Token: token, Expires: reset.ExpiresAt,
					Device: "Firefox", Address: origin.Address,
				}}
			}
			if diff := cmp.Diff(mails, h.mails.Mails()); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			var events []domain.SecurityEvent
			if tt.want == nil {
				events = []domain.SecurityEvent{{Kind: domain.EventPasswordResetRequested, User: tt.user.ID, Reason: tt.reason, Device: "Firefox", Origin: origin}}
			}
			if diff := cmp.Diff(events, h.security.Events()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfirmPasswordReset(t *testing.T) {
	t.Parallel()
	finds := func(h harness) {
		h.stored.EXPECT().Confirmation(outside(), domain.ConfirmPasswordReset, hashOf(token), noon).Return(reset, nil)
		h.users.EXPECT().User(outside(), ada.ID).Return(ada, nil)
	}
	hashes := func(h harness) {
		finds(h)
		h.hasher.EXPECT().Hash(outside(), password).Return("new", nil)
	}
	uses := func(result error) func(harness) {
		return func(h harness) {
			hashes(h)
			h.stored.EXPECT().UseConfirmation(inside(), domain.ConfirmPasswordReset, hashOf(token), noon).Return(result)
		}
	}
	for name, tt := range map[string]struct {
		token, password domain.Secret
		given           func(harness)
		want            error
	}{
		"all sessions and API tokens end": {token, password, func(h harness) {
			uses(nil)(h)
			h.hashes.EXPECT().SavePassword(inside(), ada.ID, "new").Return(nil)
			h.active.EXPECT().RemoveSessions(inside(), ada.ID).Return(3, nil)
			h.revoker.EXPECT().RevokeAPITokens(inside(), ada.ID, noon).Return(1, nil)
		}, nil},
		"text that is no token": {"short", password, func(harness) {}, domain.ErrConfirmationInvalid},
		"an expired link": {token, password, func(h harness) {
			h.stored.EXPECT().Confirmation(outside(), domain.ConfirmPasswordReset, hashOf(token), noon).Return(domain.Confirmation{}, domain.ErrConfirmationInvalid)
		}, domain.ErrConfirmationInvalid},
		"a link of a suspended user": {token, password, func(h harness) {
			h.stored.EXPECT().Confirmation(outside(), domain.ConfirmPasswordReset, hashOf(token), noon).Return(reset, nil)
			h.users.EXPECT().User(outside(), ada.ID).Return(suspendedAda, nil)
		}, domain.ErrConfirmationInvalid},
		"a link that was used in the meantime": {token, password, uses(domain.ErrConfirmationInvalid), domain.ErrConfirmationInvalid},
		"a user who was suspended in the meantime": {token, password, func(h harness) {
			hashes(h)
			h.uow.Current = func(domain.Actor) (domain.Actor, error) { return domain.Actor{}, domain.ErrUnauthenticated }
		}, domain.ErrConfirmationInvalid},
		"a short password": {token, "short", finds, domain.ErrPasswordTooShort},
		"a busy server": {token, password, func(h harness) {
			finds(h)
			h.hasher.EXPECT().Hash(outside(), password).Return("", domain.ErrBusy)
		}, domain.ErrBusy},
		"a failure of the store": {token, password, uses(errDisk), errDisk},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.given(h)

			if err := h.ConfirmPasswordReset(t.Context(), anyone, tt.token, tt.password); !errors.Is(err, tt.want) {
				t.Fatalf("returned %v, want %v", err, tt.want)
			}
			var changes []domain.Change
			var mails []domain.Mail
			if tt.want == nil {
				changes = []domain.Change{{Action: domain.ActPasswordReset, Subject: ada.ID.String(), Details: map[string]any{"sessions_ended": 3, "api_tokens_revoked": 1}}}
				mails = []domain.Mail{{Kind: domain.MailPasswordChanged, User: ada.ID, To: ada.Email, Name: ada.Name, At: noon, Address: origin.Address}}
			}
			if diff := cmp.Diff(changes, h.uow.Changes); diff != "" {
				t.Errorf("audit entries (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(mails, h.mails.Mails()); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
		})
	}
}
