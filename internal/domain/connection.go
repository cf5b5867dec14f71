package domain

import (
	"cmp"
	"slices"
	"time"
)

// Failures of connections to WakaTime.
var (
	ErrWakaTimeNotConnected      = define(KindConflict, "wakatime_not_connected", "No WakaTime account is connected.")
	ErrConnectionNotFound        = define(KindNotFound, "wakatime_connection_not_found", "No WakaTime account is connected.")
	ErrWakaTimeStateInvalid      = define(KindInvalid, "wakatime_state_invalid", "This authorization was not started here, was used already or is too old. Start again.")
	ErrWakaTimeCodeRejected      = define(KindInvalid, "wakatime_code_rejected", "WakaTime did not accept this authorization code. Start again.")
	ErrWakaTimeKeyRejected       = define(KindInvalid, "wakatime_key_rejected", "The server did not accept this API key.")
	ErrWakaTimeBaseURLNotAllowed = define(KindInvalid, "wakatime_base_url_not_allowed", "The operator does not allow this server.")
	ErrWakaTimeAccountTaken      = define(KindConflict, "wakatime_account_taken", "This WakaTime account is connected to another Gradus account. Disconnect it there first.")
	ErrWakaTimeNotConfigured     = define(KindUnavailable, "wakatime_not_configured", "Signing in at WakaTime is not set up on this server. Use an API key, or tell the operator.")
	ErrWakaTimeUnavailable       = define(KindUnavailable, "wakatime_unavailable", "WakaTime does not answer as it should right now. Try again later.")
)

// ConnectionKind is how a user is connected.
type ConnectionKind string

// The kinds of connections.
const (
	ConnectedByOAuth ConnectionKind = "oauth"
	ConnectedByKey   ConnectionKind = "api_key"
)

// ConnectionState is what a connection can do.
type ConnectionState string

// The states of a connection.
const (
	Connected      ConnectionState = "connected"
	NeedsReconnect ConnectionState = "needs_reconnect" // WakaTime ended it; only the user can mend that
	NotConnected   ConnectionState = "not_connected"   // never stored
)

// Credential is what a request to WakaTime is signed with.
type Credential struct {
	User    UserID // whose it is; requests are rate-limited by it
	Kind    ConnectionKind
	BaseURL string // of the API, without a slash at the end; empty means the configured one
	Token   Secret // an access token or an API key
}

// Grant is what the token endpoint answers.
type Grant struct {
	AccessToken  Secret
	RefreshToken Secret // empty when none came
	ExpiresAt    time.Time
	Scopes       []string
}

// WakaTimeAccount is who a credential belongs to upstream.
type WakaTimeAccount struct {
	ID       string
	Username string
	TimeZone string // as the server calls it; may be no IANA name
	Plan     string // empty when the server does not say
}

// Connection is a user's link to WakaTime or a compatible server.
type Connection struct {
	User         UserID
	Kind         ConnectionKind
	State        ConnectionState
	BaseURL      string // empty for OAuth: the configured server
	AccessToken  Secret // or the API key
	RefreshToken Secret
	ExpiresAt    *time.Time // of the access token; nil for keys
	Scopes       []string
	Account      WakaTimeAccount
	ConnectedAt  time.Time

	LastSyncedAt *time.Time // the last sync that reached its end without a failure
	NextSyncAt   *time.Time // about when the next one is planned
	Syncing      bool       // somebody holds the lease right now
	Failure      *SyncFailure
}

// SyncFailure is why the last sync did not reach its end.
type SyncFailure struct {
	Reason Reason
	At     time.Time
	Since  time.Time // the first of the failures in a row
}

// earlyRefresh is how long before its end an access token is renewed.
const earlyRefresh = 5 * time.Minute

// NewOAuthConnection returns the connection that a grant makes.
func NewOAuthConnection(user UserID, g Grant, a WakaTimeAccount, now time.Time) Connection {
	c := Connection{User: user, Kind: ConnectedByOAuth, State: Connected, Account: a, ConnectedAt: now}
	c.ApplyGrant(g)
	return c
}

// NewKeyConnection returns the connection that an API key makes.
func NewKeyConnection(cred Credential, a WakaTimeAccount, now time.Time) Connection {
	return Connection{
		User: cred.User, Kind: ConnectedByKey, State: Connected,
		BaseURL: cred.BaseURL, AccessToken: cred.Token, Account: a, ConnectedAt: now,
	}
}

// Version differs between any two connections that a person makes, and between one that
// works and one that does not any more. Without a connection it is 0. What syncs note
// does not change it.
func (c Connection) Version() int {
	switch c.State {
	case Connected:
		return int(c.ConnectedAt.UnixMicro()) << 1
	case NeedsReconnect:
		return int(c.ConnectedAt.UnixMicro())<<1 | 1
	case NotConnected:
	}
	return 0
}

// SameAccount reports whether both connections lead to the same person upstream.
func (c Connection) SameAccount(o Connection) bool {
	return c.BaseURL == o.BaseURL && c.Account.ID == o.Account.ID
}

// CanRefresh reports whether the access token can be renewed without the user.
func (c Connection) CanRefresh() bool {
	return c.Kind == ConnectedByOAuth && c.RefreshToken != ""
}

// RevocableToken returns a token whose end upstream ends the connection; it is empty when
// there is none, because the connection is by key, or its tokens are dead or cannot
// be read.
func (c Connection) RevocableToken() Secret {
	if c.Kind != ConnectedByOAuth {
		return ""
	}
	return cmp.Or(c.RefreshToken, c.AccessToken)
}

// Credential returns what to sign requests with.
func (c Connection) Credential() Credential {
	return Credential{User: c.User, Kind: c.Kind, BaseURL: c.BaseURL, Token: c.AccessToken}
}

// NeedsRefresh reports whether the access token should be renewed before use.
func (c Connection) NeedsRefresh(now time.Time) bool {
	return c.Kind == ConnectedByOAuth && c.ExpiresAt != nil && !now.Before(c.ExpiresAt.Add(-earlyRefresh))
}

// ApplyGrant takes over a grant. WakaTime may leave the refresh token out, which means
// that the old one stays good.
func (c *Connection) ApplyGrant(g Grant) {
	c.AccessToken, c.ExpiresAt = g.AccessToken, &g.ExpiresAt
	if g.RefreshToken != "" {
		c.RefreshToken = g.RefreshToken
	}
	if len(g.Scopes) > 0 {
		c.Scopes = g.Scopes
	}
}

// Unlink marks the connection as ended by WakaTime and forgets its dead tokens.
func (c *Connection) Unlink() {
	c.State = NeedsReconnect
	c.AccessToken, c.RefreshToken, c.ExpiresAt = "", "", nil
}

// RequiredScopes are the OAuth scopes that syncing needs.
var RequiredScopes = []string{"email", "read_summaries"}

// Authorization is one started OAuth flow.
type Authorization struct {
	User      UserID
	Session   SessionID
	Verifier  Secret // PKCE; empty when it is off
	ExpiresAt time.Time
}

// AuthorizationLifetime is how long a started OAuth flow may take.
const AuthorizationLifetime = 10 * time.Minute

// Check refuses an authorization that belongs to another user or session, or that
// is too old.
// Errors: ErrWakaTimeStateInvalid.
func (a Authorization) Check(actor Actor, now time.Time) error {
	if a.User != actor.UserID || a.Session != actor.SessionID || !now.Before(a.ExpiresAt) {
		return ErrWakaTimeStateInvalid.At("state")
	}
	return nil
}

// Revocation says what became of the tokens upstream after a disconnect.
type Revocation string

// The outcomes.
const (
	RevocationDone          Revocation = "revoked"
	RevocationFailed        Revocation = "failed"         // WakaTime could not be told; the user can remove the app there
	RevocationNotApplicable Revocation = "not_applicable" // an API key: only its owner can end it
)

// MissingScopes lists the needed scopes that an OAuth connection was not granted.
// A server that does not tell its scopes is believed to have granted all.
func (c Connection) MissingScopes() []string {
	if c.Kind != ConnectedByOAuth || len(c.Scopes) == 0 {
		return nil
	}
	var missing []string
	for _, s := range RequiredScopes {
		if !slices.Contains(c.Scopes, s) {
			missing = append(missing, s)
		}
	}
	return missing
}

// Summary tells in one sentence how the connection is.
func (c Connection) Summary() string {
	switch {
	case c.State == NotConnected:
		return "No WakaTime account is connected."
	case c.State == NeedsReconnect:
		return "WakaTime ended the connection. Connect again; the days since then are fetched as soon as you do."
	case c.Failure != nil:
		return "Connected, but the last sync did not reach its end: " + c.Failure.Reason.Message()
	case c.LastSyncedAt == nil:
		return "Connected. The first sync is on its way."
	}
	return "Connected and in sync."
}
