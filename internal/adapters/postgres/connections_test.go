package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
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

// withoutTokens removes the tokens of a built connection, which are not sealed.
func withoutTokens(c *domain.Connection) { c.AccessToken, c.RefreshToken = "", "" }

func oauthConnection(user domain.UserID) domain.Connection {
	return domain.Connection{
		User:         user,
		Kind:         domain.ConnectedByOAuth,
		State:        domain.Connected,
		AccessToken:  "access",
		RefreshToken: "refresh",
		ExpiresAt:    new(build.Now.Add(time.Hour)),
		Scopes:       []string{"email", "read_summaries"},
		Account:      domain.WakaTimeAccount{Server: "api.wakatime.com", ID: user.String(), Username: "ada", TimeZone: "Asia/Kathmandu", Plan: "free"},
		Yardstick:    domain.Yardstick{Kind: domain.YardstickUnknown},
		ConnectedAt:  build.Now.Add(-time.Hour),
	}
}

// anyRef ignores the numbers that the store assigns to accounts.
var anyRef = cmpopts.IgnoreFields(domain.Connection{}, "Ref")

func TestConnectionStore_RoundTrip(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	cases := map[string]func(*domain.Connection){
		"an OAuth connection": func(*domain.Connection) {},
		"an API key": func(c *domain.Connection) {
			c.Kind, c.BaseURL, c.RefreshToken, c.ExpiresAt, c.Scopes = domain.ConnectedByKey, "https://waka.example.com/api", "", nil, []string{}
		},
		"a connection revoked by WakaTime": func(c *domain.Connection) { c.Unlink() },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := oauthConnection(build.User(t, pool).ID)
			change(&want)
			if err := store.SaveConnection(t.Context(), want, build.ID()); err != nil {
				t.Fatal(err)
			}
			got, err := store.Connection(t.Context(), want.User)
			if diff := diff(want, got, anyRef); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			err = inUnitOfWorkOn(t, pool, want.User, func(ctx context.Context) error {
				locked, err := store.LockConnection(ctx, want.User)
				if diff := diff(want, locked, anyRef); diff != "" {
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

func TestConnectionStore_SealsSecretsForTheirRowAndColumn(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	c := oauthConnection(build.User(t, pool).ID)
	if err := connectionStore(pool).SaveConnection(t.Context(), c, build.ID()); err != nil {
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

// failingSealer is a ports.Sealer that fails to seal.
type failingSealer struct{ ports.Sealer }

var errSeal = errors.New("seal failed")

func (failingSealer) Seal(domain.Secret, string, string) ([]byte, error) { return nil, errSeal }

func TestConnectionStore_StoresNothingWhenSealingFails(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewConnectionStore(pool, failingSealer{}, build.Clock)
	c := oauthConnection(build.User(t, pool).ID)
	if err := store.SaveConnection(t.Context(), c, build.ID()); !errors.Is(err, errSeal) {
		t.Errorf("with an access token: %v", err)
	}
	c.AccessToken = ""
	if err := store.SaveConnection(t.Context(), c, build.ID()); !errors.Is(err, errSeal) {
		t.Errorf("with a refresh token: %v", err)
	}
	authorizations := postgres.NewAuthorizationStore(pool, failingSealer{})
	if err := authorizations.AddAuthorization(t.Context(), [32]byte{}, domain.Authorization{User: c.User, Verifier: "v"}); !errors.Is(err, errSeal) {
		t.Errorf("with a verifier: %v", err)
	}
	if _, err := store.Connection(t.Context(), c.User); !errors.Is(err, domain.ErrConnectionNotFound) {
		t.Errorf("Connection: got %v, want not found", err)
	}
}

func TestConnectionStore_Connection_ReturnsTheRestWithoutUnreadableTokens(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"access_token", "refresh_token"} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			store := connectionStore(pool)
			c := oauthConnection(build.User(t, pool).ID)
			if err := store.SaveConnection(t.Context(), c, build.ID()); err != nil {
				t.Fatal(err)
			}
			build.Exec(t, pool, `UPDATE wakatime_connections SET `+column+` = 'rubbish'`)
			got, err := store.Connection(t.Context(), c.User)
			if !errors.Is(err, domain.ErrTokenUnreadable) {
				t.Errorf("got error %v", err)
			}
			c.AccessToken, c.RefreshToken = "", ""
			if diff := diff(c, got, anyRef); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConnectionStore_Errors(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	taken := oauthConnection(build.User(t, pool).ID)
	if err := store.SaveConnection(t.Context(), taken, build.ID()); err != nil {
		t.Fatal(err)
	}
	nobody := domain.UserID(build.ID())
	cases := map[string]struct {
		do   func(ctx context.Context) error
		want error
	}{
		"Connection returns not found": {func(ctx context.Context) error {
			_, err := store.Connection(ctx, nobody)
			return err
		}, domain.ErrConnectionNotFound},
		"LockConnection returns not found": {func(ctx context.Context) error {
			_, err := store.LockConnection(ctx, nobody)
			return err
		}, domain.ErrConnectionNotFound},
		"RemoveConnection returns not found": {func(ctx context.Context) error {
			return store.RemoveConnection(ctx, nobody)
		}, domain.ErrConnectionNotFound},
		"Lease returns not found": {func(ctx context.Context) error {
			return startSync(ctx, store, nobody, build.Now, build.Now.Add(time.Minute))
		}, domain.ErrConnectionNotFound},
		"an account connected by another user is rejected": {func(ctx context.Context) error {
			c := oauthConnection(build.User(t, pool).ID)
			c.Account.ID = taken.Account.ID
			return store.SaveConnection(ctx, c, build.ID())
		}, domain.ErrWakaTimeAccountTaken},
		"an unknown state is rejected": {func(ctx context.Context) error {
			_, err := authorizationStore(pool).ConsumeAuthorization(ctx, [32]byte{9}, [32]byte{}, build.Now)
			return err
		}, domain.ErrWakaTimeStateInvalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := inUnitOfWorkOn(t, pool, nobody, c.do); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestConnectionStore_LockNeedsAUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, err := connectionStore(pool).LockConnection(t.Context(), domain.UserID(build.ID())); err == nil || errors.Is(err, domain.ErrConnectionNotFound) {
		t.Errorf("lock outside a unit of work: %v", err)
	}
}

func TestConnectionStore_SaveConnection_KeepsSyncResults(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	c := oauthConnection(build.User(t, pool).ID)
	lease := build.Now.Add(time.Minute)
	steps := []error{
		store.SaveConnection(t.Context(), c, build.ID()),
		startSync(t.Context(), store, c.User, build.Now, lease),
		store.FinishSync(t.Context(), c.User, domain.SyncResult{At: build.Now, Lease: lease, Next: new(build.Now.Add(time.Hour)), Reason: domain.ReasonThrottled}),
		startSync(t.Context(), store, c.User, build.Now, lease),
	}
	c.ApplyGrant(domain.Grant{AccessToken: "access 2", RefreshToken: "refresh 2", ExpiresAt: build.Now.Add(2 * time.Hour)})
	steps = append(steps, store.SaveConnection(t.Context(), c, build.ID()))
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	want := c
	want.NextSyncAt, want.Syncing = new(build.Now.Add(time.Hour)), true
	want.Failure = &domain.SyncFailure{Reason: domain.ReasonThrottled, At: build.Now, Since: build.Now}
	got, err := store.Connection(t.Context(), c.User)
	if diff := diff(want, got, anyRef); diff != "" || err != nil {
		t.Errorf("after new tokens: %v %s", err, diff)
	}

	c.ConnectedAt = build.Now
	want.ConnectedAt, want.Failure, want.Syncing = build.Now, nil, false
	err = store.SaveConnection(t.Context(), c, build.ID())
	got, err2 := store.Connection(t.Context(), c.User)
	if diff := diff(want, got, anyRef); diff != "" || err != nil || err2 != nil {
		t.Errorf("after reconnecting: %v %v %s", err, err2, diff)
	}

	// The sync of the old connection ends, and then the first one of the new connection.
	later := build.Now.Add(time.Second)
	err = store.FinishSync(t.Context(), c.User, domain.SyncResult{At: later, Lease: lease})
	got, err2 = store.Connection(t.Context(), c.User)
	if diff := diff(want, got, anyRef); diff != "" || err != nil || err2 != nil {
		t.Errorf("after the last sync of the old connection: %v %v %s", err, err2, diff)
	}
	want.Failure = &domain.SyncFailure{Reason: domain.ReasonInvalid, At: later, Since: later}
	want.NextSyncAt = nil // no next sync
	err = errors.Join(
		startSync(t.Context(), store, c.User, build.Now, lease),
		store.FinishSync(t.Context(), c.User, domain.SyncResult{At: later, Lease: lease, Reason: domain.ReasonInvalid}),
	)
	got, err2 = store.Connection(t.Context(), c.User)
	if diff := diff(want, got, anyRef); diff != "" || err != nil || err2 != nil {
		t.Errorf("after the first failure of the new connection: %v %v %s", err, err2, diff)
	}
}

func TestConnectionStore_SaveConnection_ForgetsTheLastSyncOfAnotherAccount(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	c := oauthConnection(build.User(t, pool).ID)
	lease := build.Now.Add(time.Minute)
	again, another := c, c
	again.ConnectedAt, another.ConnectedAt, another.Account.ID = build.Now, build.Now.Add(time.Second), "another"
	err := errors.Join(
		store.SaveConnection(t.Context(), c, build.ID()),
		startSync(t.Context(), store, c.User, build.Now, lease),
		store.FinishSync(t.Context(), c.User, domain.SyncResult{At: build.Now, Lease: lease}),
		store.SaveConnection(t.Context(), again, build.ID()),
	)
	if err != nil {
		t.Fatal(err)
	}
	if got := must(store.Connection(t.Context(), c.User)); got.LastSyncedAt == nil {
		t.Error("connecting the same account again removed LastSyncedAt")
	}
	if err := store.SaveConnection(t.Context(), another, build.ID()); err != nil {
		t.Fatal(err)
	}
	if got := must(store.Connection(t.Context(), c.User)); got.LastSyncedAt != nil {
		t.Errorf("another account has LastSyncedAt %v", got.LastSyncedAt)
	}
}

func TestConnectionStore_SaveConnection_RejectsSuspendedUsers(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	suspended := func(u *domain.User) { u.SuspendedAt = &build.Now }
	if err := store.SaveConnection(t.Context(), oauthConnection(build.User(t, pool, suspended).ID), build.ID()); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("a new connection of a suspended user: %v", err)
	}
	c := oauthConnection(build.User(t, pool).ID)
	if err := store.SaveConnection(t.Context(), c, build.ID()); err != nil {
		t.Fatal(err)
	}
	build.Exec(t, pool, `UPDATE users SET suspended_at = now()`)
	c.AccessToken = "access 2"
	if err := store.SaveConnection(t.Context(), c, build.ID()); err != nil {
		t.Errorf("refreshed tokens of a suspended user: %v", err)
	}
}

func TestConnectionStore_RemoveConnection_KeepsDays(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	user := build.User(t, pool).ID
	build.Connection(t, pool, user, withoutTokens)
	build.Days(t, pool, user, build.Known(build.Today, 60))
	if err := store.RemoveConnection(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if err := store.RemoveConnection(t.Context(), user); !errors.Is(err, domain.ErrConnectionNotFound) {
		t.Errorf("second RemoveConnection: %v", err)
	}
	if days := must(postgres.NewDayStore(pool, build.Clock).ListDays(t.Context(), user, domain.DayRange{From: build.Today, To: build.Today}, false)); len(days) != 1 {
		t.Errorf("%d days are left, want 1", len(days))
	}
}
