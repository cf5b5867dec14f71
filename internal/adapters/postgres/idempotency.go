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

// responseColumn is part of what a response is sealed for. It must not change: stored
// responses could no longer be opened.
const responseColumn = "idempotency_keys.answer"

// IdempotencyStore implements ports.Idempotency.
type IdempotencyStore struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	sealer ports.Sealer
	now    ports.Clock
}

var _ ports.Idempotency = (*IdempotencyStore)(nil)

// NewIdempotencyStore returns an IdempotencyStore on pool.
func NewIdempotencyStore(pool *pgxpool.Pool, sealer ports.Sealer, now ports.Clock) *IdempotencyStore {
	return &IdempotencyStore{pool: pool, q: sqlc.New(), sealer: sealer, now: now}
}

// Once implements ports.Idempotency. It begins the transaction of the request; units of
// work inside it are savepoints.
func (s *IdempotencyStore) Once(
	ctx context.Context, r domain.IdempotentRequest, fn func(context.Context) ([]byte, error),
) (response []byte, replayed bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		hash := idempotencyKeyHash(r)
		locked, err := s.q.LockIdempotencyKey(ctx, mappedConn{tx}, int64(binary.BigEndian.Uint64(hash)))
		if err != nil {
			return fmt.Errorf("lock idempotency key: %w", err)
		}
		if !locked {
			return domain.ErrIdempotencyKeyInUse
		}
		// A separate statement: the one that took the lock cannot see what the previous
		// holder wrote.
		response, err = s.response(ctx, tx, r, hash)
		if replayed = err == nil; replayed || !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if response, err = fn(pgtx.WithRequest(ctx, tx)); err != nil {
			return err
		}
		return s.saveResponse(ctx, tx, r, hash, response)
	})
	if err != nil {
		return nil, false, mapError(err)
	}
	return response, replayed, nil
}

// RemoveExpiredResponses implements ports.Idempotency.
func (s *IdempotencyStore) RemoveExpiredResponses(ctx context.Context) (int, error) {
	n, err := s.q.DeleteExpiredResponses(ctx, conn(ctx, s.pool), s.now().Add(-domain.IdempotencyRetention))
	if err != nil {
		return 0, fmt.Errorf("delete expired responses: %w", err)
	}
	return int(n), nil
}

// response returns the stored response, or pgx.ErrNoRows if there is none.
func (s *IdempotencyStore) response(ctx context.Context, tx pgx.Tx, r domain.IdempotentRequest, hash []byte) ([]byte, error) {
	sealed, err := s.q.GetResponse(ctx, mappedConn{tx}, sqlc.GetResponseParams{
		UserID: uuid.UUID(r.User), KeyHash: hash, Since: s.now().Add(-domain.IdempotencyRetention),
	})
	if err != nil {
		return nil, fmt.Errorf("get response: %w", err)
	}
	plain, err := s.sealer.Open(sealed, responseRow(r, hash), responseColumn)
	if errors.Is(err, domain.ErrTokenUnreadable) {
		return nil, domain.ErrIdempotencyKeyReused.Withf("The stored response for this Idempotency-Key can no longer be read. Check whether the request took effect before you send it again with a new key.")
	}
	if err != nil {
		return nil, fmt.Errorf("open response: %w", err)
	}
	fingerprint, response := []byte(plain.Reveal())[:len(r.Fingerprint)], []byte(plain.Reveal())[len(r.Fingerprint):]
	if !bytes.Equal(fingerprint, r.Fingerprint[:]) {
		return nil, domain.ErrIdempotencyKeyReused
	}
	return response, nil
}

// saveResponse seals the fingerprint together with the response: in plain text, the
// fingerprint of a request with a password would help to guess the password.
func (s *IdempotencyStore) saveResponse(ctx context.Context, tx pgx.Tx, r domain.IdempotentRequest, hash, response []byte) error {
	sealed, err := s.sealer.Seal(domain.Secret(r.Fingerprint[:])+domain.Secret(response), responseRow(r, hash), responseColumn)
	if err != nil {
		return fmt.Errorf("seal response: %w", err)
	}
	err = s.q.UpsertResponse(ctx, mappedConn{tx}, sqlc.UpsertResponseParams{
		UserID: uuid.UUID(r.User), KeyHash: hash, Answer: sealed, CreatedAt: s.now(),
	})
	if err != nil {
		return fmt.Errorf("upsert response: %w", err)
	}
	return nil
}

// idempotencyKeyHash identifies a request by its user and key.
func idempotencyKeyHash(r domain.IdempotentRequest) []byte {
	sum := sha256.Sum256(append(r.User[:], r.Key...))
	return sum[:]
}

// responseRow is the row that a response is sealed for.
func responseRow(r domain.IdempotentRequest, hash []byte) string {
	return r.User.String() + " " + hex.EncodeToString(hash)
}
