package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/internal/pgtx"
	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// answerColumn names the column to the sealer.
const answerColumn = "idempotency_keys.answer"

// Repeats implements ports.Idempotency.
type Repeats struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	sealer ports.Sealer
	now    ports.Clock
}

var _ ports.Idempotency = (*Repeats)(nil)

// NewRepeats returns Repeats on pool.
func NewRepeats(pool *pgxpool.Pool, sealer ports.Sealer, now ports.Clock) *Repeats {
	return &Repeats{pool: pool, q: sqlc.New(), sealer: sealer, now: now}
}

// Once implements ports.Idempotency. It opens the transaction of the request; the units of
// work inside it become savepoints.
func (s *Repeats) Once(
	ctx context.Context, r domain.IdempotentRequest, fn func(context.Context) ([]byte, error),
) (answer []byte, repeated bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		hash := repeatableHash(r)
		first, err := s.q.TryLockRepeatable(ctx, conn{tx}, int64(binary.BigEndian.Uint64(hash)))
		if err != nil {
			return fmt.Errorf("lock repeatable: %w", err)
		}
		if !first {
			return domain.ErrIdempotencyKeyInUse
		}
		// A statement of its own: the one that took the lock cannot see what the last
		// holder wrote.
		answer, err = s.answer(ctx, tx, r, hash)
		if repeated = err == nil; repeated || !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if answer, err = fn(pgtx.WithRequest(ctx, tx)); err != nil {
			return err
		}
		return s.keep(ctx, tx, r, hash, answer)
	})
	if err != nil {
		return nil, false, fault(err)
	}
	return answer, repeated, nil
}

// RemoveExpiredResponses implements ports.Idempotency.
func (s *Repeats) RemoveExpiredResponses(ctx context.Context) (int, error) {
	n, err := s.q.SweepAnswers(ctx, on(ctx, s.pool), s.now().Add(-domain.IdempotencyRetention))
	if err != nil {
		return 0, fmt.Errorf("sweep answers: %w", err)
	}
	return int(n), nil
}

// answer returns the answer that is kept; pgx.ErrNoRows if there is none.
func (s *Repeats) answer(ctx context.Context, tx pgx.Tx, r domain.IdempotentRequest, hash []byte) ([]byte, error) {
	sealed, err := s.q.GetAnswer(ctx, conn{tx}, sqlc.GetAnswerParams{
		UserID: uuid.UUID(r.User), KeyHash: hash, Since: s.now().Add(-domain.IdempotencyRetention),
	})
	if err != nil {
		return nil, fmt.Errorf("get answer: %w", err)
	}
	plain, err := s.sealer.Open(sealed, answerRow(r, hash), answerColumn)
	if errors.Is(err, domain.ErrTokenUnreadable) {
		return nil, domain.ErrIdempotencyKeyReused.Withf("What was answered to this Idempotency-Key cannot be read any more. Look whether the thing is there before you send the request with a fresh key.")
	}
	if err != nil {
		return nil, fmt.Errorf("open answer: %w", err)
	}
	request, answer := []byte(plain.Reveal())[:len(r.Fingerprint)], []byte(plain.Reveal())[len(r.Fingerprint):]
	if !bytes.Equal(request, r.Fingerprint[:]) {
		return nil, domain.ErrIdempotencyKeyReused
	}
	return answer, nil
}

// keep seals the request's hash with the answer: on its own, the hash of a request that
// holds a password would help to guess it.
func (s *Repeats) keep(ctx context.Context, tx pgx.Tx, r domain.IdempotentRequest, hash, answer []byte) error {
	sealed, err := s.sealer.Seal(domain.Secret(r.Fingerprint[:])+domain.Secret(answer), answerRow(r, hash), answerColumn)
	if err != nil {
		return fmt.Errorf("seal answer: %w", err)
	}
	err = s.q.SaveAnswer(ctx, conn{tx}, sqlc.SaveAnswerParams{
		UserID: uuid.UUID(r.User), KeyHash: hash, Answer: sealed, CreatedAt: s.now(),
	})
	if err != nil {
		return fmt.Errorf("save answer: %w", err)
	}
	return nil
}

// repeatableHash finds a request by its user and key.
func repeatableHash(r domain.IdempotentRequest) []byte {
	sum := sha256.Sum256(append(r.User[:], r.Key...))
	return sum[:]
}

// answerRow names the row to the sealer.
func answerRow(r domain.IdempotentRequest, hash []byte) string {
	return r.User.String() + " " + hex.EncodeToString(hash)
}
