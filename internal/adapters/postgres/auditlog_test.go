package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// record writes one entry to the audit log at a time.
func record(t *testing.T, pool *pgxpool.Pool, at time.Time, actor domain.Actor, c domain.Change) {
	t.Helper()
	uow := postgres.NewUnitOfWork(pool, func() time.Time { return at }, build.ID)
	if err := uow.Do(t.Context(), actor, func(context.Context) (domain.Change, error) { return c, nil }); err != nil {
		t.Fatal(err)
	}
}

// broken returns the numbers of the entries that the chain does not vouch for.
func broken(t *testing.T, pool *pgxpool.Pool) []int64 {
	t.Helper()
	return must(sqlc.New().ListBrokenAuditEntries(t.Context(), pool))
}

func TestAuditStore_readsWhatTheUnitOfWorkWrote(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ada := build.User(t, pool, func(u *domain.User) { u.Name = "Ada" })
	gone := domain.UserID(build.ID())
	origin := domain.Origin{RequestID: "r-1", Address: "192.0.2.7"}
	record(t, pool, build.Now, domain.Actor{UserID: ada.ID, Role: domain.RoleAdmin, Origin: origin},
		domain.Change{Action: domain.ActBatchEdit, Subject: "batch-1", Details: map[string]any{"name": map[string]any{"from": "a", "to": "ü\x1f"}, "n": 1.5}})
	record(t, pool, build.Now, domain.System, domain.Change{Action: domain.ActWakaTimeUnlink, Subject: "user-1"})
	record(t, pool, build.Now, domain.Actor{UserID: gone, Role: domain.RoleMember}, domain.Change{Action: domain.ActSessionEnd})

	got, err := postgres.NewAuditStore(pool).ListAuditEntries(t.Context(), domain.AuditFilter{}, domain.PageRequest{Limit: 9})
	want := domain.Page[domain.AuditEntry]{Items: []domain.AuditEntry{
		{At: build.Now, ActorID: gone, ActorRole: domain.RoleMember, Change: domain.Change{Action: domain.ActSessionEnd, Details: map[string]any{}}},
		{At: build.Now, ActorRole: domain.RoleSystem, Change: domain.Change{Action: domain.ActWakaTimeUnlink, Subject: "user-1", Details: map[string]any{}}},
		{
			At: build.Now, ActorID: ada.ID, ActorName: "Ada", ActorRole: domain.RoleAdmin, Origin: origin,
			Change: domain.Change{Action: domain.ActBatchEdit, Subject: "batch-1", Details: map[string]any{"name": map[string]any{"from": "a", "to": "ü\x1f"}, "n": 1.5}},
		},
	}}
	if d := diff(want, got, cmpopts.IgnoreFields(domain.AuditEntry{}, "ID")); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	for _, e := range got.Items {
		if e.ID.IsZero() {
			t.Error("an entry without an id")
		}
	}
}

func TestAuditStore_filters(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ada, bo := domain.UserID(build.ID()), domain.UserID(build.ID())
	hour := func(n int) time.Time { return build.Now.Add(time.Duration(n) * time.Hour) }
	// The details name the entry.
	for i, e := range []struct {
		actor   domain.UserID
		subject string
		action  domain.Action
	}{
		{ada, "x", domain.ActBatchCreate}, {ada, "x", domain.ActBatchEdit}, {bo, "x", domain.ActBatchEdit}, {bo, "y", domain.ActBatchEdit}, {ada, "y", domain.ActBatchEdit},
	} {
		record(t, pool, hour(i), domain.Actor{UserID: e.actor, Role: domain.RoleAdmin},
			domain.Change{Action: e.action, Subject: e.subject, Details: map[string]any{"is": string(rune('0' + i))}})
	}
	store := postgres.NewAuditStore(pool)

	for name, tc := range map[string]struct {
		filter domain.AuditFilter
		want   string
	}{
		"everything, newest first":          {domain.AuditFilter{}, "4, 3, 2, 1, 0"},
		"of an actor":                       {domain.AuditFilter{Actor: ada}, "4, 1, 0"},
		"of a subject":                      {domain.AuditFilter{Subject: "x"}, "2, 1, 0"},
		"of an action":                      {domain.AuditFilter{Action: domain.ActBatchEdit}, "4, 3, 2, 1"},
		"from a time on":                    {domain.AuditFilter{From: hour(3)}, "4, 3"},
		"before a time, which is not in it": {domain.AuditFilter{To: hour(2)}, "1, 0"},
		"a span of time":                    {domain.AuditFilter{From: hour(1), To: hour(4)}, "3, 2, 1"},
		"all filters":                       {domain.AuditFilter{Actor: bo, Subject: "y", Action: domain.ActBatchEdit, From: hour(0), To: hour(9)}, "3"},
		"no match":                          {domain.AuditFilter{Actor: bo, Action: domain.ActBatchCreate}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{1, 2, 5, 6} {
				got := walk(t, limit, func(req domain.PageRequest) (domain.Page[domain.AuditEntry], error) {
					return store.ListAuditEntries(t.Context(), tc.filter, req)
				})
				if got := names(got, func(e domain.AuditEntry) string { return e.Details["is"].(string) }); got != tc.want {
					t.Errorf("by %d: got %q, want %q", limit, got, tc.want)
				}
			}
		})
	}
	if _, err := store.ListAuditEntries(t.Context(), domain.AuditFilter{}, domain.PageRequest{After: "rubbish", Limit: 1}); !errors.Is(err, domain.ErrInvalidCursor) {
		t.Errorf("a cursor that nobody made: %v", err)
	}
}

func TestAuditLog_isAppendOnly(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	record(t, pool, build.Now, domain.System, domain.Change{Action: domain.ActBatchCreate})
	for _, sql := range []string{
		`UPDATE audit_entries SET subject = 'x'`, `DELETE FROM audit_entries`, `TRUNCATE audit_entries`,
		`DELETE FROM audit_entries WHERE false`, `UPDATE audit_entries SET hash = '' WHERE seq = 1`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestAuditLog_showsTampering(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		tamper string
		want   []int64
	}{
		"nobody tampered":              {``, nil},
		"an action was changed":        {`UPDATE audit_entries SET action = 'batch.read' WHERE seq = 3`, []int64{3}},
		"a detail was changed":         {`UPDATE audit_entries SET details = '{"n": 7}' WHERE seq = 1`, []int64{1}},
		"a time was moved":             {`UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE seq = 5`, []int64{5}},
		"an actor was taken off":       {`UPDATE audit_entries SET actor_id = NULL WHERE seq = 2`, []int64{2}},
		"an address was changed":       {`UPDATE audit_entries SET address = '' WHERE seq = 2`, []int64{2}},
		"an entry was removed":         {`DELETE FROM audit_entries WHERE seq = 3`, []int64{4}},
		"the first entry was removed":  {`DELETE FROM audit_entries WHERE seq = 1`, []int64{2}},
		"two entries changed places":   {`ALTER TABLE audit_entries ALTER seq DROP IDENTITY; UPDATE audit_entries SET seq = -3 WHERE seq = 3; UPDATE audit_entries SET seq = 3 WHERE seq = 4; UPDATE audit_entries SET seq = 4 WHERE seq = -3`, []int64{3, 4, 5}},
		"text moved between two cells": {`UPDATE audit_entries SET subject = subject || request_id, request_id = '' WHERE seq = 2`, []int64{2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			actor := domain.Actor{UserID: build.ID(), Role: domain.RoleAdmin, Origin: domain.Origin{RequestID: "r", Address: "192.0.2.7"}}
			for i := range 5 {
				record(t, pool, build.Now, actor, domain.Change{Action: domain.ActBatchEdit, Subject: "b", Details: map[string]any{"n": i}})
			}
			build.Exec(t, pool, `ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only`)
			for sql := range strings.SplitSeq(tc.tamper, ";") {
				build.Exec(t, pool, sql)
			}
			if d := diff(tc.want, broken(t, pool)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAuditLog_chainsWhatIsWrittenAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	uow := unitOfWork(pool)
	errs := together(16, func(int) error {
		for range 5 {
			err := uow.Do(t.Context(), domain.System, func(context.Context) (domain.Change, error) {
				return domain.Change{Action: domain.ActBatchEdit, Subject: "b"}, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if b := broken(t, pool); len(b) > 0 {
		t.Errorf("entries %v are out of the chain", b)
	}
	var n, hashes int
	if err := pool.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT hash) FROM audit_entries`).Scan(&n, &hashes); err != nil || n != 80 || hashes != 80 {
		t.Errorf("%d entries, %d hashes, %v; want 80", n, hashes, err)
	}
}
