package build

import (
	"strings"
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
		Account:      domain.WakaTimeAccount{Server: "wakatime.com", ID: user.String(), Username: "someone", TimeZone: "UTC"},
		ConnectedAt:  Now.AddDate(0, 0, -30),
	}
	for _, f := range change {
		f(&c)
	}
	var failure domain.SyncFailure
	if c.Failure != nil {
		failure = *c.Failure
	}
	account(tb, pool, user, c.BaseURL, c.Account)
	Exec(tb, pool, `INSERT INTO wakatime_connections (user_id, kind, state, base_url, access_token, refresh_token, expires_at, scopes,
			account_id, account_username, account_zone, account_plan, connected_at, last_synced_at, next_sync_at, failure_reason, failed_at, failing_since, account_ref)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, nullif($16, ''), $17, $18,
			(SELECT ref FROM wakatime_accounts WHERE user_id = $1 AND base_url = $4 AND account_id = $9))`,
		uuid.UUID(c.User), c.Kind, c.State, c.BaseURL, []byte(c.AccessToken.Reveal()), []byte(c.RefreshToken.Reveal()), c.ExpiresAt, c.Scopes,
		c.Account.ID, c.Account.Username, c.Account.TimeZone, c.Account.Plan, c.ConnectedAt, c.LastSyncedAt, c.NextSyncAt,
		string(failure.Reason), timeOrNil(failure.At), timeOrNil(failure.Since))
	return c
}

// account inserts an upstream account of a user, unless they have it.
func account(tb testing.TB, pool *pgxpool.Pool, user domain.UserID, baseURL string, a domain.WakaTimeAccount) {
	tb.Helper()
	Exec(tb, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
		VALUES (gen_random_uuid(), $1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, uuid.UUID(user), baseURL, a.Server, a.ID, a.Username)
}

// Known returns a day that was fetched after it ended. It is empty if seconds is 0.
func Known(day domain.Day, seconds int) domain.DailySummary {
	state := domain.DayOK
	if seconds == 0 {
		state = domain.DayEmpty
	}
	return domain.DailySummary{Day: day, State: state, Seconds: &seconds, AISeconds: new(0), TimeZone: "UTC", Source: "wakatime.com", Username: "someone"}
}

// Partial returns a day that was last fetched before it ended.
func Partial(day domain.Day, seconds int) domain.DailySummary {
	d := Known(day, seconds)
	d.State = domain.DayPartial
	return d
}

// Unknown returns a day after one failed attempt to fetch it.
func Unknown(day domain.Day, state domain.DayState, reason domain.Reason) domain.DailySummary {
	return domain.DailySummary{Day: day, State: state, Reason: reason, Attempts: 1}
}

// Days inserts days of a user. Those with seconds come from the connected account, or else
// from one with their source and username.
func Days(tb testing.TB, pool *pgxpool.Pool, user domain.UserID, days ...domain.DailySummary) {
	tb.Helper()
	for _, d := range days {
		kinds, names, seconds := []string{"time_zone"}, []string{d.TimeZone}, []int{}
		for _, s := range d.Shares {
			kinds, names, seconds = append(kinds, string(s.Dimension)), append(names, s.Name), append(seconds, s.Seconds)
		}
		Exec(tb, pool, `INSERT INTO labels (kind, name) SELECT k, n FROM unnest($1::text[], $2::text[]) t(k, n) WHERE n <> '' ON CONFLICT DO NOTHING`, kinds, names)
		if d.Seconds != nil {
			account(tb, pool, user, "", domain.WakaTimeAccount{Server: d.Source, ID: user.String(), Username: d.Username})
		}
		absent := make([]string, len(d.Absent))
		for i, a := range d.Absent {
			absent[i] = string(a)
		}
		changedAt := &Now
		if d.ChangedAt != nil {
			changedAt = d.ChangedAt
		}
		Exec(tb, pool, `INSERT INTO days (user_id, day, seconds, ai_seconds, zone_id, account_ref, changed_at, attempts, state, reason, absent, parts)
			SELECT $1, $2, $3, $4, (SELECT id FROM labels WHERE kind = 'time_zone' AND name = $5),
				CASE WHEN $3::integer IS NOT NULL THEN coalesce((SELECT account_ref FROM wakatime_connections WHERE user_id = $1),
					(SELECT ref FROM wakatime_accounts WHERE user_id = $1 AND base_url = '' AND account_id = $1::text)) END,
				$6, $7, $8, $9, $10,
				coalesce((SELECT array_agg(l.id::bigint << 32 | t.s ORDER BY t.i)
					FROM unnest($11::text[], $12::text[], $13::integer[]) WITH ORDINALITY t(k, n, s, i) JOIN labels l ON (l.kind, l.name) = (t.k, t.n)), '{}')`,
			uuid.UUID(user), d.Day.Date(), d.Seconds, d.AISeconds, d.TimeZone, changedAt, d.Attempts, string(d.State), string(d.Reason),
			strings.Join(absent, ","), kinds[1:], names[1:], seconds)
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
