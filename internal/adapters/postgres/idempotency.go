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
	actors actors
	cache  *SessionCache
	sealer ports.Sealer
	now    ports.Clock
}

var _ ports.Idempotency = (*IdempotencyStore)(nil)

// NewIdempotencyStore returns an IdempotencyStore on pool. Actors with sessions that have
// expired by lifetime get no stored responses.
func NewIdempotencyStore(
	pool *pgxpool.Pool, cache *SessionCache, sealer ports.Sealer, now ports.Clock, lifetime domain.SessionLifetime,
) *IdempotencyStore {
	q := sqlc.New()
	return &IdempotencyStore{pool: pool, q: q, actors: actors{q, now, lifetime}, cache: cache, sealer: sealer, now: now}
}

// Once implements ports.Idempotency. The first unit of work of the request begins its
// transaction, so that work before it, such as hashing a password, holds no connection.
func (s *IdempotencyStore) Once(
	ctx context.Context, r domain.IdempotentRequest, fn func(context.Context) ([]byte, error),
) (response []byte, replayed bool, err error) {
	hash := idempotencyKeyHash(r)
	response, err = s.response(ctx, mappedConn{poolConn{s.pool}}, r, hash)
	if !errors.Is(err, pgx.ErrNoRows) {
		return response, err == nil, mapError(err)
	}
	once := &idempotentRequest{store: s, IdempotentRequest: r, hash: hash}
	defer func() {
		once.rollBack(ctx)
		s.cache.forget(once.changed...)
	}()
	response, err = fn(once.with(ctx))
	if err == nil {
		err = once.commit(ctx, response)
	}
	switch {
	case once.replay != nil:
		return once.replay, true, nil
	case err != nil:
		return nil, false, mapError(err)
	}
	return response, false, nil
}

// idempotentRequest is an idempotent request without a stored response.
type idempotentRequest struct {
	domain.IdempotentRequest
	pgtx.Request

	store   *IdempotencyStore
	hash    []byte
	replay  []byte          // the response that another request stored in the meantime
	changed []domain.UserID // users whose sessions must be read again after the commit
}

type idempotentRequestKey struct{}

// with returns a context in which units of work join the transaction of the request.
func (r *idempotentRequest) with(ctx context.Context) context.Context {
	return pgtx.WithRequest(context.WithValue(ctx, idempotentRequestKey{}, r), &r.Request)
}

func idempotentRequestOf(ctx context.Context) (*idempotentRequest, bool) {
	r, ok := ctx.Value(idempotentRequestKey{}).(*idempotentRequest)
	return r, ok
}

// errReplayed ends a request for which another one stored a response in the meantime.
var errReplayed = errors.New("the response was stored by another request")

// begin begins the transaction of the request, unless it has begun, and locks its key.
// Errors: ErrIdempotencyKeyInUse, ErrIdempotencyKeyReused, errReplayed, those of actors.current.
func (r *idempotentRequest) begin(ctx context.Context) (pgx.Tx, error) {
	if r.Tx != nil {
		return r.Tx, nil
	}
	tx, err := poolConn{r.store.pool}.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin the transaction of the request: %w", err)
	}
	if err := r.lock(ctx, txConn(withFresh(ctx), tx)); err != nil {
		return nil, errors.Join(err, tx.Rollback(context.WithoutCancel(ctx)))
	}
	r.Tx = tx
	return tx, nil
}

// lock locks the key, and looks for a response in a separate statement: the one that took the
// lock cannot see what the previous holder wrote.
func (r *idempotentRequest) lock(ctx context.Context, tx querier) error {
	locked, err := r.store.q.LockIdempotencyKey(ctx, tx, int64(binary.BigEndian.Uint64(r.hash)))
	if err != nil {
		return fmt.Errorf("lock idempotency key: %w", err)
	}
	if !locked {
		return domain.ErrIdempotencyKeyInUse
	}
	r.replay, err = r.store.response(ctx, tx, r.IdempotentRequest, r.hash)
	switch {
	case err == nil:
		return errReplayed
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	}
	return err
}

// commit stores the response and commits what the units of work of the request wrote.
func (r *idempotentRequest) commit(ctx context.Context, response []byte) error {
	tx, err := r.begin(ctx)
	if err != nil {
		return err
	}
	if err := r.store.saveResponse(ctx, txConn(withFresh(ctx), tx), r.IdempotentRequest, r.hash, response); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// rollBack undoes what has not been committed.
func (r *idempotentRequest) rollBack(ctx context.Context) {
	if r.Tx != nil {
		_ = r.Tx.Rollback(context.WithoutCancel(ctx)) // after a commit, this does nothing
	}
}

// RemoveExpiredResponses implements ports.Idempotency.
func (s *IdempotencyStore) RemoveExpiredResponses(ctx context.Context) (int, error) {
	n, err := s.q.DeleteExpiredResponses(ctx, conn(ctx, s.pool), s.now().Add(-domain.IdempotencyRetention))
	if err != nil {
		return 0, fmt.Errorf("delete expired responses: %w", err)
	}
	return int(n), nil
}

// response returns the stored response, if the actor is still signed in, or pgx.ErrNoRows if
// there is none.
func (s *IdempotencyStore) response(ctx context.Context, db querier, r domain.IdempotentRequest, hash []byte) ([]byte, error) {
	sealed, err := s.q.GetResponse(ctx, db, sqlc.GetResponseParams{
		UserID: uuid.UUID(r.Actor.UserID), KeyHash: hash, Since: s.now().Add(-domain.IdempotencyRetention),
	})
	if err != nil {
		return nil, fmt.Errorf("get response: %w", err)
	}
	if _, err := s.actors.current(ctx, db, r.Actor); err != nil {
		return nil, err
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
func (s *IdempotencyStore) saveResponse(ctx context.Context, tx querier, r domain.IdempotentRequest, hash, response []byte) error {
	sealed, err := s.sealer.Seal(domain.Secret(r.Fingerprint[:])+domain.Secret(response), responseRow(r, hash), responseColumn)
	if err != nil {
		return fmt.Errorf("seal response: %w", err)
	}
	err = s.q.UpsertResponse(ctx, tx, sqlc.UpsertResponseParams{
		UserID: uuid.UUID(r.Actor.UserID), KeyHash: hash, Answer: sealed, CreatedAt: s.now(),
	})
	if err != nil {
		return fmt.Errorf("upsert response: %w", err)
	}
	return nil
}

// idempotencyKeyHash identifies a request by its user and key.
func idempotencyKeyHash(r domain.IdempotentRequest) []byte {
	sum := sha256.Sum256(append(r.Actor.UserID[:], r.Key...))
	return sum[:]
}

// responseRow is the row that a response is sealed for.
func responseRow(r domain.IdempotentRequest, hash []byte) string {
	return r.Actor.UserID.String() + " " + hex.EncodeToString(hash)
}
