package histories

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
)

// Postgres returns the real stores for a new student who enrolled at Start.
func Postgres(tb testing.TB, pool *pgxpool.Pool, zone domain.TimeZone, now ports.Clock) Stores {
	tb.Helper()
	sealer, err := secrets.NewSealer(secrets.Config{Keys: "test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
	if err != nil {
		tb.Fatal(err)
	}
	batch := build.Batch(tb, pool, func(b *domain.Batch) {
		b.TimeZone, b.StartsOn, b.EndsOn = zone, domain.NewDay(2026, time.October, 1), domain.NewDay(2029, time.October, 1)
	})
	student := build.Student(tb, pool, batch.ID, func(_ *domain.User, e *domain.Enrolment) { e.EnrolledAt = Start })
	admin := build.User(tb, pool, func(u *domain.User) { u.Role = domain.RoleAdmin })
	return Stores{
		UnitOfWork:  postgres.NewUnitOfWork(pool, postgres.NewSessionCache(0), now, build.ID, build.Lifetime),
		Connections: postgres.NewConnectionStore(pool, sealer, now),
		Accounts:    postgres.NewAccountStore(pool),
		Days:        postgres.NewDayStore(pool, now),
		User:        student.ID,
		Admin:       admin.ID,
		NewID:       build.ID,
		SetTimeZone: func(z domain.TimeZone) error {
			_, err := pool.Exec(tb.Context(), `UPDATE batches SET time_zone = $2 WHERE id = $1`, uuid.UUID(batch.ID), string(z))
			return err
		},
	}
}
