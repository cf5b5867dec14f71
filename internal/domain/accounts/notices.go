package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// notify queues the mails about a session that the unit of work has started: that the device is
// new, and that another session had to end. A device is not new if somebody signed in to the
// account with it before, or if a program at the same address has another session: programs that
// keep nothing would send a mail with every sign-in.
func (s *Sessions) notify(ctx context.Context, in domain.SignedIn, d ports.Device, from domain.Origin, endedOthers bool) error {
	if endedOthers {
		if err := s.notice(ctx, domain.MailSessionLimit, in, from); err != nil {
			return err
		}
	}
	if s.knownDevice(in.Session.User, d) != "" {
		return nil
	}
	used, err := s.deps.Sessions.UsedFrom(ctx, in.Session)
	if err != nil {
		return fmt.Errorf("find sessions of the device: %w", err)
	}
	if used {
		return nil
	}
	return s.notice(ctx, domain.MailNewDevice, in, from)
}

// notice queues a mail about a session.
func (s *Sessions) notice(ctx context.Context, kind domain.MailKind, in domain.SignedIn, from domain.Origin) error {
	m := domain.Notice(kind, in.Me.User, from, in.Session.CreatedAt)
	m.Device = in.Session.UserAgent
	if err := s.deps.Mails.Enqueue(ctx, m); err != nil {
		return fmt.Errorf("queue the notice: %w", err)
	}
	return nil
}
