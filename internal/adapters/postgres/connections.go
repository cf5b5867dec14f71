package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
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
	return s.withTokens(r.WakatimeConnection, r.WakatimeAccount)
}

// LockConnection implements ports.ConnectionStore. The unit of work has locked the user: a
// connection that does not exist yet has no row to lock.
func (s *ConnectionStore) LockConnection(ctx context.Context, user domain.UserID) (domain.Connection, error) {
	if err := requireUser(ctx, user); err != nil {
		return domain.Connection{}, err
	}
	r, err := s.q.LockConnection(ctx, conn(ctx, s.pool), uuid.UUID(user))
	if err != nil {
		return domain.Connection{}, notFound(err, domain.ErrConnectionNotFound)
	}
	return s.withTokens(r.WakatimeConnection, r.WakatimeAccount)
}

// SaveConnection implements ports.ConnectionStore.
func (s *ConnectionStore) SaveConnection(ctx context.Context, c domain.Connection, id domain.TrackedAccountID) error {
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
	ref, err := s.q.UpsertAccount(ctx, conn(ctx, s.pool), sqlc.UpsertAccountParams{
		ID:        uuid.UUID(id),
		UserID:    uuid.UUID(c.User),
		BaseUrl:   c.BaseURL,
		Server:    c.Account.Server,
		AccountID: c.Account.ID,
		Username:  c.Account.Username,
	})
	if err != nil {
		return fmt.Errorf("upsert account: %w", err)
	}
	connected := domain.CalendarAt(c.ConnectedAt)
	n, err := s.q.UpsertConnection(ctx, conn(ctx, s.pool), sqlc.UpsertConnectionParams{
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
		AccountRef:      ref,
		ConnectedAt:     c.ConnectedAt,
		Utc:             connected.UTC.Date(),
		Behind:          connected.Behind,
		Ahead:           connected.Ahead,
	})
	if err != nil {
		return violates(err, "wakatime_connections_account_key", domain.ErrWakaTimeAccountTaken)
	}
	return requireAffected(n, nil, domain.ErrUnauthenticated)
}

// RemoveConnection implements ports.ConnectionStore.
func (s *ConnectionStore) RemoveConnection(ctx context.Context, user domain.UserID) error {
	n, err := s.q.DeleteConnection(ctx, conn(ctx, s.pool), uuid.UUID(user))
	return requireAffected(n, err, domain.ErrConnectionNotFound)
}

// StartSync implements ports.ConnectionStore. It is one statement and needs no transaction.
func (s *ConnectionStore) StartSync(ctx context.Context, user domain.UserID, now, until time.Time) (domain.Connection, domain.TrackedUser, error) {
	db := conn(ctx, s.pool)
	r, err := s.q.LeaseConnection(ctx, db, sqlc.LeaseConnectionParams{UserID: uuid.UUID(user), Now: now, Until: until})
	if errors.Is(err, pgx.ErrNoRows) {
		exists, err := s.q.ConnectionExists(ctx, db, uuid.UUID(user))
		switch {
		case err != nil:
			return domain.Connection{}, domain.TrackedUser{}, fmt.Errorf("find connection: %w", err)
		case exists:
			return domain.Connection{}, domain.TrackedUser{}, domain.ErrSyncBusy
		}
		return domain.Connection{}, domain.TrackedUser{}, domain.ErrConnectionNotFound
	}
	if err != nil {
		return domain.Connection{}, domain.TrackedUser{}, fmt.Errorf("lease connection: %w", err)
	}
	c, err := s.withTokens(r.WakatimeConnection, r.WakatimeAccount)
	return c, trackedUser(sqlc.GetTrackedUserRow{
		ID: uuid.UUID(user), Name: r.Name, UserZone: r.UserZone, BatchID: r.BatchID, BatchZone: r.BatchZone,
		StartsOn: r.StartsOn, EndsOn: r.EndsOn, ArchivedAt: r.ArchivedAt, EnrolledAt: r.EnrolledAt, EnrolledOn: r.EnrolledOn,
		State: &r.WakatimeConnection.State, ConnectedAt: &r.WakatimeConnection.ConnectedAt, ConnectedOn: r.WakatimeConnection.ConnectedOn,
		FailureReason: r.WakatimeConnection.FailureReason, FailedAt: r.WakatimeConnection.FailedAt, FailingSince: r.WakatimeConnection.FailingSince,
		EverConnected: true, Server: r.WakatimeAccount.Server,
	}, now), err
}

// FinishSync implements ports.ConnectionStore.
func (s *ConnectionStore) FinishSync(ctx context.Context, user domain.UserID, r domain.SyncResult) error {
	p := sqlc.UpdateConnectionSyncedParams{
		UserID: uuid.UUID(user), Ref: int32(r.Account), Lease: r.Lease, At: r.At, NextSyncAt: r.Next,
		Reason: string(r.Reason), Unfinished: r.Unfinished, Froms: []time.Time{}, Tos: []time.Time{}, Ats: []time.Time{},
	}
	for _, c := range r.Checks {
		p.Froms, p.Tos, p.Ats = append(p.Froms, c.Days.From.Date()), append(p.Tos, c.Days.To.Date()), append(p.Ats, c.At)
	}
	if y := r.Yardstick; y != nil {
		p.Yardstick, p.TimeoutMinutes = new(string(y.Kind)), new(int16(y.Timeout))
	}
	return s.q.UpdateConnectionSynced(ctx, conn(ctx, s.pool), p)
}

// ConnectionReport implements ports.ConnectionStore.
func (s *ConnectionStore) ConnectionReport(ctx context.Context, user domain.UserID, now time.Time) (domain.ConnectionReport, error) {
	// Depending on the time zone, today is one of three days.
	r, err := s.q.GetConnectionReport(ctx, conn(ctx, s.pool), sqlc.GetConnectionReportParams{UserID: uuid.UUID(user), Last: (domain.UTC.Today(now) + 1).Date()})
	if err != nil {
		return domain.ConnectionReport{}, notFound(err, domain.ErrUserNotFound)
	}
	t := trackedUser(sqlc.GetTrackedUserRow{
		ID: uuid.UUID(user), Name: r.Name, UserZone: r.UserZone,
		BatchID: r.BatchID, BatchZone: r.BatchZone, StartsOn: r.StartsOn, EndsOn: r.EndsOn, ArchivedAt: r.ArchivedAt,
		EnrolledAt: r.EnrolledAt, EnrolledOn: r.EnrolledOn, State: r.State, ConnectedAt: r.ConnectedAt, ConnectedOn: r.ConnectedOn,
		FailureReason: r.FailureReason, FailedAt: r.FailedAt, FailingSince: r.FailingSince,
	}, now)
	days := unpackDays(make([]domain.BareDay, 0, len(r.Days)), r.Days, 0)
	report := domain.ConnectionReport{Connection: domain.Connection{User: user, State: domain.NotConnected}, Coverage: t.Sum(t.Tracked, days)}
	if r.State == nil {
		return report, nil
	}
	report.Connection = connection(sqlc.WakatimeConnection{
		UserID: uuid.UUID(user), Kind: *r.Kind, State: *r.State, BaseUrl: *r.BaseUrl, ExpiresAt: r.ExpiresAt, Scopes: r.Scopes,
		AccountID: *r.AccountID, AccountUsername: *r.AccountUsername, AccountZone: *r.AccountZone, AccountPlan: *r.AccountPlan,
		ConnectedAt: *r.ConnectedAt, LastSyncedAt: r.LastSyncedAt, NextSyncAt: r.NextSyncAt, LeasedUntil: r.LeasedUntil,
		FailureReason: r.FailureReason, FailedAt: r.FailedAt, FailingSince: r.FailingSince,
	}, sqlc.WakatimeAccount{Ref: *r.Ref, Server: *r.Server, Yardstick: *r.Yardstick, TimeoutMinutes: *r.TimeoutMinutes}, now)
	return report, nil
}

// withTokens converts a row and opens its tokens. If one cannot be opened, both are empty.
func (s *ConnectionStore) withTokens(r sqlc.WakatimeConnection, a sqlc.WakatimeAccount) (domain.Connection, error) {
	c := connection(r, a, s.now())
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

func connection(r sqlc.WakatimeConnection, a sqlc.WakatimeAccount, now time.Time) domain.Connection {
	c := domain.Connection{
		User:      domain.UserID(r.UserID),
		Kind:      domain.ConnectionKind(r.Kind),
		State:     domain.ConnectionState(r.State),
		BaseURL:   r.BaseUrl,
		ExpiresAt: utc(r.ExpiresAt),
		Scopes:    r.Scopes,
		Account: domain.WakaTimeAccount{
			Server:   a.Server,
			ID:       r.AccountID,
			Username: r.AccountUsername,
			TimeZone: r.AccountZone,
			Plan:     r.AccountPlan,
		},
		Ref:          domain.AccountRef(a.Ref),
		Yardstick:    domain.Yardstick{Kind: domain.YardstickKind(a.Yardstick), Timeout: int(a.TimeoutMinutes)},
		ConnectedAt:  r.ConnectedAt.UTC(),
		LastSyncedAt: utc(r.LastSyncedAt),
		NextSyncAt:   utc(r.NextSyncAt),
		Syncing:      r.LeasedUntil != nil && r.LeasedUntil.After(now),
		Failure:      syncFailure(r.FailureReason, r.FailedAt, r.FailingSince),
	}
	for i := range a.CheckedAt {
		c.Checks = append(c.Checks, domain.Check{
			Days: domain.DayRange{From: day(a.CheckedFrom[i]), To: day(a.CheckedTo[i])}, At: a.CheckedAt[i].UTC(),
		})
	}
	return c
}

func syncFailure(reason *string, at, since *time.Time) *domain.SyncFailure {
	if reason == nil || at == nil || since == nil {
		return nil
	}
	return &domain.SyncFailure{Reason: domain.Reason(*reason), At: at.UTC(), Since: since.UTC()}
}
