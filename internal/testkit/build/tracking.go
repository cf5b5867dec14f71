package build

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Connection inserts a valid OAuth connection. Its tokens are not sealed.
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
		Account:      domain.WakaTimeAccount{ID: user.String(), Username: "someone", TimeZone: "UTC"},
		ConnectedAt:  Now.AddDate(0, 0, -30),
	}
	for _, f := range change {
		f(&c)
	}
	var failure domain.SyncFailure
	if c.Failure != nil {
		failure = *c.Failure
	}
	Exec(tb, pool, `INSERT INTO wakatime_connections (user_id, kind, state, base_url, access_token, refresh_token, expires_at, scopes,
			account_id, account_username, account_zone, account_plan, connected_at, last_synced_at, next_sync_at, failure_reason, failed_at, failing_since)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, nullif($16, ''), $17, $18)`,
		uuid.UUID(c.User), c.Kind, c.State, c.BaseURL, []byte(c.AccessToken.Reveal()), []byte(c.RefreshToken.Reveal()), c.ExpiresAt, c.Scopes,
		c.Account.ID, c.Account.Username, c.Account.TimeZone, c.Account.Plan, c.ConnectedAt, c.LastSyncedAt, c.NextSyncAt,
		string(failure.Reason), timeOrNil(failure.At), timeOrNil(failure.Since))
	return c
}

// Known returns a day that was fetched at Now. It is empty if seconds is 0.
func Known(day domain.Day, seconds int) domain.DailySummary {
	state := domain.DayOK
	if seconds == 0 {
		state = domain.DayEmpty
	}
	return domain.DailySummary{Day: day, State: state, Seconds: &seconds, TimeZone: "UTC", Source: "wakatime.com", FetchedAt: &Now}
}

// Unknown returns a day after one failed attempt to fetch it.
func Unknown(day domain.Day, state domain.DayState, reason domain.Reason) domain.DailySummary {
	return domain.DailySummary{Day: day, State: state, Reason: reason, Attempts: 1}
}

// Days inserts days of a user.
func Days(tb testing.TB, pool *pgxpool.Pool, user domain.UserID, days ...domain.DailySummary) {
	tb.Helper()
	for _, d := range days {
		kinds, names, seconds := []string{"time_zone", "source"}, []string{d.TimeZone, d.Source}, []int{}
		for _, s := range d.Shares {
			kinds, names, seconds = append(kinds, string(s.Dimension)), append(names, s.Name), append(seconds, s.Seconds)
		}
		Exec(tb, pool, `INSERT INTO labels (kind, name) SELECT k, n FROM unnest($1::text[], $2::text[]) t(k, n) WHERE n <> '' ON CONFLICT DO NOTHING`, kinds, names)
		Exec(tb, pool, `INSERT INTO days (user_id, day, seconds, zone_id, source_id, fetched_at, attempts, state, reason, parts)
			SELECT $1, $2, $3, (SELECT id FROM labels WHERE kind = 'time_zone' AND name = $4), (SELECT id FROM labels WHERE kind = 'source' AND name = $5),
				$6, $7, $8, $9,
				coalesce((SELECT array_agg(l.id::bigint << 32 | t.s ORDER BY t.i)
					FROM unnest($10::text[], $11::text[], $12::integer[]) WITH ORDINALITY t(k, n, s, i) JOIN labels l ON (l.kind, l.name) = (t.k, t.n)), '{}')`,
			uuid.UUID(user), d.Day.Date(), d.Seconds, d.TimeZone, d.Source, d.FetchedAt, d.Attempts, string(d.State), string(d.Reason), kinds[2:], names[2:], seconds)
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
