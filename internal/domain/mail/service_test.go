package mail_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/mail"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC)
	delayed := &domain.MailError{Failure: domain.MailDelayed, Err: errors.New("connection refused")}
	rejected := &domain.MailError{Failure: domain.MailRejected, Err: errors.New("550")}
	for name, tt := range map[string]struct {
		after  time.Duration
		sent   error // what the mailer returns
		calls  int
		want   domain.MailFailure
		reason string // of the security event; empty for none
	}{
		"a mail is sent":                               {calls: 1},
		"a delayed mail is no event":                   {calls: 1, sent: delayed, want: domain.MailDelayed},
		"a rejected mail is an event":                  {calls: 1, sent: rejected, want: domain.MailRejected, reason: "rejected"},
		"a mail that is overdue is an event, not sent": {after: 24 * time.Hour, want: domain.MailOverdue, reason: "overdue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := domain.Mail{Kind: domain.MailPasswordChanged, User: domain.UserID{1}, To: "ada@school.example", At: at, Address: "192.0.2.1"}
			mailer, log := mock.NewMockMailer(gomock.NewController(t)), &fake.SecurityLog{}
			mailer.EXPECT().Send(gomock.Any(), m).Return(tt.sent).Times(tt.calls)
			s := mail.New(mailer, log, func() time.Time { return at.Add(tt.after) })

			err := s.Deliver(t.Context(), m)

			failed, _ := errors.AsType[*domain.MailError](err)
			if (err != nil) != (tt.want != "") || failed != nil && failed.Failure != tt.want {
				t.Errorf("Deliver returned %v, want %q", err, tt.want)
			}
			var want []domain.SecurityEvent
			if tt.reason != "" {
				want = []domain.SecurityEvent{{Kind: domain.EventMailGivenUp, User: m.User, Reason: tt.reason, Origin: domain.Origin{Address: "192.0.2.1"}}}
			}
			if diff := cmp.Diff(want, log.Events()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}
