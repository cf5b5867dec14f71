package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// The columns that secrets are sealed for, together with the user.
const (
	accessTokenColumn  = "wakatime_connections.access_token"
	refreshTokenColumn = "wakatime_connections.refresh_token"
)

// ConnectionStore implements ports.ConnectionStore.
type ConnectionStore struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	sealer ports.Sealer
	now    ports.Clock
}

var _ ports.ConnectionStore = (*ConnectionStore)(nil)

// NewConnectionStore returns a ConnectionStore on pool.
func NewConnectionStore(pool *pgxpool.Pool, sealer ports.Sealer, now ports.Clock) *ConnectionStore {
	return &ConnectionStore{pool: pool, q: sqlc.New(), sealer: sealer, now: now}
}

// Connection implements ports.ConnectionStore.
func (s *ConnectionStore) Connection(ctx context.Context, user domain.UserID) (domain.Connection, error) {
	r, err := s.q.GetConnection(ctx, conn(ctx, s.pool), uuid.UUID(user))
	if err != nil {
		return domain.Connection{}, notFound(err, domain.ErrConnectionNotFound)
	}
	return s.withTokens(r)
}

// LockConnection implements ports.ConnectionStore. It locks the user first: a connection
// that does not exist yet has no row to lock.
func (s *ConnectionStore) LockConnection(ctx context.Context, user domain.UserID) (domain.Connection, error) {
	tx, err := requireTx(ctx)
	if err != nil {
		return domain.Connection{}, err
	}
	if err := s.q.LockConnectionUser(ctx, tx, uuid.UUID(user)); err != nil {
		return domain.Connection{}, fmt.Errorf("lock connection user: %w", err)
	}
	r, err := s.q.LockConnection(ctx, tx, uuid.UUID(user))
	if err != nil {
		return domain.Connection{}, notFound(err, domain.ErrConnectionNotFound)
	}
	return s.withTokens(r)
}

// SaveConnection implements ports.ConnectionStore.
func (s *ConnectionStore) SaveConnection(ctx context.Context, c domain.Connection) error {
	access, err := sealColumn(s.sealer, c.AccessToken, c.User, accessTokenColumn)
	if err != nil {
		return err
	}
	refresh, err := sealColumn(s.sealer, c.RefreshToken, c.User, refreshTokenColumn)
	if err != nil {
		return err
	}
	scopes := c.Scopes
	if scopes == nil {
		scopes = []string{}
	}
	err = s.q.UpsertConnection(ctx, conn(ctx, s.pool), sqlc.UpsertConnectionParams{
		UserID:          uuid.UUID(c.User),
		Kind:            string(c.Kind),
		State:           string(c.State),
		BaseUrl:         c.BaseURL,
		AccessToken:     access,
		RefreshToken:    refresh,
		ExpiresAt:       c.ExpiresAt,
		Scopes:          scopes,
		AccountID:       c.Account.ID,
		AccountUsername: c.Account.Username,
		AccountZone:     c.Account.TimeZone,
		AccountPlan:     c.Account.Plan,
		ConnectedAt:     c.ConnectedAt,
	})
	return violates(err, "wakatime_connections_account_key", domain.ErrWakaTimeAccountTaken)
}

// RemoveConnection implements ports.ConnectionStore.
func (s *ConnectionStore) RemoveConnection(ctx context.Context, user domain.UserID) error {
	n, err := s.q.DeleteConnection(ctx, conn(ctx, s.pool), uuid.UUID(user))
	return requireAffected(n, err, domain.ErrConnectionNotFound)
}

// Lease implements ports.ConnectionStore. It is one statement and needs no transaction.
func (s *ConnectionStore) Lease(ctx context.Context, user domain.UserID, now, until time.Time) error {
	r, err := s.q.UpdateConnectionLease(ctx, conn(ctx, s.pool), sqlc.UpdateConnectionLeaseParams{UserID: uuid.UUID(user), Now: now, Until: until})
	switch {
	case err != nil:
		return fmt.Errorf("lease connection: %w", err)
	case r.Leased:
		return nil
	case r.Found:
		return domain.ErrSyncBusy
	}
	return domain.ErrConnectionNotFound
}

// FinishSync implements ports.ConnectionStore.
func (s *ConnectionStore) FinishSync(ctx context.Context, user domain.UserID, r domain.SyncResult) error {
	if r.Unfinished {
		return s.q.DeleteConnectionLease(ctx, conn(ctx, s.pool), sqlc.DeleteConnectionLeaseParams{UserID: uuid.UUID(user), Lease: r.Lease})
	}
	return s.q.UpdateConnectionSynced(ctx, conn(ctx, s.pool), sqlc.UpdateConnectionSyncedParams{
		UserID:     uuid.UUID(user),
		Lease:      r.Lease,
		At:         r.At,
		NextSyncAt: r.Next,
		Reason:     string(r.Reason),
	})
}

// withTokens converts a row and opens its tokens. If one cannot be opened, both are empty.
func (s *ConnectionStore) withTokens(r sqlc.WakatimeConnection) (domain.Connection, error) {
	c := connection(r, s.now())
	access, err := unsealColumn(s.sealer, r.AccessToken, c.User, accessTokenColumn)
	if err != nil {
		return c, err
	}
	refresh, err := unsealColumn(s.sealer, r.RefreshToken, c.User, refreshTokenColumn)
	if err != nil {
		return c, err
	}
	c.AccessToken, c.RefreshToken = access, refresh
	return c, nil
}

func connection(r sqlc.WakatimeConnection, now time.Time) domain.Connection {
	return domain.Connection{
		User:      domain.UserID(r.UserID),
		Kind:      domain.ConnectionKind(r.Kind),
		State:     domain.ConnectionState(r.State),
		BaseURL:   r.BaseUrl,
		ExpiresAt: utc(r.ExpiresAt),
		Scopes:    r.Scopes,
		Account: domain.WakaTimeAccount{
			ID:       r.AccountID,
			Username: r.AccountUsername,
			TimeZone: r.AccountZone,
			Plan:     r.AccountPlan,
		},
		ConnectedAt:  r.ConnectedAt.UTC(),
		LastSyncedAt: utc(r.LastSyncedAt),
		NextSyncAt:   utc(r.NextSyncAt),
		Syncing:      r.LeasedUntil != nil && r.LeasedUntil.After(now),
		Failure:      syncFailure(r.FailureReason, r.FailedAt, r.FailingSince),
	}
}

func syncFailure(reason *string, at, since *time.Time) *domain.SyncFailure {
	if reason == nil || at == nil || since == nil {
		return nil
	}
	return &domain.SyncFailure{Reason: domain.Reason(*reason), At: at.UTC(), Since: since.UTC()}
}
