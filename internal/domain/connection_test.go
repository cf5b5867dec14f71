package domain_test

import (
	"errors"
	"strings"
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

	failure := &domain.SyncFailure{Reason: domain.ReasonThrottled}
	tests := map[string]struct {
		connection domain.Connection
		want       string
	}{
		"there is no connection":          {domain.Connection{State: domain.NotConnected}, "No WakaTime account"},
		"WakaTime ended the connection":   {domain.Connection{State: domain.NeedsReconnect, Failure: failure}, "Reconnect"},
		"the last sync failed":            {domain.Connection{State: domain.Connected, Failure: failure, LastSyncedAt: &noon}, domain.ReasonThrottled.Message("")},
		"the first sync has not finished": {domain.Connection{State: domain.Connected}, "first sync"},
		"the last sync succeeded":         {domain.Connection{State: domain.Connected, LastSyncedAt: &noon}, "up to date"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := tt.connection.Summary(domain.Coverage{}); !strings.Contains(got, tt.want) {
				t.Errorf("Summary = %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestAuthorization_Check(t *testing.T) {
	t.Parallel()

	ada := domain.Actor{UserID: domain.UserID{1}, SessionID: domain.SessionID{2}}
	a := domain.Authorization{User: ada.UserID, Session: ada.SessionID, ExpiresAt: noon}
	tests := map[string]struct {
		actor domain.Actor
		now   time.Time
		want  error
	}{
		"the session that started it can complete it": {ada, noon.Add(-1), nil},
		"it expires":                                {ada, noon, domain.ErrWakaTimeStateInvalid},
		"another user is rejected":                  {domain.Actor{UserID: domain.UserID{9}, SessionID: ada.SessionID}, noon.Add(-1), domain.ErrWakaTimeStateInvalid},
		"another session of the user is rejected":   {domain.Actor{UserID: ada.UserID, SessionID: domain.SessionID{9}}, noon.Add(-1), domain.ErrWakaTimeStateInvalid},
		"a caller who is not signed in is rejected": {domain.Actor{}, noon.Add(-1), domain.ErrWakaTimeStateInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if err := a.Check(tt.actor, [32]byte{}, tt.now); !errors.Is(err, tt.want) {
				t.Errorf("Check: %v, want %v", err, tt.want)
			}
		})
	}
}
