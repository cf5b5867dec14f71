package postgres_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
)

// logged is an entry as the property test sees it. Entries are numbered as they were written.
type logged struct {
	n       int
	at      time.Time
	actor   domain.UserID
	subject string
	action  domain.Action
}

func (l logged) matches(f domain.AuditFilter) bool {
	return (f.Actor.IsZero() || f.Actor == l.actor) && (f.Subject == "" || f.Subject == l.subject) && (f.Action == "" || f.Action == l.action) &&
		(f.From.IsZero() || !l.at.Before(f.From)) && (f.To.IsZero() || l.at.Before(f.To))
}

// Clocks of several servers differ, so entries are not written in the order of their times, and
// many have the same.
func TestAuditStore_PagesOfAnySizeAndFilterCoverTheLog(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	actors := []domain.UserID{{}, build.ID(), build.ID()}
	subjects, actions := []string{"a", "b", "a b"}, []domain.Action{"batch.create", "batch.update", "user.update"}
	second := func(n int) time.Time { return build.Now.Add(time.Duration(n) * time.Second) }
	var log []logged
	for n := range 120 {
		// Steps that have no common divisor, so that all combinations occur.
		l := logged{n, second(n * 7 % 11), actors[n%3], subjects[n/3%3], actions[n/2%3]}
		log = append(log, l)
		build.Exec(t, pool, `INSERT INTO audit_entries (id, at, actor_id, actor_role, action, subject, details, request_id, address, hash)
			VALUES ($1, $2, $3, 'admin', $4, $5, jsonb_build_object('n', $6::integer), '', '', '')`,
			uuid.UUID(build.ID()), l.at, uuid.NullUUID{UUID: uuid.UUID(l.actor), Valid: !l.actor.IsZero()}, string(l.action), l.subject, n)
	}
	slices.SortFunc(log, func(a, b logged) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.n, a.n)) })

	store := postgres.NewAuditStore(pool)
	rapid.Check(t, func(r *rapid.T) {
		f := domain.AuditFilter{
			Actor:   rapid.SampledFrom(append(actors, build.ID())).Draw(r, "actor"),
			Subject: rapid.SampledFrom(append([]string{"", "c"}, subjects...)).Draw(r, "subject"),
			Action:  rapid.SampledFrom(append([]domain.Action{"", "b batch.create", "user.delete"}, actions...)).Draw(r, "action"),
			From:    rapid.SampledFrom([]time.Time{{}, second(0), second(4), second(12)}).Draw(r, "from"),
			To:      rapid.SampledFrom([]time.Time{{}, second(0), second(5), second(12)}).Draw(r, "to"),
		}
		var want, got []int
		for _, l := range log {
			if l.matches(f) {
				want = append(want, l.n)
			}
		}
		req := domain.PageRequest{Limit: rapid.IntRange(1, 9).Draw(r, "limit")}
		for {
			page, err := store.ListAuditEntries(t.Context(), f, req)
			if err != nil {
				r.Fatal(err)
			}
			for _, e := range page.Items {
				got = append(got, int(e.Details["n"].(float64)))
			}
			if req.After = page.Next; req.After == "" {
				break
			}
		}
		if d := gocmp.Diff(want, got); d != "" {
			r.Errorf("%+v: %s", f, d)
		}
	})
}

// longLog writes 20,000 entries: half by one actor, who does one thing, a tenth about one
// subject, and the others spread over 100 actors and 200 subjects.
func longLog(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	build.Exec(t, pool, `INSERT INTO audit_entries (id, at, actor_id, actor_role, action, subject, details, request_id, address, hash)
		SELECT gen_random_uuid(), $1::timestamptz + n * interval '20 seconds',
			CASE WHEN n % 10 < 5 THEN md5('busy')::uuid WHEN n % 10 < 9 THEN md5('actor' || n % 99)::uuid END, 'admin',
			CASE WHEN n % 5000 = 0 THEN 'batch.delete' WHEN n % 10 < 5 THEN 'session.create' WHEN n % 10 < 9 THEN 'user.update' ELSE 'batch.update' END,
			CASE WHEN n % 10 = 3 THEN 'hot' ELSE md5('subject' || n % 199) END, '{}', md5(n::text), '192.0.2.7', ''
		FROM generate_series(1, 20000) n`, build.Now)
	build.Exec(t, pool, `VACUUM (ANALYZE) audit_entries`)
}

// The log had to be read from its end to the page, or whole if nothing matched: 800 buffers here,
// 42,000 with a million entries.
func TestAuditStore_ReadsOnlyThePage(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	longLog(t, pool)
	tracedPool, queries := traced(t, pool)
	store := postgres.NewAuditStore(tracedPool)
	c := must(pool.Acquire(t.Context()))
	defer c.Release()

	id := func(name string) domain.UserID {
		var out uuid.UUID
		if err := pool.QueryRow(t.Context(), `SELECT md5($1)::uuid`, name).Scan(&out); err != nil {
			t.Fatal(err)
		}
		return domain.UserID(out)
	}
	busy, actor, nobody := id("busy"), id("actor7"), id("nobody")
	subject := fmt.Sprintf("%x", [16]byte(id("subject7")))
	filters := map[string]domain.AuditFilter{
		"everything":                        {},
		"a busy actor":                      {Actor: busy},
		"an actor":                          {Actor: actor},
		"nobody":                            {Actor: nobody},
		"a frequent action":                 {Action: "session.create"},
		"a rare action":                     {Action: "batch.delete"},
		"no action":                         {Action: "batch.restore"},
		"a busy subject":                    {Subject: "hot"},
		"a subject":                         {Subject: subject},
		"no subject":                        {Subject: "none"},
		"a frequent action of a busy actor": {Actor: busy, Action: "session.create"},
		"a frequent action that a busy actor never did": {Actor: busy, Action: "user.update"},
		"an action of nobody":                           {Actor: nobody, Action: "user.update"},
		"a frequent action on a busy subject":           {Subject: "hot", Action: "session.create"},
		"an action that a busy subject never had":       {Subject: "hot", Action: "user.update"},
		"an action on a subject":                        {Subject: subject, Action: "user.update"},
		"a busy subject by its actor":                   {Subject: "hot", Actor: busy},
		"a subject by an actor":                         {Subject: subject, Actor: actor},
		"all filters":                                   {Subject: "hot", Actor: busy, Action: "session.create"},
	}
	hour := func(n int) time.Time { return build.Now.Add(time.Duration(n) * time.Hour) }
	ranges := map[string][2]time.Time{"newest": {}, "far back": {{}, hour(3)}, "a day far back": {hour(2), hour(26)}, "before the log": {{}, build.Now}}
	for name, f := range filters {
		for at, between := range ranges {
			f.From, f.To = between[0], between[1]
			if _, err := store.ListAuditEntries(t.Context(), f, domain.PageRequest{Limit: 10}); err != nil {
				t.Fatal(err)
			}
			q := queries.take()
			if len(q) != 1 {
				t.Fatalf("%d statements, want 1", len(q))
			}
			s := statements.Statement{SQL: q[0].SQL, Args: q[0].Args}
			for _, mode := range statements.Modes {
				p := must(statements.Explain(t.Context(), c.Conn(), s, mode))
				// 11 entries and their actors, or all entries of a subject, which has 100.
				most := 60
				if name == "a subject by an actor" {
					most = 110
				}
				if p.Buffers > most {
					text := must(statements.Text(context.WithoutCancel(t.Context()), c.Conn(), s, mode))
					t.Errorf("%s, %s, %s: %d buffers, %d rows\n%s", name, at, mode, p.Buffers, p.Rows, text)
				}
			}
		}
	}
}
