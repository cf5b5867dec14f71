package fake

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// MailQueue is a ports.MailQueue that keeps the mails. It rejects those outside of a unit of
// work, which would be sent even if nothing happened.
type MailQueue struct {
	mu    sync.Mutex
	mails []domain.Mail
}

var _ ports.MailQueue = (*MailQueue)(nil)

// Enqueue implements ports.MailQueue.
func (q *MailQueue) Enqueue(ctx context.Context, m domain.Mail) error {
	if !Inside(ctx) {
		return errors.New("mail outside of a unit of work")
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mails = append(q.mails, m)
	return nil
}

// Mails returns the mails so far.
func (q *MailQueue) Mails() []domain.Mail {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.mails)
}
