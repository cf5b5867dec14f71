package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=mail.go -destination=mock/mail.go -package=mock

// MailDelivery is a driving interface: the background job that sends a queued mail.
type MailDelivery interface {
	// Deliver sends a mail. It may send it twice, but with the same Message-ID. Unless the
	// error is final, the caller retries later.
	// Errors: *domain.MailError.
	Deliver(ctx context.Context, m domain.Mail) error
}

// MailQueue is a driven interface: mails that a background job sends.
type MailQueue interface {
	// Enqueue queues a mail and gives it an ID. It joins the unit of work: a mail is sent if
	// and only if the unit of work commits. Without a mail server, it does nothing.
	// Errors: none.
	Enqueue(ctx context.Context, m domain.Mail) error
}

// Mailer is a driven interface: a mail server.
type Mailer interface {
	// Send sends a mail with the text of its kind.
	// Errors: *domain.MailError.
	Send(ctx context.Context, m domain.Mail) error
}
