package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/adapters/internal/riverdb"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	// mailWorkers is the number of mails that a process handles at the same time. Mails have a
	// queue of their own, so that they do not wait for syncs, nor syncs for a slow mail server.
	mailWorkers = 2
	// mailAttempts is more than a mail needs until it is overdue.
	mailAttempts = 100
	// lastMailRetry limits the delay between two attempts.
	lastMailRetry = time.Hour
	// mailColumn is what the payload of a mail is sealed for, together with its ID.
	mailColumn = "mail.payload"
)

// sendMailArgs is stored in the database: its kind and JSON are a contract.
type sendMailArgs struct {
	MailID  string `json:"mail_id"`
	Mail    string `json:"mail_kind"`
	Payload []byte `json:"payload"` // a sealed mailPayload: jobs outlive mails, tokens and accounts
}

func (sendMailArgs) Kind() string { return "mail.send" }

func (sendMailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: riverdb.MailQueue, MaxAttempts: mailAttempts}
}

// mailPayload is stored: its JSON is a contract.
type mailPayload struct {
	User    string    `json:"user_id,omitempty"`
	To      string    `json:"to"`
	Name    string    `json:"name,omitempty"`
	At      time.Time `json:"at"`
	Token   string    `json:"token,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	Device  string    `json:"device,omitempty"`
	Address string    `json:"address,omitempty"`
	Object  string    `json:"object,omitempty"`
}

// MailQueue implements ports.MailQueue and ports.ConfirmationQueue.
type MailQueue struct {
	inserter *Inserter
	sealer   ports.Sealer
	newID    ports.NewID
	on       bool
}

var (
	_ ports.MailQueue         = (*MailQueue)(nil)
	_ ports.ConfirmationQueue = (*MailQueue)(nil)
)

// NewMailQueue returns a MailQueue.
func NewMailQueue(inserter *Inserter, sealer ports.Sealer, newID ports.NewID, cfg Config) *MailQueue {
	return &MailQueue{inserter: inserter, sealer: sealer, newID: newID, on: cfg.Mail}
}

// Enqueue implements ports.MailQueue.
func (q *MailQueue) Enqueue(ctx context.Context, m domain.Mail) error {
	if !q.on {
		return nil
	}
	m.ID = domain.MailID(q.newID())
	args, err := newSendMailArgs(q.sealer, m)
	if err != nil {
		return err
	}
	_, err = q.inserter.insert(ctx, river.InsertManyParams{Args: args})
	return err
}

func newSendMailArgs(sealer ports.Sealer, m domain.Mail) (sendMailArgs, error) {
	p := mailPayload{
		To: string(m.To), Name: m.Name, At: m.At, Token: m.Token.Reveal(), Expires: m.Expires,
		Device: m.Device, Address: m.Address, Object: m.Object,
	}
	if !m.User.IsZero() {
		p.User = m.User.String()
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return sendMailArgs{}, fmt.Errorf("encode mail: %w", err)
	}
	sealed, err := sealer.Seal(domain.Secret(payload), m.ID.String(), mailColumn)
	if err != nil {
		return sendMailArgs{}, fmt.Errorf("seal mail %s: %w", m.ID, err)
	}
	return sendMailArgs{MailID: m.ID.String(), Mail: string(m.Kind), Payload: sealed}, nil
}

// open returns the mail. It validates the recipient again, who becomes part of a command to the
// mail server.
func (a sendMailArgs) open(sealer ports.Sealer) (domain.Mail, error) {
	id, err := domain.ParseID[domain.Mail](a.MailID)
	if err != nil {
		return domain.Mail{}, err
	}
	payload, err := sealer.Open(a.Payload, a.MailID, mailColumn)
	if err != nil {
		return domain.Mail{}, fmt.Errorf("open mail %s: %w", id, err)
	}
	var p mailPayload
	if err := json.Unmarshal([]byte(payload.Reveal()), &p); err != nil {
		return domain.Mail{}, fmt.Errorf("decode mail %s: %w", id, err)
	}
	to, err := domain.ParseEmail("to", p.To)
	if err != nil {
		return domain.Mail{}, fmt.Errorf("mail %s: %w", id, err)
	}
	var user domain.UserID
	if p.User != "" {
		if user, err = domain.ParseID[domain.User](p.User); err != nil {
			return domain.Mail{}, fmt.Errorf("mail %s: %w", id, err)
		}
	}
	return domain.Mail{
		ID: id, Kind: domain.MailKind(a.Mail), User: user, To: to, Name: p.Name, At: p.At, Token: domain.Secret(p.Token), Expires: p.Expires,
		Device: p.Device, Address: p.Address, Object: p.Object,
	}, nil
}

// sendMailWorker sends mails.
type sendMailWorker struct {
	river.WorkerDefaults[sendMailArgs]
	delivery ports.MailDelivery
	sealer   ports.Sealer
	metrics  *Metrics
	now      ports.Clock
}

// Work implements river.Worker.
func (w *sendMailWorker) Work(ctx context.Context, job *river.Job[sendMailArgs]) error {
	m, err := job.Args.open(w.sealer)
	if err != nil {
		w.metrics.mails.WithLabelValues(job.Args.Mail, "unreadable").Inc()
		return river.JobCancel(err) // retrying cannot fix it
	}
	err = w.delivery.Deliver(ctx, m)
	failed, ok := errors.AsType[*domain.MailError](err)
	switch {
	case err == nil:
		w.metrics.mails.WithLabelValues(job.Args.Mail, "sent").Inc()
	case ok && failed.Final():
		w.metrics.mails.WithLabelValues(job.Args.Mail, string(failed.Failure)).Inc()
		return river.JobCancel(err)
	default:
		w.metrics.mails.WithLabelValues(job.Args.Mail, string(domain.MailDelayed)).Inc()
	}
	return err
}

// NextRetry implements river.Worker: after a minute, doubling up to an hour. Mails are about
// what people wait for, so they wait for less than a sync.
func (w *sendMailWorker) NextRetry(job *river.Job[sendMailArgs]) time.Time {
	wait := lastMailRetry
	if doublings := max(job.Attempt, 1) - 1; doublings < 6 {
		wait = min(firstRetry<<doublings, lastMailRetry)
	}
	return w.now().Add(wait - rand.N(wait/5))
}
