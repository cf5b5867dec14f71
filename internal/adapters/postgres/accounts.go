package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

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

// Me implements ports.UserStore. What it reads depends on the role, so a user who has another one
// than expected is read again.
func (s *UserStore) Me(ctx context.Context, id domain.UserID, expected domain.Role) (domain.Me, error) {
	for {
		me, err := s.me(ctx, id, expected)
		if err != nil {
			return domain.Me{}, notFound(err, domain.ErrUserNotFound)
		}
		if me.Role == expected {
			return me, nil
		}
		expected = me.Role
	}
}

// me returns a user with what belongs to a role.
func (s *UserStore) me(ctx context.Context, id domain.UserID, role domain.Role) (me domain.Me, err error) {
	switch role {
	case domain.RoleStudent:
		r, err := s.q.GetStudentMe(ctx, conn(ctx, s.pool), uuid.UUID(id))
		if err != nil {
			return me, err
		}
		me.User = user(sqlc.GetUserRow{
			ID: r.ID, Email: r.Email, Name: r.Name, Role: r.Role, TimeZone: r.TimeZone,
			SuspendedAt: r.SuspendedAt, CreatedAt: r.CreatedAt, Version: r.Version,
		})
		if r.BatchID != nil {
			me.Batch = &domain.BatchSummary{
				ID: domain.BatchID(*r.BatchID), Name: *r.BatchName, StartsOn: day(*r.StartsOn), EndsOn: day(*r.EndsOn),
				TimeZone: domain.StoredTimeZone(*r.BatchTimeZone),
			}
		}
	case domain.RoleInstructor:
		r, err := s.q.GetInstructorMe(ctx, conn(ctx, s.pool), uuid.UUID(id))
		if err != nil {
			return me, err
		}
		me.User = user(sqlc.GetUserRow{
			ID: r.ID, Email: r.Email, Name: r.Name, Role: r.Role, TimeZone: r.TimeZone,
			SuspendedAt: r.SuspendedAt, CreatedAt: r.CreatedAt, Version: r.Version,
		})
		me.Teaches = ids[domain.Batch](r.Teaches)
		slices.SortFunc(me.Teaches, func(a, b domain.BatchID) int { return bytes.Compare(a[:], b[:]) })
	case domain.RoleMember, domain.RoleAdmin, domain.RoleSystem, domain.RoleAnyone:
		r, err := s.q.GetUser(ctx, conn(ctx, s.pool), uuid.UUID(id))
		if err != nil {
			return me, err
		}
		me.User = user(r)
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
	// Each kind of filter has its own indexes, so it has its own statement.
	q, db, limit, search := s.q, conn(ctx, s.pool), int32(req.Limit)+1, newSearchTerm(f.Search)
	starts, rest := search.after(after)
	switch {
	case search.Text == "" && f.Role == "":
		rows, err := q.ListUsers(ctx, db, sqlc.ListUsersParams{AfterName: after.Name, AfterID: after.ID, Max: limit})
		return userPage(scope, search, rows, err, req.Limit, func(r sqlc.ListUsersRow) sqlc.ListUsersRow { return r })
	case search.Text == "":
		rows, err := q.ListUsersOfRole(ctx, db, sqlc.ListUsersOfRoleParams{Role: string(f.Role), AfterName: after.Name, AfterID: after.ID, Max: limit})
		return userPage(scope, search, rows, err, req.Limit, func(r sqlc.ListUsersOfRoleRow) sqlc.ListUsersRow { return sqlc.ListUsersRow(r) })
	case f.Role == "":
		rows, err := q.SearchUsers(ctx, db, sqlc.SearchUsersParams{
			Search: search.Text, SearchEnd: search.End, Pattern: search.Pattern, Max: limit,
			StartsName: starts.Name, StartsID: starts.ID, RestName: rest.Name, RestID: rest.ID,
		})
		return userPage(scope, search, rows, err, req.Limit, func(r sqlc.SearchUsersRow) sqlc.ListUsersRow { return sqlc.ListUsersRow(r) })
	}
	rows, err := q.SearchUsersOfRole(ctx, db, sqlc.SearchUsersOfRoleParams{
		Role: string(f.Role), Search: search.Text, SearchEnd: search.End, Pattern: search.Pattern, Max: limit,
		StartsName: starts.Name, StartsID: starts.ID, RestName: rest.Name, RestID: rest.ID,
	})
	return userPage(scope, search, rows, err, req.Limit, func(r sqlc.SearchUsersOfRoleRow) sqlc.ListUsersRow { return sqlc.ListUsersRow(r) })
}

// userPage returns a page of users, or the error of the statement that read its rows.
func userPage[R any](scope string, search searchTerm, rows []R, err error, limit int, row func(R) sqlc.ListUsersRow) (domain.Page[domain.User], error) {
	if err != nil {
		return domain.Page[domain.User]{}, fmt.Errorf("list users: %w", err)
	}
	return newPage(scope, rows, limit,
		func(from R) domain.User {
			r := row(from)
			return user(sqlc.GetUserRow{
				ID: r.ID, Email: r.Email, Name: r.Name, Role: r.Role, TimeZone: r.TimeZone,
				SuspendedAt: r.SuspendedAt, CreatedAt: r.CreatedAt, Version: r.Version,
			})
		},
		func(from R) nameKey {
			r := row(from)
			return search.key(r.NameKey, r.ID)
		}), nil
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

// SaveEmail implements ports.EmailStore.
func (s *UserStore) SaveEmail(ctx context.Context, u domain.User) error {
	if err := requireUser(ctx, u.ID); err != nil {
		return err
	}
	changesRights(ctx, u.ID)
	n, err := s.q.UpdateUserEmail(ctx, conn(ctx, s.pool), sqlc.UpdateUserEmailParams{
		ID: uuid.UUID(u.ID), Email: string(u.Email), SearchKey: domain.SearchKey(u.Name, u.Email),
	})
	return requireAffected(n, violates(err, "users_email_key", domain.ErrEmailTaken), domain.ErrUserNotFound)
}

// SaveUser implements ports.UserStore.
func (s *UserStore) SaveUser(ctx context.Context, u domain.User) error {
	changesRights(ctx, u.ID)
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
