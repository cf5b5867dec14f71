package postgres

import (
	"context"
	"io/fs"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// NewMigratorOf returns a Migrator of other migrations.
func NewMigratorOf(ctx context.Context, pool *pgxpool.Pool, files fs.FS) (*Migrator, error) {
	return newMigrator(ctx, pool, files)
}

// Add keeps a session of nobody.
func (c *SessionCache) Add(tokenHash [32]byte) { c.add(tokenHash, cachedSession{}) }

// Len returns how many sessions are kept.
func (c *SessionCache) Len() int {
	c.sessions.CleanUp()
	return c.sessions.EstimatedSize()
}

// RegisterUUIDs makes types send and read UUIDs in binary.
func RegisterUUIDs(m *pgtype.Map) { registerUUIDs(m) }
