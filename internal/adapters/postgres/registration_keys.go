package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// keyColumn is part of what a key is sealed for: it cannot be opened for another column.
const keyColumn = "registration_keys.key_sealed"

// RegistrationKeyStore implements ports.RegistrationKeyStore.
type RegistrationKeyStore struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	sealer ports.Sealer
	now    ports.Clock
}

var _ ports.RegistrationKeyStore = (*RegistrationKeyStore)(nil)

// NewRegistrationKeyStore returns a RegistrationKeyStore on pool.
func NewRegistrationKeyStore(pool *pgxpool.Pool, sealer ports.Sealer, now ports.Clock) *RegistrationKeyStore {
	return &RegistrationKeyStore{pool: pool, q: sqlc.New(), sealer: sealer, now: now}
}

// RegistrationKey implements ports.RegistrationKeyStore.
func (s *RegistrationKeyStore) RegistrationKey(ctx context.Context, id domain.BatchID) (domain.RegistrationKey, error) {
	k, sealed, err := s.load(ctx, conn(ctx, s.pool), id)
	if err != nil {
		return domain.RegistrationKey{}, err
	}
	return s.unseal(k, sealed)
}

// LockRegistrationKey implements ports.RegistrationKeyStore. It counts the taken seats in
// a second statement: one statement that waits for the lock would count what it saw
// before it waited.
func (s *RegistrationKeyStore) LockRegistrationKey(ctx context.Context, id domain.BatchID) (domain.RegistrationKey, error) {
	tx, err := requireTx(ctx)
	if err != nil {
		return domain.RegistrationKey{}, err
	}
	if _, err := s.q.LockRegistrationKey(ctx, tx, uuid.UUID(id)); err != nil {
		return domain.RegistrationKey{}, notFound(err, domain.ErrBatchNotFound)
	}
	k, sealed, err := s.load(ctx, tx, id)
	if err != nil {
		return domain.RegistrationKey{}, err
	}
	return s.unseal(k, sealed)
}

// LockRegistrationKeyByText implements ports.RegistrationKeyStore. It finds the key by
// its hash and counts the taken seats in a second statement, like LockRegistrationKey.
func (s *RegistrationKeyStore) LockRegistrationKeyByText(ctx context.Context, typed domain.Secret) (domain.RegistrationKey, error) {
	tx, err := requireTx(ctx)
	if err != nil {
		return domain.RegistrationKey{}, err
	}
	id, err := s.q.LockRegistrationKeyByHash(ctx, tx, registrationKeyHash(typed))
	if err != nil {
		return domain.RegistrationKey{}, notFound(err, domain.ErrRegistrationKeyInvalid.At("registration_key"))
	}
	k, _, err := s.load(ctx, tx, domain.BatchID(id))
	// The caller knows the key: nothing needs to be opened.
	k.Key = domain.NormalizeKey(typed.Reveal())
	return k, err
}

// SaveRegistrationKey implements ports.RegistrationKeyStore.
func (s *RegistrationKeyStore) SaveRegistrationKey(ctx context.Context, k domain.RegistrationKey) error {
	sealed, err := s.sealer.Seal(k.Key, k.Batch.String(), keyColumn)
	if err != nil {
		return fmt.Errorf("seal registration key: %w", err)
	}
	err = s.q.UpsertRegistrationKey(ctx, conn(ctx, s.pool), sqlc.UpsertRegistrationKeyParams{
		BatchID:   uuid.UUID(k.Batch),
		KeyHash:   registrationKeyHash(k.Key),
		KeySealed: sealed,
		Enabled:   k.Enabled,
		Now:       s.now(),
		ExpiresAt: k.ExpiresAt,
		Seats:     int32OrNil(k.Seats),
		RotatedAt: k.RotatedAt,
		Version:   int32(k.Version),
	})
	if err != nil {
		return fmt.Errorf("upsert registration key: %w", err)
	}
	return nil
}

// load returns a key without its text, and the sealed text.
func (s *RegistrationKeyStore) load(ctx context.Context, q querier, id domain.BatchID) (domain.RegistrationKey, []byte, error) {
	r, err := s.q.GetRegistrationKey(ctx, q, uuid.UUID(id))
	if err != nil {
		return domain.RegistrationKey{}, nil, notFound(err, domain.ErrBatchNotFound)
	}
	return domain.RegistrationKey{
		Batch:     domain.BatchID(r.BatchID),
		Enabled:   r.Enabled,
		ExpiresAt: utc(r.ExpiresAt),
		Seats:     intOrNil(r.Seats),
		Taken:     int(r.Taken),
		RotatedAt: r.RotatedAt.UTC(),
		Version:   int(r.Version),
	}, r.KeySealed, nil
}

func (s *RegistrationKeyStore) unseal(k domain.RegistrationKey, sealed []byte) (domain.RegistrationKey, error) {
	var err error
	if k.Key, err = s.sealer.Open(sealed, k.Batch.String(), keyColumn); err != nil {
		return k, fmt.Errorf("open registration key of batch %s: %w", k.Batch, err)
	}
	return k, nil
}

// registrationKeyHash returns the hash of a key in its normal form.
func registrationKeyHash(key domain.Secret) []byte {
	sum := sha256.Sum256([]byte(domain.NormalizeKey(key.Reveal()).Reveal()))
	return sum[:]
}
