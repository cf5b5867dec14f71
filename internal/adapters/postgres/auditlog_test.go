package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// recordAt writes one audit entry at the given time. If the actor does not exist, it is by a
// user who is deleted afterwards.
func recordAt(t *testing.T, pool *pgxpool.Pool, at time.Time, actor domain.Actor, c domain.Change) {
	t.Helper()
	if _, err := postgres.NewUserStore(pool).User(t.Context(), actor.UserID); err != nil && !actor.UserID.IsZero() {
		build.User(t, pool, func(u *domain.User) { u.ID, u.Role = actor.UserID, actor.Role })
		defer build.Exec(t, pool, `DELETE FROM users WHERE id = $1`, uuid.UUID(actor.UserID))
	}
	uow := postgres.NewUnitOfWork(pool, postgres.NewSessionCache(0), func() time.Time { return at }, build.ID, build.Lifetime)
	if err := uow.Do(t.Context(), actor, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) { return c, nil }); err != nil {
		t.Fatal(err)
	}
}

// brokenEntries returns the numbers of the entries whose hash does not match.
func brokenEntries(t *testing.T, pool *pgxpool.Pool) []int64 {
	t.Helper()
	var broken []int64
	p := sqlc.GetBrokenAuditEntriesParams{Max: 3}
	for {
		page := must(sqlc.New().GetBrokenAuditEntries(t.Context(), pool, p))
		broken = append(broken, page.Broken...)
		if p.After = page.Last; p.After == 0 {
			return broken
		}
	}
}

func TestAuditStore_ListsEntriesOfTheUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ada := build.User(t, pool, func(u *domain.User) { u.Name, u.Role = "Ada", domain.RoleAdmin })
	gone := domain.UserID(build.ID())
	origin := domain.Origin{RequestID: "r-1", Address: "192.0.2.7"}
	recordAt(t, pool, build.Now, domain.Actor{UserID: ada.ID, Role: domain.RoleAdmin, Origin: origin},
		domain.Change{Action: domain.ActBatchUpdate, Subject: "batch-1", Details: map[string]any{"name": map[string]any{"from": "a", "to": "ü\x1f"}, "n": 1.5}})
	recordAt(t, pool, build.Now, domain.System, domain.Change{Action: domain.ActWakaTimeUnlink, Subject: "user-1"})
	recordAt(t, pool, build.Now, domain.Actor{UserID: gone, Role: domain.RoleMember}, domain.Change{Action: domain.ActSessionEnd})

	got, err := postgres.NewAuditStore(pool).ListAuditEntries(t.Context(), domain.AuditFilter{}, domain.PageRequest{Limit: 9})
	want := domain.Page[domain.AuditEntry]{Items: []domain.AuditEntry{
		{At: build.Now, ActorID: gone, ActorRole: domain.RoleMember, Change: domain.Change{Action: domain.ActSessionEnd, Details: map[string]any{}}},
		{At: build.Now, ActorRole: domain.RoleSystem, Change: domain.Change{Action: domain.ActWakaTimeUnlink, Subject: "user-1", Details: map[string]any{}}},
		{
			At: build.Now, ActorID: ada.ID, ActorName: "Ada", ActorRole: domain.RoleAdmin, Origin: origin,
			Change: domain.Change{Action: domain.ActBatchUpdate, Subject: "batch-1", Details: map[string]any{"name": map[string]any{"from": "a", "to": "ü\x1f"}, "n": 1.5}},
		},
	}}
	if d := diff(want, got, cmpopts.IgnoreFields(domain.AuditEntry{}, "ID")); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	for _, e := range got.Items {
		if e.ID.IsZero() {
			t.Error("an entry has no ID")
		}
	}
}

func TestAuditStore_ListAuditEntries_Filters(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ada, bo := domain.UserID(build.ID()), domain.UserID(build.ID())
	hour := func(n int) time.Time { return build.Now.Add(time.Duration(n) * time.Hour) }
	// The details identify the entry.
	for i, e := range []struct {
		actor   domain.UserID
		subject string
		action  domain.Action
	}{
		{ada, "x", domain.ActBatchCreate}, {ada, "x", domain.ActBatchUpdate}, {bo, "x", domain.ActBatchUpdate}, {bo, "y", domain.ActBatchUpdate}, {ada, "y", domain.ActBatchUpdate},
	} {
		recordAt(t, pool, hour(i), domain.Actor{UserID: e.actor, Role: domain.RoleAdmin},
			domain.Change{Action: e.action, Subject: e.subject, Details: map[string]any{"is": string(rune('0' + i))}})
	}
	store := postgres.NewAuditStore(pool)

	for name, tc := range map[string]struct {
		filter domain.AuditFilter
		want   string
	}{
		"all entries, newest first":  {domain.AuditFilter{}, "4, 3, 2, 1, 0"},
		"filter by actor":            {domain.AuditFilter{Actor: ada}, "4, 1, 0"},
		"filter by subject":          {domain.AuditFilter{Subject: "x"}, "2, 1, 0"},
		"filter by action":           {domain.AuditFilter{Action: domain.ActBatchUpdate}, "4, 3, 2, 1"},
		"filter by start, inclusive": {domain.AuditFilter{From: hour(3)}, "4, 3"},
		"filter by end, exclusive":   {domain.AuditFilter{To: hour(2)}, "1, 0"},
		"filter by start and end":    {domain.AuditFilter{From: hour(1), To: hour(4)}, "3, 2, 1"},
		"all filters":                {domain.AuditFilter{Actor: bo, Subject: "y", Action: domain.ActBatchUpdate, From: hour(0), To: hour(9)}, "3"},
		"no match":                   {domain.AuditFilter{Actor: bo, Action: domain.ActBatchCreate}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{1, 2, 5, 6} {
				got := listAll(t, limit, func(req domain.PageRequest) (domain.Page[domain.AuditEntry], error) {
					return store.ListAuditEntries(t.Context(), tc.filter, req)
				})
				if got := joinNames(got, func(e domain.AuditEntry) string { return e.Details["is"].(string) }); got != tc.want {
					t.Errorf("limit %d: got %q, want %q", limit, got, tc.want)
				}
			}
		})
	}
	if _, err := store.ListAuditEntries(t.Context(), domain.AuditFilter{}, domain.PageRequest{After: "rubbish", Limit: 1}); !errors.Is(err, domain.ErrInvalidCursor) {
		t.Errorf("invalid cursor: error %v", err)
	}
}

func TestAuditLog_IsAppendOnly(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	recordAt(t, pool, build.Now, domain.System, domain.Change{Action: domain.ActBatchCreate})
	for _, sql := range []string{
		`UPDATE audit_entries SET subject = 'x'`, `DELETE FROM audit_entries`, `TRUNCATE audit_entries`,
		`DELETE FROM audit_entries WHERE false`, `UPDATE audit_entries SET hash = '' WHERE seq = 1`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestAuditLog_DetectsTampering(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		tamper string
		want   []int64
	}{
		"an intact log":              {``, nil},
		"a changed action":           {`UPDATE audit_entries SET action = 'batch.read' WHERE seq = 3`, []int64{3}},
		"changed details":            {`UPDATE audit_entries SET details = '{"n": 7}' WHERE seq = 1`, []int64{1}},
		"a changed time":             {`UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE seq = 5`, []int64{5}},
		"a removed actor":            {`UPDATE audit_entries SET actor_id = NULL WHERE seq = 2`, []int64{2}},
		"a changed address":          {`UPDATE audit_entries SET address = '' WHERE seq = 2`, []int64{2}},
		"a removed entry":            {`DELETE FROM audit_entries WHERE seq = 3`, []int64{4}},
		"the first entry removed":    {`DELETE FROM audit_entries WHERE seq = 1`, []int64{2}},
		"two swapped entries":        {`ALTER TABLE audit_entries ALTER seq DROP IDENTITY; UPDATE audit_entries SET seq = -3 WHERE seq = 3; UPDATE audit_entries SET seq = 3 WHERE seq = 4; UPDATE audit_entries SET seq = 4 WHERE seq = -3`, []int64{3, 4, 5}},
		"text moved between columns": {`UPDATE audit_entries SET subject = subject || request_id, request_id = '' WHERE seq = 2`, []int64{2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			actor := domain.Actor{UserID: build.ID(), Role: domain.RoleAdmin, Origin: domain.Origin{RequestID: "r", Address: "192.0.2.7"}}
			for i := range 5 {
				recordAt(t, pool, build.Now, actor, domain.Change{Action: domain.ActBatchUpdate, Subject: "b", Details: map[string]any{"n": i}})
			}
			build.Exec(t, pool, `ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only`)
			for sql := range strings.SplitSeq(tc.tamper, ";") {
				build.Exec(t, pool, sql)
			}
			if d := diff(tc.want, brokenEntries(t, pool)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAuditLog_ChainsConcurrentEntries(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	uow := unitOfWork(pool)
	errs := concurrently(16, func(int) error {
		for range 5 {
			err := uow.Do(t.Context(), domain.System, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) {
				return domain.Change{Action: domain.ActBatchUpdate, Subject: "b"}, nil
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
	if b := brokenEntries(t, pool); len(b) > 0 {
		t.Errorf("broken entries: %v", b)
	}
	var n, hashes int
	if err := pool.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT hash) FROM audit_entries`).Scan(&n, &hashes); err != nil || n != 80 || hashes != 80 {
		t.Errorf("%d entries, %d hashes, %v; want 80", n, hashes, err)
	}
}
