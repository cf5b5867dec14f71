package accounts_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

func TestSignIn_SendsNotices(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		device   domain.Secret // its token
		usedFrom bool
		ended    []domain.SessionID
		want     []domain.MailKind
	}{
		"a device that is not known":                 {want: []domain.MailKind{domain.MailNewDevice}},
		"a device that signed in before":             {device: devices{}.NewDeviceToken(ada.ID)},
		"a device that signed in to another account": {device: devices{}.NewDeviceToken(admin.UserID), want: []domain.MailKind{domain.MailNewDevice}},
		"a program with another session":             {usedFrom: true},
		"a session too many":                         {usedFrom: true, ended: []domain.SessionID{{7}}, want: []domain.MailKind{domain.MailSessionLimit}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.usedFrom.Store(tt.usedFrom)
			h.users.EXPECT().UserByEmail(gomock.Any(), ada.Email).Return(ada, "hash", nil).Times(2)
			h.hasher.EXPECT().Verify(outside(), password, "hash").Return(true, nil)
			h.sessions.EXPECT().AddSession(inside(), gomock.Any(), hashOf(token), 20).Return(tt.ended, nil)
			h.refresh.EXPECT().SaveTokenFamily(inside(), gomock.Any(), firstFamily).Return(nil)
			h.users.EXPECT().Me(inside(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil)

			if _, err := h.SignIn(t.Context(), anyone, string(ada.Email), password, ports.Device{UserAgent: "Firefox", Token: tt.device}); err != nil {
				t.Fatal(err)
			}
			var want []domain.Mail
			for _, kind := range tt.want {
				want = append(want, domain.Mail{Kind: kind, User: ada.ID, To: ada.Email, Name: ada.Name, At: noon, Device: "Firefox", Address: origin.Address})
			}
			if diff := cmp.Diff(want, h.mails.Mails()); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
		})
	}
}
