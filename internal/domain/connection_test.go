package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

var (
	account = domain.WakaTimeAccount{ID: "w1", Username: "ada"}
	grant   = domain.Grant{AccessToken: "access", RefreshToken: "refresh", ExpiresAt: noon, Scopes: []string{"email", "read_summaries"}}
)

func TestNewConnection(t *testing.T) {
	t.Parallel()

	byOAuth := domain.NewOAuthConnection(domain.UserID{1}, grant, account, noon)
	want := domain.Connection{
		User: domain.UserID{1}, Kind: domain.ConnectedByOAuth, State: domain.Connected, AccessToken: "access", RefreshToken: "refresh",
		ExpiresAt: &noon, Scopes: grant.Scopes, Account: account, ConnectedAt: noon,
	}
	if diff := cmp.Diff(want, byOAuth); diff != "" {
		t.Errorf("NewOAuthConnection (-want +got):\n%s", diff)
	}
	credential := domain.Credential{User: domain.UserID{1}, Kind: domain.ConnectedByKey, BaseURL: "https://waka.example/api/v1", Token: "key"}
	byKey := domain.NewKeyConnection(credential, account, noon)
	want = domain.Connection{
		User: domain.UserID{1}, Kind: domain.ConnectedByKey, State: domain.Connected, BaseURL: credential.BaseURL,
		AccessToken: "key", Account: account, ConnectedAt: noon,
	}
	if diff := cmp.Diff(want, byKey); diff != "" {
		t.Errorf("NewKeyConnection (-want +got):\n%s", diff)
	}
	if got := byKey.Credential(); got != credential {
		t.Errorf("Credential = %+v, want the original", got)
	}
	if got := byOAuth.Credential(); got.Token.Reveal() != "access" || got.BaseURL != "" || got.Kind != domain.ConnectedByOAuth {
		t.Errorf("Credential = %+v with token %q", got, got.Token.Reveal())
	}

	elsewhere := byKey
	elsewhere.BaseURL = "https://other.example"
	if byOAuth.SameAccount(byKey) || byKey.SameAccount(elsewhere) || !byKey.SameAccount(byKey) {
		t.Error("accounts with the same ID on different servers are the same")
	}
}

func TestConnection_ApplyGrant(t *testing.T) {
	t.Parallel()

	later := noon.Add(time.Hour)
	tests := map[string]struct {
		grant         domain.Grant
		refresh       domain.Secret
		scopes        []string
		missingScopes []string
	}{
		"a full grant replaces everything": {
			grant:   domain.Grant{AccessToken: "new", RefreshToken: "new refresh", ExpiresAt: later, Scopes: []string{"email"}},
			refresh: "new refresh", scopes: []string{"email"}, missingScopes: []string{"read_summaries"},
		},
		"a grant without a refresh token keeps the old one": {
			grant:   domain.Grant{AccessToken: "new", ExpiresAt: later},
			refresh: "refresh", scopes: grant.Scopes,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := domain.NewOAuthConnection(domain.UserID{1}, grant, account, noon)
			c.ApplyGrant(tt.grant)
			if c.AccessToken != "new" || !c.ExpiresAt.Equal(later) || c.RefreshToken != tt.refresh || !cmp.Equal(c.Scopes, tt.scopes) {
				t.Errorf("ApplyGrant: %q, %q, %v, %v", c.AccessToken.Reveal(), c.RefreshToken.Reveal(), c.ExpiresAt, c.Scopes)
			}
			if diff := cmp.Diff(tt.missingScopes, c.MissingScopes()); diff != "" {
				t.Errorf("MissingScopes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConnection_MissingScopes_TrustsServersWithoutScopes(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]domain.Connection{
		"a server that lists no scopes": {Kind: domain.ConnectedByOAuth},
		"an API key":                    {Kind: domain.ConnectedByKey, Scopes: []string{"email"}},
	} {
		if got := c.MissingScopes(); got != nil {
			t.Errorf("%s lacks %v", name, got)
		}
	}
}

func TestConnection_NeedsRefresh(t *testing.T) {
	t.Parallel()

	oauth := domain.NewOAuthConnection(domain.UserID{1}, grant, account, noon)
	permanent := oauth
	permanent.ExpiresAt = nil
	key := oauth
	key.Kind = domain.ConnectedByKey
	tests := map[string]struct {
		connection domain.Connection
		now        time.Time
		want       bool
	}{
		"a token is used until five minutes before its expiry": {oauth, noon.Add(-5*time.Minute - 1), false},
		"a token is refreshed five minutes before its expiry":  {oauth, noon.Add(-5 * time.Minute), true},
		"an expired token is refreshed":                        {oauth, noon.Add(time.Hour), true},
		"a token without an expiry is not refreshed":           {permanent, noon, false},
		"an API key is not refreshed":                          {key, noon, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := tt.connection.NeedsRefresh(tt.now); got != tt.want {
				t.Errorf("NeedsRefresh = %t, want %t", got, tt.want)
			}
		})
	}
}

func TestConnection_Unlink_RemovesTokens(t *testing.T) {
	t.Parallel()

	c := domain.NewOAuthConnection(domain.UserID{1}, grant, account, noon)
	if !c.CanRefresh() || c.RevocableToken().Reveal() != "refresh" {
		t.Errorf("CanRefresh %t, RevocableToken %q", c.CanRefresh(), c.RevocableToken().Reveal())
	}
	c.Unlink()
	if c.State != domain.NeedsReconnect || c.AccessToken != "" || c.RefreshToken != "" || c.ExpiresAt != nil || c.Account != account {
		t.Errorf("Unlink left %+v", c)
	}
	if c.CanRefresh() || c.RevocableToken() != "" {
		t.Error("revoked tokens can be refreshed or revoked")
	}
	key := domain.Connection{Kind: domain.ConnectedByKey, AccessToken: "key"}
	if key.CanRefresh() || key.RevocableToken() != "" {
		t.Error("an API key can be refreshed or revoked")
	}
	if c := (domain.Connection{Kind: domain.ConnectedByOAuth, AccessToken: "access"}); c.CanRefresh() || c.RevocableToken().Reveal() != "access" {
		t.Error("without a refresh token, the access token is not the revocable one")
	}
}

func TestConnection_Summary(t *testing.T) {
	t.Parallel()

	connection := func(change func(*domain.Connection)) domain.Connection {
		c := domain.Connection{State: domain.Connected, Account: domain.WakaTimeAccount{Server: "waka.example"}, LastSyncedAt: &noon}
		change(&c)
		return c
	}
	failed := func(r domain.Reason) *domain.SyncFailure {
		return &domain.SyncFailure{Reason: r, At: noon, Since: noon}
	}
	tests := map[string]struct {
		connection domain.Connection
		coverage   domain.Coverage
		want       string
	}{
		"no account is connected": {
			connection: domain.Connection{State: domain.NotConnected},
			want:       "No coding account is connected.",
		},
		"the server rejected the key": {
			connection: connection(func(c *domain.Connection) {
				c.State, c.Failure = domain.NeedsReconnect, failed(domain.ReasonUnauthorized)
			}),
			want: "waka.example no longer accepts the stored credentials. Reconnect.",
		},
		"the server revoked the tokens": {
			connection: connection(func(c *domain.Connection) {
				c.State, c.Failure = domain.NeedsReconnect, failed(domain.ReasonRevoked)
			}),
			want: "waka.example ended the connection. Reconnect.",
		},
		"an ended connection does not promise a retry": {
			connection: connection(func(c *domain.Connection) {
				c.State, c.Failure = domain.NeedsReconnect, failed(domain.ReasonThrottled)
			}),
			want: "waka.example ended the connection. Reconnect.",
		},
		"an ended connection without a recorded failure": {
			connection: connection(func(c *domain.Connection) { c.State = domain.NeedsReconnect }),
			want:       "waka.example ended the connection. Reconnect.",
		},
		"the last sync failed": {
			connection: connection(func(c *domain.Connection) { c.Failure = failed(domain.ReasonUnavailable) }),
			coverage:   domain.Coverage{Expected: 3, OK: 3},
			want:       "Connected to waka.example, but the last sync failed: waka.example is unavailable. The next sync will retry.",
		},
		"the first sync has not finished": {
			connection: connection(func(c *domain.Connection) { c.LastSyncedAt = nil }),
			coverage:   domain.Coverage{Expected: 3, OK: 3},
			want:       "Connected to waka.example. The first sync has not finished yet.",
		},
		"no day is known": {
			connection: connection(func(*domain.Connection) {}),
			coverage:   domain.Coverage{Expected: 71, PlanLimited: 71},
			want:       "Connected to waka.example, but only 0 of 71 past days are known.",
		},
		"a partial day is not known": {
			connection: connection(func(*domain.Connection) {}),
			coverage:   domain.Coverage{Expected: 3, OK: 1, Empty: 1, Partial: 1},
			want:       "Connected to waka.example, but only 2 of 3 past days are known.",
		},
		"each day is known": {
			connection: connection(func(*domain.Connection) {}),
			coverage:   domain.Coverage{Expected: 3, OK: 2, Empty: 1, PartialSeconds: 60},
			want:       "Connected to waka.example and up to date.",
		},
		"no day has ended": {
			connection: connection(func(c *domain.Connection) { c.Account.Server = "api.wakatime.com" }),
			want:       "Connected to WakaTime and up to date.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := tt.connection.Summary(tt.coverage); got != tt.want {
				t.Errorf("Summary = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAuthorization_Check(t *testing.T) {
	t.Parallel()

	ada := domain.Actor{UserID: domain.UserID{1}, SessionID: domain.SessionID{2}}
	code := [32]byte{7}
	fresh := domain.Authorization{User: ada.UserID, Session: ada.SessionID, ExpiresAt: noon}
	consumed := fresh
	consumed.ConsumedAt, consumed.CodeHash = new(noon.Add(-time.Minute)), code
	tests := map[string]struct {
		authorization domain.Authorization
		actor         domain.Actor
		code          [32]byte
		now           time.Time
		want          error
	}{
		"the session that started it can complete it": {fresh, ada, code, noon.Add(-1), nil},
		"it expires":                                    {fresh, ada, code, noon, domain.ErrWakaTimeStateInvalid},
		"another user is rejected":                      {fresh, domain.Actor{UserID: domain.UserID{9}, SessionID: ada.SessionID}, code, noon.Add(-1), domain.ErrWakaTimeStateInvalid},
		"another session of the user is rejected":       {fresh, domain.Actor{UserID: ada.UserID, SessionID: domain.SessionID{9}}, code, noon.Add(-1), domain.ErrWakaTimeStateInvalid},
		"a caller who is not signed in is rejected":     {fresh, domain.Actor{}, code, noon.Add(-1), domain.ErrWakaTimeStateInvalid},
		"a call can be repeated for 30 seconds":         {consumed, ada, code, noon.Add(-30*time.Second - 1), nil},
		"a call cannot be repeated after 30 seconds":    {consumed, ada, code, noon.Add(-30 * time.Second), domain.ErrWakaTimeStateInvalid},
		"a repeated call with another code is rejected": {consumed, ada, [32]byte{8}, noon.Add(-59 * time.Second), domain.ErrWakaTimeStateInvalid},
		"a repeated call from another session is rejected": {
			consumed, domain.Actor{UserID: ada.UserID, SessionID: domain.SessionID{9}}, code, noon.Add(-59 * time.Second), domain.ErrWakaTimeStateInvalid,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := tt.authorization.Check(tt.actor, tt.code, tt.now)
			if !errors.Is(err, tt.want) {
				t.Errorf("Check: %v, want %v", err, tt.want)
			}
			if e, ok := errors.AsType[*domain.Error](err); ok && (len(e.Fields) != 1 || e.Fields[0].Field != "state") {
				t.Errorf("Check: fields %v, want state", e.Fields)
			}
		})
	}
}
