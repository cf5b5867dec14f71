package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/adapters/internal/riverdb"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// requestColumn is what a request is sealed for, together with its ID.
const requestColumn = "confirmations.request"

// sendConfirmationArgs is stored in the database: its kind and JSON are a contract.
type sendConfirmationArgs struct {
	RequestID    string `json:"request_id"`
	Confirmation string `json:"confirmation_kind"`
	Payload      []byte `json:"payload"` // a sealed confirmationPayload: who forgot their password is nobody's business
}

func (sendConfirmationArgs) Kind() string { return "confirmations.send" }

func (sendConfirmationArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: riverdb.MailQueue}
}

// confirmationPayload is stored: its JSON is a contract.
type confirmationPayload struct {
	User      string    `json:"user_id,omitempty"`
	Email     string    `json:"email"`
	At        time.Time `json:"at"`
	Device    string    `json:"device,omitempty"`
	Address   string    `json:"address,omitempty"`
	RequestID string    `json:"request_id,omitempty"` // of the HTTP request
}

// EnqueueConfirmation implements ports.ConfirmationQueue.
func (q *MailQueue) EnqueueConfirmation(ctx context.Context, r domain.ConfirmationRequest) error {
	if !q.on {
		return domain.ErrMailNotConfigured
	}
	id := domain.ID[domain.ConfirmationRequest](q.newID()).String()
	p := confirmationPayload{
		Email: string(r.Email), At: r.At, Device: r.Device, Address: r.Origin.Address, RequestID: r.Origin.RequestID,
	}
	if !r.User.IsZero() {
		p.User = r.User.String()
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	sealed, err := q.sealer.Seal(domain.Secret(payload), id, requestColumn)
	if err != nil {
		return fmt.Errorf("seal request %s: %w", id, err)
	}
	_, err = q.inserter.insert(ctx, river.InsertManyParams{Args: sendConfirmationArgs{RequestID: id, Confirmation: string(r.Kind), Payload: sealed}})
	return err
}

// open returns the request.
func (a sendConfirmationArgs) open(sealer ports.Sealer) (domain.ConfirmationRequest, error) {
	payload, err := sealer.Open(a.Payload, a.RequestID, requestColumn)
	if err != nil {
		return domain.ConfirmationRequest{}, fmt.Errorf("open request %s: %w", a.RequestID, err)
	}
	var p confirmationPayload
	if err := json.Unmarshal([]byte(payload.Reveal()), &p); err != nil {
		return domain.ConfirmationRequest{}, fmt.Errorf("decode request %s: %w", a.RequestID, err)
	}
	email, err := domain.ParseEmail("email", p.Email)
	if err != nil {
		return domain.ConfirmationRequest{}, fmt.Errorf("request %s: %w", a.RequestID, err)
	}
	var user domain.UserID
	if p.User != "" {
		if user, err = domain.ParseID[domain.User](p.User); err != nil {
			return domain.ConfirmationRequest{}, fmt.Errorf("request %s: %w", a.RequestID, err)
		}
	}
	return domain.ConfirmationRequest{
		Kind: domain.ConfirmationKind(a.Confirmation), User: user, Email: email, At: p.At, Device: p.Device,
		Origin: domain.Origin{Address: p.Address, RequestID: p.RequestID},
	}, nil
}

// sendConfirmationWorker handles requests for links.
type sendConfirmationWorker struct {
	river.WorkerDefaults[sendConfirmationArgs]
	confirmations ports.ConfirmationSender
	sealer        ports.Sealer
}

// Work implements river.Worker.
func (w *sendConfirmationWorker) Work(ctx context.Context, job *river.Job[sendConfirmationArgs]) error {
	r, err := job.Args.open(w.sealer)
	if err != nil && !errors.Is(err, domain.ErrUnavailable) {
		return river.JobCancel(err) // retrying cannot fix it
	}
	return w.confirmations.SendConfirmation(ctx, r)
}

// removeConfirmationsArgs is stored in the database: its kind is a contract.
type removeConfirmationsArgs struct{}

func (removeConfirmationsArgs) Kind() string { return "confirmations.remove_expired" }

func (removeConfirmationsArgs) InsertOpts() river.InsertOpts {
	return oneUnfinished()
}

// removeConfirmationsWorker removes expired confirmations.
type removeConfirmationsWorker struct {
	river.WorkerDefaults[removeConfirmationsArgs]
	confirmations ports.ConfirmationSender
}

// Work implements river.Worker.
func (w *removeConfirmationsWorker) Work(ctx context.Context, _ *river.Job[removeConfirmationsArgs]) error {
	_, err := w.confirmations.RemoveExpiredConfirmations(ctx)
	return err
}
