// Package mail delivers queued mails.
package mail

import (
	"context"
	"errors"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Service implements ports.MailDelivery.
type Service struct {
	mailer   ports.Mailer
	security ports.SecurityLog
	now      ports.Clock
}

var _ ports.MailDelivery = (*Service)(nil)

// New returns a Service.
func New(mailer ports.Mailer, security ports.SecurityLog, now ports.Clock) *Service {
	return &Service{mailer: mailer, security: security, now: now}
}

// errOverdue is the cause if a mail was not sent in time and no attempt has failed just now.
var errOverdue = errors.New("it is too late to send it")

// Deliver implements ports.MailDelivery. A mail that is overdue is not sent: its link has
// expired, or its news is old.
func (s *Service) Deliver(ctx context.Context, m domain.Mail) error {
	var err error = &domain.MailError{Failure: domain.MailOverdue, Err: errOverdue}
	if !m.Overdue(s.now()) {
		err = s.mailer.Send(ctx, m)
	}
	if failed, ok := errors.AsType[*domain.MailError](err); ok && failed.Final() {
		s.security.Record(ctx, domain.SecurityEvent{Kind: domain.EventMailGivenUp, User: m.User, Reason: string(failed.Failure), Device: m.Device, Origin: domain.Origin{Address: m.Address}})
	}
	return err
}
