// Package build inserts rows with sensible defaults into a test's database.
//
// All functions insert with SQL of their own, so the test of one store does not depend on
// another store. They accept functions that change the entity before it is inserted.
package build

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Now is the current time of the inserted data: noon UTC on a Monday.
var Now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Today is the calendar day of Now in UTC.
var Today = domain.DayAt(Now, time.UTC)

// Clock is a ports.Clock that always returns Now.
func Clock() time.Time { return Now }

// Lifetime is how long sessions last.
var Lifetime = domain.SessionLifetime{Idle: time.Hour, Absolute: 24 * time.Hour, Max: 20}

// ID is a ports.NewID.
func ID() [16]byte { return uuid.Must(uuid.NewV7()) }

// Exec executes a statement. An error fails the test.
func Exec(tb testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	tb.Helper()
	if _, err := pool.Exec(context.WithoutCancel(tb.Context()), sql, args...); err != nil {
		tb.Fatalf("build: %v", err)
	}
}

var count atomic.Int64

// User inserts a member with a numbered name and address.
func User(tb testing.TB, pool *pgxpool.Pool, change ...func(*domain.User)) domain.User {
	tb.Helper()
	n := count.Add(1)
	u := domain.User{
		ID:        ID(),
		Email:     domain.Email(fmt.Sprintf("user%d@example.com", n)),
		Name:      fmt.Sprintf("User %d", n),
		Role:      domain.RoleMember,
		TimeZone:  domain.UTC,
		CreatedAt: Now.AddDate(0, -2, 0),
		Version:   1,
	}
	for _, f := range change {
		f(&u)
	}
	Exec(tb, pool, `INSERT INTO users (id, email, name, name_key, search_key, role, time_zone, password_hash, suspended_at, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'no hash', $8, $9, $10)`,
		uuid.UUID(u.ID), u.Email, u.Name, domain.NameKey(u.Name), domain.SearchKey(u.Name, u.Email), u.Role, u.TimeZone, u.SuspendedAt, u.CreatedAt, u.Version)
	return u
}

// Batch inserts a batch in UTC that started 60 days before Now and ends 60 days after.
func Batch(tb testing.TB, pool *pgxpool.Pool, change ...func(*domain.Batch)) domain.Batch {
	tb.Helper()
	b := domain.Batch{
		ID:        ID(),
		Name:      fmt.Sprintf("Batch %d", count.Add(1)),
		StartsOn:  Today - 60,
		EndsOn:    Today + 60,
		TimeZone:  domain.UTC,
		AITime:    domain.AIExcluded,
		CreatedAt: Now.AddDate(0, -3, 0),
		Version:   1,
	}
	for _, f := range change {
		f(&b)
	}
	Exec(tb, pool, `INSERT INTO batches (id, name, name_key, description, starts_on, ends_on, time_zone, weekly_goal_seconds, ai_time, archived_at, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		uuid.UUID(b.ID), b.Name, domain.NameKey(b.Name), b.Description, b.StartsOn.Date(), b.EndsOn.Date(), b.TimeZone, b.WeeklyGoal, b.AITime, b.ArchivedAt, b.CreatedAt, b.Version)
	return b
}

// Student inserts a user and their active enrolment in the batch, 30 days old.
func Student(tb testing.TB, pool *pgxpool.Pool, batch domain.BatchID, change ...func(*domain.User, *domain.Enrolment)) domain.User {
	tb.Helper()
	e := domain.Enrolment{ID: ID(), Batch: batch, Status: domain.EnrolmentActive, EnrolledAt: Now.AddDate(0, 0, -30)}
	u := User(tb, pool, func(u *domain.User) {
		u.Role = domain.RoleStudent
		for _, f := range change {
			f(u, &e)
		}
	})
	var zone string
	if err := pool.QueryRow(tb.Context(), `SELECT time_zone FROM batches WHERE id = $1`, uuid.UUID(e.Batch)).Scan(&zone); err != nil {
		tb.Fatalf("build: %v", err)
	}
	Exec(tb, pool, `INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at, enrolled_on, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		uuid.UUID(e.ID), uuid.UUID(u.ID), uuid.UUID(e.Batch), e.Status, e.EnrolledAt, domain.StoredTimeZone(zone).Today(e.EnrolledAt).Date(), e.EndedAt)
	return u
}

// Instructor inserts a user who teaches the batches.
func Instructor(tb testing.TB, pool *pgxpool.Pool, batches ...domain.BatchID) domain.User {
	tb.Helper()
	u := User(tb, pool, func(u *domain.User) { u.Role = domain.RoleInstructor })
	for _, b := range batches {
		Exec(tb, pool, `INSERT INTO batch_instructors (batch_id, user_id, assigned_at) VALUES ($1, $2, $3)`, uuid.UUID(b), uuid.UUID(u.ID), Now)
	}
	return u
}

// Session inserts a session of the user that was created at Now and lasts a day.
func Session(tb testing.TB, pool *pgxpool.Pool, user domain.UserID, tokenHash [32]byte, change ...func(*domain.Session)) domain.Session {
	tb.Helper()
	s := domain.Session{ID: ID(), User: user, CreatedAt: Now, LastSeenAt: Now, ExpiresAt: Now.AddDate(0, 0, 1), UserAgent: "test", AuthenticatedAt: Now}
	for _, f := range change {
		f(&s)
	}
	Exec(tb, pool, `INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at, authenticated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		uuid.UUID(s.ID), uuid.UUID(s.User), tokenHash[:], s.UserAgent, s.CreatedAt, s.LastSeenAt, s.ExpiresAt, s.AuthenticatedAt)
	return s
}
