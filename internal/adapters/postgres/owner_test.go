package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// owner is a user whose ledger has days of several accounts, which have usernames.
type owner struct {
	*testing.T
	pool     *pgxpool.Pool
	user     domain.UserID
	accounts *postgres.AccountStore
}

func newOwner(t *testing.T) owner {
	t.Helper()
	pool := pgtest.New(t)
	return owner{t, pool, build.User(t, pool).ID, postgres.NewAccountStore(pool)}
}

// do runs fn in a unit of work that has locked the connection.
func (o owner) do(fn func(context.Context) error) error {
	o.Helper()
	return inUnitOfWorkOn(o.T, o.pool, o.user, func(ctx context.Context) error {
		if _, err := connectionStore(o.pool).LockConnection(ctx, o.user); err != nil && !errors.Is(err, domain.ErrConnectionNotFound) {
			return err
		}
		return fn(ctx)
	})
}

// connect connects an account as the use case does.
func (o owner) connect(username string) {
	o.Helper()
	c := oauthConnection(o.user)
	c.Account.ID, c.Account.Username = username, username
	err := o.do(func(ctx context.Context) error {
		return errors.Join(connectionStore(o.pool).SaveConnection(ctx, c, build.ID()), o.accounts.SetAsideDays(ctx, o.user, build.Now))
	})
	if err != nil {
		o.Fatal(err)
	}
}

func (o owner) disconnect() {
	o.Helper()
	if err := connectionStore(o.pool).RemoveConnection(o.Context(), o.user); err != nil {
		o.Fatal(err)
	}
}

// known stores a day of an account, of which seconds are known.
func (o owner) known(username string, day domain.Day, seconds int, state domain.DayState) {
	o.Helper()
	build.Exec(o.T, o.pool, `INSERT INTO days (user_id, day, seconds, ai_seconds, account_ref, changed_at, state, absent, parts)
		SELECT $1, $2, $3, $3 / 2, ref, $5, $4, 'editor', ARRAY[4294967297::bigint] FROM wakatime_accounts WHERE user_id = $1 AND username = $6
		ON CONFLICT (user_id, day) DO UPDATE SET seconds = excluded.seconds, ai_seconds = excluded.ai_seconds, account_ref = excluded.account_ref,
			state = excluded.state, reason = '', absent = excluded.absent, parts = excluded.parts`,
		uuid.UUID(o.user), day.Date(), seconds, string(state), build.Now.Add(-time.Hour), username)
}

// failed stores a day after failed attempts to fetch it.
func (o owner) failed(day domain.Day, state domain.DayState, reason domain.Reason) {
	o.Helper()
	build.Exec(o.T, o.pool, `INSERT INTO days (user_id, day, attempts, changed_at, state, reason) VALUES ($1, $2, 3, $3, $4, $5)`,
		uuid.UUID(o.user), day.Date(), build.Now.Add(-time.Hour), string(state), string(reason))
}

// row is a day of the ledger.
type row struct {
	Account  string
	Seconds  int // -1 if unknown
	State    domain.DayState
	Reason   domain.Reason
	Attempts int
}

var changed = row{Seconds: -1, State: domain.DayPending, Reason: domain.ReasonNewAccount}

func ok(account string, seconds int) row {
	return row{Account: account, Seconds: seconds, State: domain.DayOK}
}

func empty(account string) row { return row{Account: account, State: domain.DayEmpty} }

// expect checks the ledger.
func (o owner) expect(what string, want map[domain.Day]row) {
	o.Helper()
	rows, err := o.pool.Query(o.Context(), `SELECT d.day, coalesce(a.username, ''), coalesce(d.seconds, -1), d.state, d.reason, d.attempts,
			(d.seconds IS NULL) = (d.absent = '' AND d.parts = '{}' AND d.ai_seconds IS NULL)
		FROM days d LEFT JOIN wakatime_accounts a ON a.user_id = d.user_id AND a.ref = d.account_ref WHERE d.user_id = $1`, uuid.UUID(o.user))
	if err != nil {
		o.Fatal(err)
	}
	got := map[domain.Day]row{}
	var at time.Time
	var r row
	var whole bool
	_, err = pgx.ForEachRow(rows, []any{&at, &r.Account, &r.Seconds, &r.State, &r.Reason, &r.Attempts, &whole}, func() error {
		d := domain.DayAt(at, time.UTC)
		if got[d] = r; !whole {
			o.Errorf("%s: %v has only some of its parts", what, d)
		}
		return nil
	})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		o.Errorf("%s: %v %s", what, err, diff)
	}
}

// versions identifies the stored versions of all days.
func (o owner) versions() string {
	o.Helper()
	var all string
	err := o.pool.QueryRow(o.Context(), `SELECT coalesce(string_agg(d.day || ':' || d.xmin || ':' || d.ctid, ' ' ORDER BY d.day), '') FROM days d`).Scan(&all)
	if err != nil {
		o.Fatal(err)
	}
	return all
}

// list returns the accounts, the current one first.
func (o owner) list() []domain.TrackedAccount {
	o.Helper()
	_, list, err := o.accounts.ListAccounts(o.Context(), o.user)
	if err != nil {
		o.Fatal(err)
	}
	return list
}

func (o owner) account(username string) domain.TrackedAccount {
	o.Helper()
	for _, a := range o.list() {
		if a.Username == username {
			return a
		}
	}
	o.Fatalf("no account %s", username)
	return domain.TrackedAccount{}
}

// accept accepts an account, and reject rejects it.
func (o owner) accept(username string, at time.Time, want bool) {
	o.Helper()
	id := o.account(username).ID
	err := o.do(func(ctx context.Context) error {
		got, err := o.accounts.AcceptAccount(ctx, o.user, id, at)
		if got != want {
			o.Errorf("AcceptAccount %s = %t, want %t", username, got, want)
		}
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
}

func (o owner) reject(username string, want bool) {
	o.Helper()
	id := o.account(username).ID
	err := o.do(func(ctx context.Context) error {
		got, err := o.accounts.RejectAccount(ctx, o.user, id, build.Now)
		if got != want {
			o.Errorf("RejectAccount %s = %t, want %t", username, got, want)
		}
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
}

// expectSeconds checks the accounts and seconds of the ledger only.
func (o owner) expectSeconds(what string, want map[domain.Day]row) {
	o.Helper()
	for day, w := range want {
		var got row
		err := o.pool.QueryRow(o.Context(), `SELECT coalesce(a.username, ''), coalesce(d.seconds, -1) FROM days d
			LEFT JOIN wakatime_accounts a ON a.user_id = d.user_id AND a.ref = d.account_ref WHERE d.user_id = $1 AND d.day = $2`,
			uuid.UUID(o.user), day.Date()).Scan(&got.Account, &got.Seconds)
		if err != nil || got.Account != w.Account || got.Seconds != w.Seconds {
			o.Errorf("%s: %v is %d s of %q, want %d s of %q; %v", what, day, got.Seconds, got.Account, w.Seconds, w.Account, err)
		}
	}
}
