package build

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Connection inserts a valid OAuth connection and its account. Its tokens are not sealed.
func Connection(tb testing.TB, pool *pgxpool.Pool, user domain.UserID, change ...func(*domain.Connection)) domain.Connection {
	tb.Helper()
	c := domain.Connection{
		User:         user,
		Kind:         domain.ConnectedByOAuth,
		State:        domain.Connected,
		AccessToken:  "access",
		RefreshToken: "refresh",
		ExpiresAt:    new(Now.AddDate(1, 0, 0)),
		Scopes:       domain.RequiredScopes,
		Account:      domain.WakaTimeAccount{Server: "wakatime.com", ID: user.String(), Username: "someone", TimeZone: "UTC"},
		Yardstick:    domain.Yardstick{Kind: domain.YardstickUnknown},
		ConnectedAt:  Now.AddDate(0, 0, -30),
	}
	for _, f := range change {
		f(&c)
	}
	var failure domain.SyncFailure
	if c.Failure != nil {
		failure = *c.Failure
	}
	Exec(tb, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username, yardstick, timeout_minutes)
		VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7)`,
		uuid.UUID(c.User), c.BaseURL, c.Account.Server, c.Account.ID, c.Account.Username, string(c.Yardstick.Kind), c.Yardstick.Timeout)
	err := pool.QueryRow(tb.Context(), `SELECT ref FROM wakatime_accounts WHERE (user_id, base_url, account_id) = ($1, $2, $3)`,
		uuid.UUID(c.User), c.BaseURL, c.Account.ID).Scan(&c.Ref)
	if err != nil {
		tb.Fatal(err)
	}
	Exec(tb, pool, `INSERT INTO wakatime_connections (user_id, account_ref, kind, state, base_url, access_token, refresh_token, expires_at, scopes,
			account_id, account_username, account_zone, account_plan, connected_at, last_synced_at, next_sync_at, failure_reason, failed_at, failing_since)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, nullif($17, ''), $18, $19)`,
		uuid.UUID(c.User), int32(c.Ref), c.Kind, c.State, c.BaseURL, []byte(c.AccessToken.Reveal()), []byte(c.RefreshToken.Reveal()), c.ExpiresAt, c.Scopes,
		c.Account.ID, c.Account.Username, c.Account.TimeZone, c.Account.Plan, c.ConnectedAt, c.LastSyncedAt, c.NextSyncAt,
		string(failure.Reason), timeOrNil(failure.At), timeOrNil(failure.Since))
	return c
}

// Known returns a day that was fetched from WakaTime and changed at Now. It is empty if
// seconds is 0.
func Known(day domain.Day, seconds int) domain.DailySummary {
	state := domain.DayOK
	if seconds == 0 {
		state = domain.DayEmpty
	}
	return domain.DailySummary{Day: day, State: state, Seconds: &seconds, TimeZone: "UTC", Source: "wakatime.com", ChangedAt: &Now}
}

// Unknown returns a day after one failed attempt to fetch it.
func Unknown(day domain.Day, state domain.DayState, reason domain.Reason) domain.DailySummary {
	return domain.DailySummary{Day: day, State: state, Reason: reason, Attempts: 1}
}

// Days inserts days of a user. Those that were fetched came from the user's first account at
// their source, which Days creates unless it exists.
func Days(tb testing.TB, pool *pgxpool.Pool, user domain.UserID, days ...domain.DailySummary) {
	tb.Helper()
	for _, d := range days {
		kinds, names, seconds := []string{"time_zone"}, []string{d.TimeZone}, []int{}
		for _, s := range d.Shares {
			kinds, names, seconds = append(kinds, string(s.Dimension)), append(names, s.Name), append(seconds, s.Seconds)
		}
		Exec(tb, pool, `INSERT INTO labels (kind, name) SELECT k, n FROM unnest($1::text[], $2::text[]) t(k, n) WHERE n <> '' ON CONFLICT DO NOTHING`, kinds, names)
		if d.Seconds != nil {
			Exec(tb, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
				SELECT gen_random_uuid(), $1, $2, $2, '', '' WHERE NOT EXISTS (SELECT FROM wakatime_accounts WHERE user_id = $1 AND server = $2)`,
				uuid.UUID(user), d.Source)
		}
		Exec(tb, pool, `INSERT INTO days (user_id, day, seconds, ai_seconds, zone_id, account_ref, changed_at, attempts, state, reason, parts)
			SELECT $1, $2, $3, $4, (SELECT id FROM labels WHERE kind = 'time_zone' AND name = $5),
				CASE WHEN $3::integer IS NOT NULL THEN (SELECT min(ref) FROM wakatime_accounts WHERE user_id = $1 AND server = $6) END,
				coalesce($7, now()), $8, $9, $10,
				coalesce((SELECT array_agg(l.id::bigint << 32 | t.s ORDER BY t.i)
					FROM unnest($11::text[], $12::text[], $13::integer[]) WITH ORDINALITY t(k, n, s, i) JOIN labels l ON (l.kind, l.name) = (t.k, t.n)), '{}')`,
			uuid.UUID(user), d.Day.Date(), d.Seconds, d.AISeconds, d.TimeZone, d.Source, d.ChangedAt, d.Attempts, string(d.State), string(d.Reason), kinds[1:], names[1:], seconds)
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
