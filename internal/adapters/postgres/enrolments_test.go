package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/memory"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/accounts"
	"github.com/gradus-dev/gradus/internal/domain/students"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// plainHasher replaces the slow hash, which is irrelevant to races.
type plainHasher struct{}

func (plainHasher) Hash(_ context.Context, p domain.Secret) (string, error) { return p.Reveal(), nil }

func (plainHasher) Verify(_ context.Context, p domain.Secret, hash string) (bool, error) {
	return p.Reveal() == hash, nil
}

// accountServices are the use cases of accounts.
type accountServices struct {
	*accounts.Service
	*accounts.Sessions
}

func newAccounts(pool *pgxpool.Pool) accountServices {
	service := accounts.New(unitOfWork(pool), postgres.NewUserStore(pool), sessionStore(pool, build.Now), apiTokenStore(pool, build.Now),
		postgres.NewEnrolmentStore(pool, build.Clock), postgres.NewInstructorStore(pool), nil, build.Clock)
	return accountServices{service, newSessions(pool, plainHasher{})}
}

var passwords = domain.PasswordPolicy{MinLength: 8, Common: func(string) bool { return false }}

func newSessions(pool *pgxpool.Pool, hasher ports.PasswordHasher) *accounts.Sessions {
	return accounts.NewSessions(accounts.SessionDeps{
		UnitOfWork: unitOfWork(pool), Users: postgres.NewUserStore(pool), Sessions: sessionStore(pool, build.Now), RefreshTokens: sessionStore(pool, build.Now),
		Enrolments: postgres.NewEnrolmentStore(pool, build.Clock), Hasher: hasher, Hashes: postgres.NewUserStore(pool), Keys: keyStore(pool),
		TOTP: totpStore(pool), Challenges: postgres.NewSignInChallengeStore(pool), Codes: secrets.NewAuthenticator(secrets.Config{}),
		Security: &fake.SecurityLog{}, Limiter: memory.Unlimited{}, Devices: noDevices{}, Now: build.Clock, NewID: build.ID, NewToken: func() domain.Secret { return domain.Secret(rand.Text()) },
		Passwords: passwords, Lifetime: lifetime,
	})
}

func newStudents(pool *pgxpool.Pool) *students.Service {
	return students.New(unitOfWork(pool), postgres.NewStudentStore(pool, build.Clock), postgres.NewEnrolmentStore(pool, build.Clock),
		postgres.NewUserStore(pool), keyStore(pool), discardSyncs{}, build.Clock, build.ID)
}

// discardSyncs discards syncs: the queue has its own tests.
type discardSyncs struct{}

func (discardSyncs) EnqueueSync(context.Context, domain.UserID, domain.SyncRequest, time.Time) error {
	return nil
}

func (discardSyncs) EnqueueSyncs(context.Context, []domain.PlannedSync) (int, error) { return 0, nil }

func registration(email string, key *string) ports.Registration {
	return ports.Registration{Email: email, Name: "Ada", Password: "correct horse battery", Key: key}
}

func TestEnrolmentStore(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewEnrolmentStore(pool, build.Clock)
	b, u := build.Batch(t, pool).ID, build.User(t, pool).ID
	enrol := func() error {
		return store.AddEnrolment(t.Context(), domain.Enrolment{ID: build.ID(), User: u, Batch: b, Status: domain.EnrolmentActive, EnrolledAt: build.Now})
	}
	if err := enrol(); err != nil {
		t.Fatal(err)
	}
	if err := enrol(); !errors.Is(err, domain.ErrAlreadyEnrolled) {
		t.Errorf("second current enrolment: %v", err)
	}
	for range 2 { // ending no enrolment is not an error
		if err := store.EndEnrolment(t.Context(), u, domain.EnrolmentDropped); err != nil {
			t.Error(err)
		}
	}
	if err := enrol(); err != nil {
		t.Errorf("enrolment after one that ended: %v", err)
	}
	var history string
	err := pool.QueryRow(t.Context(), `SELECT string_agg(status || coalesce(' at ' || to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), ''), ', ' ORDER BY ended_at) FROM enrolments`).Scan(&history)
	if want := "dropped at 2026-11-23 12:00, active"; history != want || err != nil {
		t.Errorf("history %q, %v; want %q", history, err, want)
	}
}

func TestJoin_NeverExceedsSeats(t *testing.T) {
	t.Parallel()
	key := new(string(keyText))
	for name, join := range map[string]func(t *testing.T, pool *pgxpool.Pool) func(int) error{
		"members join": func(t *testing.T, pool *pgxpool.Pool) func(int) error {
			t.Helper()
			var actors []domain.Actor
			for range 100 {
				actors = append(actors, domain.Actor{UserID: build.User(t, pool).ID, Role: domain.RoleMember})
			}
			return func(i int) error {
				_, err := newStudents(pool).Join(t.Context(), actors[i], *key)
				return err
			}
		},
		"new users register": func(t *testing.T, pool *pgxpool.Pool) func(int) error {
			t.Helper()
			return func(i int) error {
				_, err := newAccounts(pool).Register(t.Context(), domain.Actor{Role: domain.RoleAnyone}, registration(fmt.Sprintf("new%d@example.com", i), key))
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			b := build.Batch(t, pool).ID
			addKey(t, pool, b, func(k *domain.RegistrationKey) { k.Seats = new(10) })
			errs := concurrently(100, join(t, pool))
			if d := diff(map[string]int{"ok": 10, "batch_full": 90}, countErrors(errs, domain.ErrBatchFull)); d != "" {
				t.Error(d)
			}
			var enrolled, asStudents int
			err := pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM enrolments WHERE ended_at IS NULL), (SELECT count(*) FROM users WHERE role = 'student')`).Scan(&enrolled, &asStudents)
			if enrolled != 10 || asStudents != 10 || err != nil {
				t.Errorf("%d enrolled, %d students, %v; want 10", enrolled, asStudents, err)
			}
			if b := brokenEntries(t, pool); len(b) > 0 {
				t.Errorf("broken audit entries: %v", b)
			}
		})
	}
}

func TestJoin_ConcurrentCallsEnrolOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	addKey(t, pool, build.Batch(t, pool).ID)
	actor := domain.Actor{UserID: build.User(t, pool).ID, Role: domain.RoleMember}
	errs := concurrently(8, func(int) error {
		_, err := newStudents(pool).Join(t.Context(), actor, string(keyText))
		return err
	})
	if d := diff(map[string]int{"ok": 1, "already_enrolled": 7}, countErrors(errs, domain.ErrAlreadyEnrolled)); d != "" {
		t.Error(d)
	}
}

func TestRegister_ConcurrentDuplicatesCreateOneAccount(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	errs := concurrently(16, func(int) error {
		_, err := newAccounts(pool).Register(t.Context(), domain.Actor{Role: domain.RoleAnyone}, registration("ada@example.com", nil))
		return err
	})
	if d := diff(map[string]int{"ok": 1, "email_taken": 15}, countErrors(errs, domain.ErrEmailTaken)); d != "" {
		t.Error(d)
	}
	if users, entries := countRows(t, pool); users != 1 || entries != 1 {
		t.Errorf("%d users and %d audit entries, want 1 and 1", users, entries)
	}
}

func TestChangeRole_KeepsOneOfTwoAdmins(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		target func(i int) int
		want   *domain.Error
	}{
		"who demote each other":  {func(i int) int { return 1 - i }, domain.ErrForbidden},
		"who demote themselves":  {func(i int) int { return i }, domain.ErrLastAdmin},
		"when one is the target": {func(int) int { return 0 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			admin := func() domain.UserID {
				return build.User(t, pool, func(u *domain.User) { u.Role = domain.RoleAdmin }).ID
			}
			admins := []domain.UserID{admin(), admin()}
			errs := concurrently(2, func(i int) error {
				actor := domain.Actor{UserID: admins[i], Role: domain.RoleAdmin, Fresh: true}
				_, err := newAccounts(pool).ChangeRole(t.Context(), actor, admins[tt.target(i)], domain.RoleMember, nil)
				return err
			})
			counts := countErrors(errs, domain.ErrForbidden, domain.ErrLastAdmin)
			if tt.want != nil && (counts["ok"] != 1 || counts[tt.want.Code] != 1) {
				t.Errorf("got %v", counts)
			}
			if left := countAdmins(t, pool); left != 1 {
				t.Errorf("%d admins are left; the calls returned %v", left, counts)
			}
		})
	}
}

func countAdmins(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM users WHERE role = 'admin'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
