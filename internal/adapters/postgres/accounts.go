package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// UserStore implements ports.UserStore and ports.PasswordStore.
type UserStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var (
	_ ports.UserStore     = (*UserStore)(nil)
	_ ports.PasswordStore = (*UserStore)(nil)
)

// NewUserStore returns a UserStore on pool.
func NewUserStore(pool *pgxpool.Pool) *UserStore {
	return &UserStore{pool: pool, q: sqlc.New()}
}

// User implements ports.UserStore.
func (s *UserStore) User(ctx context.Context, id domain.UserID) (domain.User, error) {
	r, err := s.q.GetUser(ctx, conn(ctx, s.pool), uuid.UUID(id))
	if err != nil {
		return domain.User{}, notFound(err, domain.ErrUserNotFound)
	}
	return user(r), nil
}

// Me implements ports.UserStore.
func (s *UserStore) Me(ctx context.Context, id domain.UserID) (domain.Me, error) {
	r, err := s.q.GetMe(ctx, conn(ctx, s.pool), uuid.UUID(id))
	if err != nil {
		return domain.Me{}, notFound(err, domain.ErrUserNotFound)
	}
	me := domain.Me{
		User: user(sqlc.GetUserRow{
			ID: r.ID, Email: r.Email, Name: r.Name, Role: r.Role, TimeZone: r.TimeZone,
			SuspendedAt: r.SuspendedAt, CreatedAt: r.CreatedAt, Version: r.Version,
		}),
		Teaches: ids[domain.Batch](r.Teaches),
	}
	if r.BatchID != nil {
		me.Batch = new(batch(sqlc.GetBatchRow{
			ID: *r.BatchID, Name: *r.BatchName, Description: *r.Description, StartsOn: *r.StartsOn, EndsOn: *r.EndsOn, TimeZone: *r.BatchTimeZone,
			WeeklyGoalSeconds: r.WeeklyGoalSeconds, AiTime: *r.AiTime, ArchivedAt: r.ArchivedAt, CreatedAt: *r.BatchCreatedAt, Version: *r.BatchVersion,
			Students: r.Students, Instructors: r.Instructors,
		}))
	}
	return me, nil
}

// LockedUser implements ports.UserStore.
func (s *UserStore) LockedUser(ctx context.Context, id domain.UserID) (domain.User, error) {
	if err := requireUser(ctx, id); err != nil {
		return domain.User{}, err
	}
	return s.User(ctx, id)
}

// LockedAdmins implements ports.UserStore.
func (s *UserStore) LockedAdmins(ctx context.Context) ([]domain.UserID, error) {
	if !locksOf(ctx).Admins {
		return nil, errors.New("postgres: the unit of work has not locked the admins")
	}
	rows, err := s.q.ListAdmins(ctx, conn(ctx, s.pool))
	if err != nil {
		return nil, fmt.Errorf("list admins: %w", err)
	}
	return ids[domain.User](rows), nil
}

// UserByEmail implements ports.UserStore.
func (s *UserStore) UserByEmail(ctx context.Context, email domain.Email) (domain.User, string, error) {
	r, err := s.q.GetUserByEmail(ctx, conn(ctx, s.pool), string(email))
	if err != nil {
		return domain.User{}, "", notFound(err, domain.ErrUserNotFound)
	}
	return user(sqlc.GetUserRow{
		ID: r.ID, Email: r.Email, Name: r.Name, Role: r.Role, TimeZone: r.TimeZone,
		SuspendedAt: r.SuspendedAt, CreatedAt: r.CreatedAt, Version: r.Version,
	}), r.PasswordHash, nil
}

// ListUsers implements ports.UserStore.
func (s *UserStore) ListUsers(ctx context.Context, f domain.UserFilter, req domain.PageRequest) (domain.Page[domain.User], error) {
	scope := cursorScope("users", f)
	after, _, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.Page[domain.User]{}, err
	}
	rows, err := s.listUsers(ctx, f, after, int32(req.Limit)+1)
	if err != nil {
		return domain.Page[domain.User]{}, fmt.Errorf("list users: %w", err)
	}
	return newPage(scope, rows, req.Limit,
		func(r sqlc.ListUsersRow) domain.User {
			return user(sqlc.GetUserRow{
				ID: r.ID, Email: r.Email, Name: r.Name, Role: r.Role, TimeZone: r.TimeZone,
				SuspendedAt: r.SuspendedAt, CreatedAt: r.CreatedAt, Version: r.Version,
			})
		},
		func(r sqlc.ListUsersRow) nameKey { return nameKey{Name: r.NameKey, ID: r.ID} }), nil
}

func (s *UserStore) listUsers(ctx context.Context, f domain.UserFilter, after nameKey, limit int32) ([]sqlc.ListUsersRow, error) {
	search := newSearchTerm(f.Search)
	if search.Text == "" {
		return s.q.ListUsers(ctx, conn(ctx, s.pool), sqlc.ListUsersParams{AfterName: after.Name, AfterID: after.ID, Role: string(f.Role), Max: limit})
	}
	found, err := s.q.SearchUsers(ctx, conn(ctx, s.pool), sqlc.SearchUsersParams{
		AfterName: after.Name, AfterID: after.ID, Role: string(f.Role), Search: search.Text, Pattern: search.Pattern, Max: limit,
	})
	rows := make([]sqlc.ListUsersRow, len(found))
	for i, r := range found {
		rows[i] = sqlc.ListUsersRow(r)
	}
	return rows, err
}

// AddUser implements ports.UserStore.
func (s *UserStore) AddUser(ctx context.Context, u domain.User, passwordHash string) error {
	err := s.q.InsertUser(ctx, conn(ctx, s.pool), sqlc.InsertUserParams{
		ID:           uuid.UUID(u.ID),
		Email:        string(u.Email),
		Name:         u.Name,
		NameKey:      domain.NameKey(u.Name),
		SearchKey:    domain.SearchKey(u.Name, u.Email),
		Role:         string(u.Role),
		TimeZone:     string(u.TimeZone),
		PasswordHash: passwordHash,
		SuspendedAt:  u.SuspendedAt,
		CreatedAt:    u.CreatedAt,
		Version:      int32(u.Version),
	})
	return violates(err, "users_email_key", domain.ErrEmailTaken)
}

// SaveUser implements ports.UserStore.
func (s *UserStore) SaveUser(ctx context.Context, u domain.User) error {
	n, err := s.q.UpdateUser(ctx, conn(ctx, s.pool), sqlc.UpdateUserParams{
		ID:          uuid.UUID(u.ID),
		Name:        u.Name,
		NameKey:     domain.NameKey(u.Name),
		SearchKey:   domain.SearchKey(u.Name, u.Email),
		Role:        string(u.Role),
		TimeZone:    string(u.TimeZone),
		SuspendedAt: u.SuspendedAt,
	})
	return requireAffected(n, err, domain.ErrUserNotFound)
}

// ReplacePasswordHash implements ports.PasswordStore.
func (s *UserStore) ReplacePasswordHash(ctx context.Context, id domain.UserID, from, to string) error {
	if err := requireUser(ctx, id); err != nil {
		return err
	}
	return s.q.UpdatePasswordHash(ctx, conn(ctx, s.pool), sqlc.UpdatePasswordHashParams{ID: uuid.UUID(id), FromHash: from, ToHash: to})
}

// SavePassword implements ports.PasswordStore.
func (s *UserStore) SavePassword(ctx context.Context, id domain.UserID, passwordHash string) error {
	n, err := s.q.ResetPasswordHash(ctx, conn(ctx, s.pool), sqlc.ResetPasswordHashParams{ID: uuid.UUID(id), PasswordHash: passwordHash})
	return requireAffected(n, err, domain.ErrUserNotFound)
}

func user(r sqlc.GetUserRow) domain.User {
	return domain.User{
		ID:          domain.UserID(r.ID),
		Email:       domain.Email(r.Email),
		Name:        r.Name,
		Role:        domain.Role(r.Role),
		TimeZone:    domain.StoredTimeZone(r.TimeZone),
		SuspendedAt: utc(r.SuspendedAt),
		CreatedAt:   r.CreatedAt.UTC(),
		Version:     int(r.Version),
	}
}
