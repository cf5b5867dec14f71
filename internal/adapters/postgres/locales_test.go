package postgres_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// databaseWith returns a pool on a migrated database that is created with options.
func databaseWith(t *testing.T, options string) *pgxpool.Pool {
	t.Helper()
	host := pgtest.New(t)
	name := "locale_" + strings.ToLower(rand.Text())
	build.Exec(t, host, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8' `+options)
	t.Cleanup(func() { build.Exec(t, host, `DROP DATABASE `+name+` WITH (FORCE)`) })
	config := host.Config()
	config.ConnConfig.Database = name
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	must(newMigrator(t, pool).Up(t.Context()))
	return pool
}

// ask returns the only value of a query.
func ask[T any](t *testing.T, pool *pgxpool.Pool, query string, args ...any) T {
	t.Helper()
	return must(pgx.CollectExactlyOneRow(must(pool.Query(t.Context(), query, args...)), pgx.RowTo[T]))
}

// Lists and searches are the same in every database: in some, lower() leaves "É" as it is, and
// in Turkish ones, it turns "I" into "ı".
func TestNames_AreTheSameInEveryLocale(t *testing.T) {
	t.Parallel()
	locales := map[string]string{"C": `LOCALE 'C'`}
	host := pgtest.New(t)
	if ask[bool](t, host, `SELECT EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i')`) { // the server has ICU
		locales["Turkish"] = `LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'`
		locales["Swedish"] = `LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'sv-SE'`
	}
	for name, options := range locales {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := databaseWith(t, options)
			names := []string{"Zoë", "ISTANBUL Isık", "Åsa", "Ingrid", "Ödön", "Émile", "emil", "Straßer", "Oda", "İnci", "Łukasz"}
			store := postgres.NewUserStore(pool)
			for i, n := range names {
				u := newUser()
				u.Name, u.Email = n, domain.Email(fmt.Sprintf("%d@x.de", i))
				if err := inUnitOfWork(t, pool, func(ctx context.Context) error { return store.AddUser(ctx, u, "") }); err != nil {
					t.Fatal(err)
				}
			}
			list := func(search string) string {
				return joinNames(listAll(t, 3, func(r domain.PageRequest) (domain.Page[domain.User], error) {
					return store.ListUsers(t.Context(), domain.UserFilter{Search: search}, r)
				}), func(u domain.User) string { return u.Name })
			}
			for search, want := range map[string]string{
				"":                "Åsa, emil, Émile, İnci, Ingrid, ISTANBUL Isık, Łukasz, Oda, Ödön, Straßer, Zoë",
				"zoe":             "Zoë",
				"ZOË":             "Zoë",
				"asa":             "Åsa",
				"ISIK":            "ISTANBUL Isık",
				"ışık":            "ISTANBUL Isık",
				"istanbul":        "ISTANBUL Isık",
				"in":              "İnci, Ingrid",
				"EMIL":            "emil, Émile",
				"strasse":         "Straßer",
				"lukasz":          "Łukasz",
				"o\u0308do\u0308": "Ödön",
				"%":               "",
				"_":               "",
			} {
				if got := list(search); got != want {
					t.Errorf("%q: got %s, want %s", search, got, want)
				}
			}
		})
	}
}

// TestRestore_LoadsRowsWithAnyTimeZone copies all rows of two tables, as a restore of a dump
// does, into a database whose server does not know their time zones.
func TestRestore_LoadsRowsWithAnyTimeZone(t *testing.T) {
	t.Parallel()
	from, to := pgtest.New(t), pgtest.New(t)
	b := build.Batch(t, from, func(b *domain.Batch) { b.Name, b.TimeZone = "Odd", mars })
	ada := build.User(t, from, func(u *domain.User) { u.Name, u.TimeZone = "Ada", mars })
	build.User(t, from, func(u *domain.User) { u.Name = "Bo" })
	for _, table := range []string{"users", "batches"} {
		var rows bytes.Buffer
		copyRows(t, from, func(c *pgx.Conn) error {
			_, err := c.PgConn().CopyTo(t.Context(), &rows, `COPY `+table+` TO STDOUT`)
			return err
		})
		copyRows(t, to, func(c *pgx.Conn) error {
			_, err := c.PgConn().CopyFrom(t.Context(), &rows, `COPY `+table+` FROM STDIN`)
			return err
		})
	}
	got := []int{ask[int](t, to, `SELECT count(*) FROM users`), ask[int](t, to, `SELECT count(*) FROM batches WHERE id = $1`, uuid.UUID(b.ID))}
	if diff := cmp.Diff([]int{2, 1}, got); diff != "" {
		t.Errorf("users and batches (-want +got):\n%s", diff)
	}
	if u := must(postgres.NewUserStore(to).User(t.Context(), ada.ID)); u.Name != "Ada" || u.TimeZone != domain.UTC {
		t.Errorf("got %+v", u)
	}
}

func copyRows(t *testing.T, pool *pgxpool.Pool, do func(*pgx.Conn) error) {
	t.Helper()
	if err := pool.AcquireFunc(t.Context(), func(c *pgxpool.Conn) error { return do(c.Conn()) }); err != nil {
		t.Fatal(err)
	}
}

func TestUserStore_ReplacePasswordHash_ReplacesOnlyTheHashThatWasVerified(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	u := build.User(t, pool)
	replace := func(from string) error {
		return inUnitOfWorkOn(t, pool, u.ID, func(ctx context.Context) error {
			return store.ReplacePasswordHash(ctx, u.ID, from, "new hash")
		})
	}
	for _, from := range []string{"another hash", "no hash"} {
		if err := replace(from); err != nil {
			t.Fatal(err)
		}
		want := map[bool]string{true: "new hash", false: "no hash"}[from == "no hash"]
		if _, hash, err := store.UserByEmail(t.Context(), u.Email); hash != want || err != nil {
			t.Errorf("replacing %q: the hash is %q, %v", from, hash, err)
		}
	}
	if err := store.ReplacePasswordHash(t.Context(), u.ID, "new hash", ""); err == nil {
		t.Error("ReplacePasswordHash succeeded outside a unit of work")
	}
}
