package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// What the canary is sealed for. They must not change: no canary could be opened any more.
const (
	canaryText   = domain.Secret("canary")
	canaryRow    = "canary"
	canaryColumn = "key_canary.sealed"
)

// WrongKeysError is the error of keys that do not open the secrets in the database.
type WrongKeysError struct{}

// Error implements error.
func (WrongKeysError) Error() string {
	return "GRADUS_SECRET_KEYS does not open the secrets in this database"
}

// State is what the readiness probe shows.
func (WrongKeysError) State() string { return "wrong keys" }

// Keys checks that the configured keys open the secrets in the database. For this, the
// database contains a canary: a known text, sealed with the first key.
type Keys struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	sealer ports.Sealer
}

// NewKeys returns the Keys of the database of pool.
func NewKeys(pool *pgxpool.Pool, sealer ports.Sealer) *Keys {
	return &Keys{pool: pool, q: sqlc.New(), sealer: sealer}
}

// Ready returns WrongKeysError if the keys do not open the canary, or, as long as there is
// none, any of the newest secrets.
func (k *Keys) Ready(ctx context.Context) error { return k.check(ctx, conn(ctx, k.pool)) }

// Prepare is Ready, and seals the canary with the first key: it is new, or the keys were
// rotated. Several processes may call it at the same time. It writes nothing to a read-only
// database.
func (k *Keys) Prepare(ctx context.Context) error {
	if err := k.Ready(ctx); err != nil {
		return err
	}
	readOnly, err := k.q.IsReadOnly(ctx, conn(ctx, k.pool))
	if err != nil || readOnly {
		return err
	}
	return k.seal(ctx, k.check)
}

// Accept seals the canary with the first key, whether or not the keys open the secrets in the
// database. Secrets that they do not open are lost.
func (k *Keys) Accept(ctx context.Context) error {
	return k.seal(ctx, func(context.Context, querier) error { return nil })
}

func (k *Keys) seal(ctx context.Context, check func(context.Context, querier) error) error {
	sealed, err := k.sealer.Seal(canaryText, canaryRow, canaryColumn)
	if err != nil {
		return fmt.Errorf("seal canary: %w", err)
	}
	return mapError(pgx.BeginFunc(ctx, poolConn{k.pool}, func(tx pgx.Tx) error {
		q := txConn(ctx, tx)
		if err := k.q.LockKeyCanary(ctx, q); err != nil {
			return fmt.Errorf("lock canary: %w", err)
		}
		if err := check(ctx, q); err != nil {
			return err
		}
		if err := k.q.UpsertKeyCanary(ctx, q, sealed); err != nil {
			return fmt.Errorf("upsert canary: %w", err)
		}
		return nil
	}))
}

func (k *Keys) check(ctx context.Context, q querier) error {
	sealed, err := k.q.GetKeyCanary(ctx, q)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return k.checkSecrets(ctx, q)
	case err != nil:
		return fmt.Errorf("get canary: %w", err)
	}
	return k.opens(sealed, canaryRow, canaryColumn)
}

// checkSecrets returns WrongKeysError if there are secrets and the keys open none of them.
// Some of them may have been sealed with keys that were removed long ago.
func (k *Keys) checkSecrets(ctx context.Context, q querier) error {
	secrets, err := k.q.ListSealedSecrets(ctx, q)
	if err != nil {
		return fmt.Errorf("list secrets: %w", err)
	}
	for _, s := range secrets {
		if err = k.opens(s.Sealed, s.RowID.String(), s.Name); err == nil {
			return nil
		}
	}
	return err
}

func (k *Keys) opens(sealed []byte, row, column string) error {
	if _, err := k.sealer.Open(sealed, row, column); err != nil {
		return errors.Join(WrongKeysError{}, err)
	}
	return nil
}
