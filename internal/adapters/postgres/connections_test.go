package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func connectionStore(pool *pgxpool.Pool) *postgres.ConnectionStore {
	return postgres.NewConnectionStore(pool, sealer{}, build.Clock)
}

// tokenless takes the tokens from a built connection, which are not sealed.
func tokenless(c *domain.Connection) { c.AccessToken, c.RefreshToken = "", "" }

func oauthConnection(user domain.UserID) domain.Connection {
	return domain.Connection{
		User:         user,
		Kind:         domain.ConnectedByOAuth,
		State:        domain.Connected,
		AccessToken:  "access",
		RefreshToken: "refresh",
		ExpiresAt:    new(build.Now.Add(time.Hour)),
		Scopes:       []string{"email", "read_summaries"},
		Account:      domain.WakaTimeAccount{ID: user.String(), Username: "ada", TimeZone: "Asia/Kathmandu", Plan: "free"},
		ConnectedAt:  build.Now.Add(-time.Hour),
	}
}

func TestConnectionStore_readsWhatItStored(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	cases := map[string]func(*domain.Connection){
		"by OAuth": func(*domain.Connection) {},
		"by an API key": func(c *domain.Connection) {
			c.Kind, c.BaseURL, c.RefreshToken, c.ExpiresAt, c.Scopes = domain.ConnectedByKey, "https://waka.example.com/api", "", nil, []string{}
		},
		"ended by WakaTime": func(c *domain.Connection) { c.Unlink() },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := oauthConnection(build.User(t, pool).ID)
			change(&want)
			if err := store.SaveConnection(t.Context(), want); err != nil {
				t.Fatal(err)
			}
			got, err := store.Connection(t.Context(), want.User)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			err = within(t, pool, func(ctx context.Context) error {
				locked, err := store.LockConnection(ctx, want.User)
				if diff := cmp.Diff(want, locked); diff != "" {
					t.Error(diff)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestConnectionStore_sealsSecretsForTheirRowAndColumn(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	c := oauthConnection(build.User(t, pool).ID)
	if err := connectionStore(pool).SaveConnection(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	var access, refresh string
	err := pool.QueryRow(t.Context(), `SELECT convert_from(access_token, 'UTF8'), convert_from(refresh_token, 'UTF8') FROM wakatime_connections`).Scan(&access, &refresh)
	if err != nil {
		t.Fatal(err)
	}
	row := "sealed:" + c.User.String()
	if want := row + ":wakatime_connections.access_token:access"; access != want {
		t.Errorf("access token is stored as %q, want %q", access, want)
	}
	if want := row + ":wakatime_connections.refresh_token:refresh"; refresh != want {
		t.Errorf("refresh token is stored as %q, want %q", refresh, want)
	}
}

// noKey is a ports.Sealer that cannot seal.
type noKey struct{ ports.Sealer }

var errNoKey = errors.New("no key")

func (noKey) Seal(domain.Secret, string, string) ([]byte, error) { return nil, errNoKey }

func TestConnectionStore_storesNothingThatItCannotSeal(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewConnectionStore(pool, noKey{}, build.Clock)
	c := oauthConnection(build.User(t, pool).ID)
	if err := store.SaveConnection(t.Context(), c); !errors.Is(err, errNoKey) {
		t.Errorf("with an access token: %v", err)
	}
	c.AccessToken = ""
	if err := store.SaveConnection(t.Context(), c); !errors.Is(err, errNoKey) {
		t.Errorf("with a refresh token: %v", err)
	}
	if err := store.AddAuthorization(t.Context(), [32]byte{}, domain.Authorization{User: c.User, Verifier: "v"}); !errors.Is(err, errNoKey) {
		t.Errorf("with a verifier: %v", err)
	}
	if _, err := store.Connection(t.Context(), c.User); !errors.Is(err, domain.ErrConnectionNotFound) {
		t.Errorf("after all that: %v, want not found", err)
	}
}

func TestConnectionStore_unreadableTokensLeaveTheRest(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"access_token", "refresh_token"} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			store := connectionStore(pool)
			c := oauthConnection(build.User(t, pool).ID)
			if err := store.SaveConnection(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			build.Exec(t, pool, `UPDATE wakatime_connections SET `+column+` = 'rubbish'`)
			got, err := store.Connection(t.Context(), c.User)
			if !errors.Is(err, domain.ErrTokenUnreadable) {
				t.Errorf("error is %v", err)
			}
			c.AccessToken, c.RefreshToken = "", ""
			if diff := cmp.Diff(c, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConnectionStore_errors(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	taken := oauthConnection(build.User(t, pool).ID)
	if err := store.SaveConnection(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	nobody := domain.UserID(build.ID())
	cases := map[string]struct {
		do   func(ctx context.Context) error
		want error
	}{
		"a connection that is not there is not found": {func(ctx context.Context) error {
			_, err := store.Connection(ctx, nobody)
			return err
		}, domain.ErrConnectionNotFound},
		"nor is it when it is to be locked": {func(ctx context.Context) error {
			_, err := store.LockConnection(ctx, nobody)
			return err
		}, domain.ErrConnectionNotFound},
		"nor when it is to be removed": {func(ctx context.Context) error {
			return store.RemoveConnection(ctx, nobody)
		}, domain.ErrConnectionNotFound},
		"nor when it is to be leased": {func(ctx context.Context) error {
			return store.Lease(ctx, nobody, build.Now, build.Now.Add(time.Minute))
		}, domain.ErrConnectionNotFound},
		"an account that somebody else has connected is taken": {func(ctx context.Context) error {
			c := oauthConnection(build.User(t, pool).ID)
			c.Account.ID = taken.Account.ID
			return store.SaveConnection(ctx, c)
		}, domain.ErrWakaTimeAccountTaken},
		"a state that was never stored is not valid": {func(ctx context.Context) error {
			_, err := store.ConsumeAuthorization(ctx, [32]byte{9})
			return err
		}, domain.ErrWakaTimeStateInvalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := within(t, pool, c.do); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestConnectionStore_locksOnlyInsideAUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, err := connectionStore(pool).LockConnection(t.Context(), domain.UserID(build.ID())); err == nil || errors.Is(err, domain.ErrConnectionNotFound) {
		t.Errorf("a lock outside a unit of work: %v", err)
	}
}

func TestConnectionStore_savingKeepsWhatSyncsNoted(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	c := oauthConnection(build.User(t, pool).ID)
	lease := build.Now.Add(time.Minute)
	steps := []error{
		store.SaveConnection(t.Context(), c),
		store.Lease(t.Context(), c.User, build.Now, lease),
		store.FinishSync(t.Context(), c.User, domain.SyncResult{At: build.Now, Lease: lease, Next: new(build.Now.Add(time.Hour)), Reason: domain.ReasonThrottled}),
		store.Lease(t.Context(), c.User, build.Now, lease),
	}
	c.ApplyGrant(domain.Grant{AccessToken: "access 2", RefreshToken: "refresh 2", ExpiresAt: build.Now.Add(2 * time.Hour)})
	steps = append(steps, store.SaveConnection(t.Context(), c))
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	want := c
	want.NextSyncAt, want.Syncing = new(build.Now.Add(time.Hour)), true
	want.Failure = &domain.SyncFailure{Reason: domain.ReasonThrottled, At: build.Now, Since: build.Now}
	got, err := store.Connection(t.Context(), c.User)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("after new tokens: %v %s", err, diff)
	}

	c.ConnectedAt = build.Now
	want.ConnectedAt, want.Failure = build.Now, nil
	err = store.SaveConnection(t.Context(), c)
	got, err2 := store.Connection(t.Context(), c.User)
	if diff := cmp.Diff(want, got); diff != "" || err != nil || err2 != nil {
		t.Errorf("after connecting anew: %v %v %s", err, err2, diff)
	}

	later := build.Now.Add(time.Second)
	want.Syncing, want.Failure = false, &domain.SyncFailure{Reason: domain.ReasonInvalid, At: later, Since: later}
	want.NextSyncAt = nil // no other is planned
	err = store.FinishSync(t.Context(), c.User, domain.SyncResult{At: later, Lease: lease, Reason: domain.ReasonInvalid})
	got, err2 = store.Connection(t.Context(), c.User)
	if diff := cmp.Diff(want, got); diff != "" || err != nil || err2 != nil {
		t.Errorf("after the first failure of the new connection: %v %v %s", err, err2, diff)
	}
}

func TestConnectionStore_Lease_isForOne(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	user := build.User(t, pool).ID
	build.Connection(t, pool, user, tokenless)
	until := build.Now.Add(time.Minute)

	counts := map[error]int{}
	for _, err := range together(8, func(int) error { return store.Lease(t.Context(), user, build.Now, until) }) {
		counts[err]++
	}
	if want := (map[error]int{nil: 1, domain.ErrSyncBusy: 7}); !cmp.Equal(counts, want, cmp.Comparer(errors.Is)) {
		t.Errorf("8 at once got %v, want %v", counts, want)
	}
	if err := store.Lease(t.Context(), user, until.Add(-time.Second), until.Add(time.Hour)); !errors.Is(err, domain.ErrSyncBusy) {
		t.Errorf("before the lease ends: %v", err)
	}
	if err := store.Lease(t.Context(), user, until, until.Add(time.Hour)); err != nil {
		t.Errorf("when the lease has ended by itself: %v", err)
	}
	// The first holder comes back late: the lease is somebody else's now.
	if err := store.FinishSync(t.Context(), user, domain.SyncResult{At: until, Lease: until}); err != nil {
		t.Fatal(err)
	}
	if err := store.Lease(t.Context(), user, until, until.Add(time.Hour)); !errors.Is(err, domain.ErrSyncBusy) {
		t.Errorf("after the first holder's late end: %v", err)
	}
	if err := store.FinishSync(t.Context(), user, domain.SyncResult{At: until, Lease: until.Add(time.Hour), Unfinished: true}); err != nil {
		t.Fatal(err)
	}
	if err := store.Lease(t.Context(), user, until, until.Add(time.Hour)); err != nil {
		t.Errorf("when it was given back: %v", err)
	}
	if c := must(store.Connection(t.Context(), user)); c.LastSyncedAt != nil {
		t.Errorf("a sync that never finished counts as finished at %v", c.LastSyncedAt)
	}
}

func TestConnectionStore_FinishSync_notesHowItWent(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	user := build.User(t, pool).ID
	build.Connection(t, pool, user, tokenless)
	hour := func(n int) time.Time { return build.Now.Add(time.Duration(n) * time.Hour) }
	steps := []struct {
		reason  domain.Reason
		synced  *time.Time
		failure *domain.SyncFailure
	}{
		{domain.ReasonNone, new(hour(0)), nil},
		{domain.ReasonThrottled, new(hour(0)), &domain.SyncFailure{Reason: domain.ReasonThrottled, At: hour(1), Since: hour(1)}},
		{domain.ReasonUnavailable, new(hour(0)), &domain.SyncFailure{Reason: domain.ReasonUnavailable, At: hour(2), Since: hour(1)}},
		{domain.ReasonNone, new(hour(3)), nil},
		{domain.ReasonInvalid, new(hour(3)), &domain.SyncFailure{Reason: domain.ReasonInvalid, At: hour(4), Since: hour(4)}},
	}
	for i, s := range steps {
		err := store.Lease(t.Context(), user, hour(i), hour(i+1))
		if err == nil {
			err = store.FinishSync(t.Context(), user, domain.SyncResult{At: hour(i), Lease: hour(i + 1), Reason: s.reason})
		}
		if err != nil {
			t.Fatal(err)
		}
		c := must(store.Connection(t.Context(), user))
		if diff := cmp.Diff(s.synced, c.LastSyncedAt) + cmp.Diff(s.failure, c.Failure); diff != "" || c.Syncing {
			t.Errorf("after step %d (syncing %v): %s", i, c.Syncing, diff)
		}
	}
}

func TestConnectionStore_removesAConnectionOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	user := build.User(t, pool).ID
	build.Connection(t, pool, user, tokenless)
	build.Days(t, pool, user, build.Known(build.Today, 60))
	if err := store.RemoveConnection(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if err := store.RemoveConnection(t.Context(), user); !errors.Is(err, domain.ErrConnectionNotFound) {
		t.Errorf("the second time: %v", err)
	}
	if days := must(postgres.NewDayStore(pool).ListDays(t.Context(), user, domain.DayRange{From: build.Today, To: build.Today}, false)); len(days) != 1 {
		t.Errorf("%d days are left, want 1", len(days))
	}
}

func TestConnectionStore_anAuthorizationIsTakenOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	cases := map[string]domain.Secret{"with PKCE": "verifier", "without PKCE": ""}
	for name, verifier := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := token(name)
			want := domain.Authorization{User: user, Session: session.ID, Verifier: verifier, ExpiresAt: build.Now.Add(domain.AuthorizationLifetime)}
			if err := store.AddAuthorization(t.Context(), state, want); err != nil {
				t.Fatal(err)
			}
			taken := make([]domain.Authorization, 8)
			errs := together(8, func(i int) (err error) {
				taken[i], err = store.ConsumeAuthorization(t.Context(), state)
				return err
			})
			if counts := tally(errs, domain.ErrWakaTimeStateInvalid); counts["ok"] != 1 || counts["wakatime_state_invalid"] != 7 {
				t.Errorf("8 at once: %v", counts)
			}
			for i, err := range errs {
				if diff := cmp.Diff(want, taken[i]); err == nil && diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestConnectionStore_anAuthorizationThatCannotBeReadIsUsedUp(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	state := token("state")
	build.Exec(t, pool, `INSERT INTO wakatime_authorizations (state_hash, user_id, session_id, verifier, expires_at) VALUES ($1, $2, $3, 'rubbish', $4)`,
		state[:], uuid.UUID(user), uuid.UUID(session.ID), build.Now)
	for range 2 {
		if _, err := connectionStore(pool).ConsumeAuthorization(t.Context(), state); !errors.Is(err, domain.ErrWakaTimeStateInvalid) {
			t.Errorf("got %v", err)
		}
	}
}

func TestConnectionStore_RemovesExpiredAuthorizations(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	for i, end := range []time.Time{build.Now.Add(-time.Second), build.Now, build.Now.Add(time.Second)} {
		build.Exec(t, pool, `INSERT INTO wakatime_authorizations (state_hash, user_id, session_id, expires_at) VALUES ($1, $2, $3, $4)`,
			[]byte{byte(i)}, uuid.UUID(user), uuid.UUID(session.ID), end)
	}
	if n, err := connectionStore(pool).RemoveExpiredAuthorizations(t.Context(), build.Now); n != 2 || err != nil {
		t.Errorf("removed %d, %v; want 2", n, err)
	}
}
