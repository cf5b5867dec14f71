package domain

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Errors of connections. Their texts name the server where it is known; otherwise they fit
// WakaTime and any other server.
var (
	ErrWakaTimeNotConnected      = define(KindConflict, "wakatime_not_connected", "No coding account is connected, or the connection has ended. Connect one first.")
	ErrConnectionNotFound        = define(KindNotFound, "wakatime_connection_not_found", "No coding account is connected.")
	ErrWakaTimeStateInvalid      = define(KindInvalid, "wakatime_state_invalid", "The authorization was not started in this session, has already been used or has expired. Start again.")
	ErrWakaTimeCodeRejected      = define(KindInvalid, "wakatime_code_rejected", "The server rejected the authorization code. Start again.")
	ErrWakaTimeKeyRejected       = define(KindInvalid, "wakatime_key_rejected", "The server rejected the API key. Check the key and try again.")
	ErrWakaTimeServerUnsupported = define(KindInvalid, "wakatime_server_unsupported", "The server does not provide daily summaries in WakaTime's format. Connect another server.")
	ErrWakaTimeAccountNotFound   = define(KindNotFound, "wakatime_account_not_found", "The student has no such account.")
	ErrWakaTimeBaseURLNotAllowed = define(KindInvalid, "wakatime_base_url_not_allowed", "The operator does not allow this server. Choose one of the allowed servers.")
	ErrWakaTimeAccountTaken      = define(KindConflict, "wakatime_account_taken", "This account is connected to another Gradus account. Disconnect it there, or ask your instructor or an admin to disconnect it.")
	ErrWakaTimeNotConfigured     = define(KindUnavailable, "wakatime_not_configured", "Connecting with OAuth is not configured on this Gradus server. Use an API key, or contact the operator.")
	ErrWakaTimeUnavailable       = define(KindUnavailable, "wakatime_unavailable", "The server is not responding as expected. Try again later.")
)

// ConnectionKind is how a user is connected.
type ConnectionKind string

// The kinds of connections.
const (
	ConnectedByOAuth ConnectionKind = "oauth"
	ConnectedByKey   ConnectionKind = "api_key"
)

// ConnectionState says whether a connection works.
type ConnectionState string

// The states of a connection.
const (
	Connected      ConnectionState = "connected"
	NeedsReconnect ConnectionState = "needs_reconnect" // the server ended it; only the user can reconnect
	NotConnected   ConnectionState = "not_connected"   // never stored
)

// Credential authenticates a request to a server.
type Credential struct {
	User    UserID // the owner; requests are rate-limited per user
	Kind    ConnectionKind
	BaseURL string // of the API, without a trailing slash; empty means the configured one
	Token   Secret // an access token or an API key
}

// Grant is the response of the token endpoint.
type Grant struct {
	AccessToken  Secret
	RefreshToken Secret // empty if the response has none
	ExpiresAt    time.Time
	Scopes       []string
}

// WakaTimeServer is a server that accepts API keys.
type WakaTimeServer struct {
	Name    string // for texts
	BaseURL string // of its API
	Default bool   // used if no base URL is given
}

// WakaTimeAccount is the upstream account of a credential.
type WakaTimeAccount struct {
	Server   string // the host
	ID       string // as the server identifies it; derived from the key if it does not
	Username string
	TimeZone string // as named by the server; not always an IANA name
	Plan     string // empty if unknown
}

// Connection links a user to an account at WakaTime or a compatible server.
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
	Ref          AccountRef // of the account; assigned by the store
	Checks       Checks     // of the account
	Yardstick    Yardstick  // of the account
	ConnectedAt  time.Time

	LastSyncedAt *time.Time // the last successful sync
	NextSyncAt   *time.Time // the approximate time of the next planned sync
	Syncing      bool       // whether a sync holds the lease
	Failure      *SyncFailure
}

// ConnectionReport is a connection with the coverage of all days that have been tracked.
type ConnectionReport struct {
	Connection
	Coverage Coverage
}

// SyncFailure says why the last sync failed.
type SyncFailure struct {
	Reason Reason
	At     time.Time
	Since  time.Time // the first of the consecutive failures
}

// earlyRefresh is how long before its expiry an access token is refreshed.
const earlyRefresh = 5 * time.Minute

// NewOAuthConnection returns a connection with the tokens of a grant.
func NewOAuthConnection(user UserID, g Grant, a WakaTimeAccount, now time.Time) Connection {
	c := Connection{User: user, Kind: ConnectedByOAuth, State: Connected, Account: a, ConnectedAt: now}
	c.ApplyGrant(g)
	return c
}

// NewKeyConnection returns a connection with an API key.
func NewKeyConnection(cred Credential, a WakaTimeAccount, now time.Time) Connection {
	return Connection{
		User: cred.User, Kind: ConnectedByKey, State: Connected,
		BaseURL: cred.BaseURL, AccessToken: cred.Token, Account: a, ConnectedAt: now,
	}
}

// Version returns a version that changes when the user connects again and when the
// connection stops working, but not with a sync. Without a connection it is 0.
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

// SameAccount reports whether both connections have the same upstream account.
func (c Connection) SameAccount(o Connection) bool {
	return c.BaseURL == o.BaseURL && c.Account.ID == o.Account.ID
}

// CanRefresh reports whether the access token can be refreshed without the user.
func (c Connection) CanRefresh() bool {
	return c.Kind == ConnectedByOAuth && c.RefreshToken != ""
}

// RevocableToken returns a token whose revocation ends the connection upstream. It is empty
// for API keys, and if the tokens have been revoked or cannot be decrypted.
func (c Connection) RevocableToken() Secret {
	if c.Kind != ConnectedByOAuth {
		return ""
	}
	return cmp.Or(c.RefreshToken, c.AccessToken)
}

// Credential returns the credential to authenticate requests with.
func (c Connection) Credential() Credential {
	return Credential{User: c.User, Kind: c.Kind, BaseURL: c.BaseURL, Token: c.AccessToken}
}

// NeedsRefresh reports whether the access token must be refreshed before use.
func (c Connection) NeedsRefresh(now time.Time) bool {
	return c.Kind == ConnectedByOAuth && c.ExpiresAt != nil && !now.Before(c.ExpiresAt.Add(-earlyRefresh))
}

// ApplyGrant stores the tokens of a grant. A grant without a refresh token means that the
// old one remains valid.
func (c *Connection) ApplyGrant(g Grant) {
	c.AccessToken, c.ExpiresAt = g.AccessToken, &g.ExpiresAt
	if g.RefreshToken != "" {
		c.RefreshToken = g.RefreshToken
	}
	if len(g.Scopes) > 0 {
		c.Scopes = g.Scopes
	}
}

// Unlink marks the connection as ended by the server and removes its tokens, which the
// server no longer accepts.
func (c *Connection) Unlink() {
	c.State = NeedsReconnect
	c.AccessToken, c.RefreshToken, c.ExpiresAt = "", "", nil
}

// EndReason returns why a connection that needs a reconnect ended. The last failure may be
// an older one: it is recorded after the connection was unlinked.
func (c Connection) EndReason() Reason {
	if c.Failure != nil && c.Failure.Reason == ReasonUnauthorized {
		return ReasonUnauthorized
	}
	return ReasonRevoked
}

// RequiredScopes are the OAuth scopes that a sync requires.
var RequiredScopes = []string{"email", "read_summaries"}

// Authorization is an OAuth flow in progress.
type Authorization struct {
	User      UserID
	Session   SessionID
	Verifier  Secret // PKCE; empty if disabled
	ExpiresAt time.Time

	ConsumedAt *time.Time // nil if it has not been consumed
	CodeHash   [32]byte   // of the code that consumed it
	Completed  bool       // whether Result is known
	Result     *Error     // nil for success; without RetryAfter
}

// AuthorizationLifetime is how long an OAuth flow may take.
const AuthorizationLifetime = 10 * time.Minute

// repeatTime is how long after a flow was consumed a repeated call has the result of the
// first one.
const repeatTime = 30 * time.Second

// Check rejects an authorization that belongs to another user or session, has expired, or
// was consumed: with another code, or too long ago to be a repeated call.
// Errors: ErrWakaTimeStateInvalid.
func (a Authorization) Check(actor Actor, codeHash [32]byte, now time.Time) error {
	repeated := a.ConsumedAt == nil || a.CodeHash == codeHash && now.Sub(*a.ConsumedAt) < repeatTime
	if a.User != actor.UserID || a.Session != actor.SessionID || !now.Before(a.ExpiresAt) || !repeated {
		return ErrWakaTimeStateInvalid.At("state")
	}
	return nil
}

// Revocation is the outcome of revoking the tokens upstream after a disconnect.
type Revocation string

// The outcomes.
const (
	RevocationDone          Revocation = "revoked"
	RevocationFailed        Revocation = "failed"         // the request failed; the user can remove the app at the server
	RevocationNotApplicable Revocation = "not_applicable" // an API key, which only its owner can revoke
)

// TrackedAccount is an upstream account that days of a user came from.
type TrackedAccount struct {
	ID         TrackedAccountID
	Server     string // the host
	Username   string
	Current    bool       // whether it is the connected one
	AcceptedAt *time.Time // when staff accepted its days, although another account is connected
	First      *Day       // with coding time
	Last       *Day
	Days       int // days with coding time at this account
	Seconds    int // of these days
	Counted    int // days that the user's ledger takes from this account
}

// TrackedAccountID identifies a TrackedAccount.
type TrackedAccountID = ID[TrackedAccount]

// AuditDetails returns what the audit log says about the connection.
func (c Connection) AuditDetails() map[string]any {
	return map[string]any{"kind": c.Kind, "server": c.Account.Server, "account": c.Account.Username}
}

// MissingScopes lists the required scopes that an OAuth connection was not granted. If the
// server does not list the granted scopes, it is assumed to have granted all.
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

// Summary describes the connection in a sentence for the user, given the coverage of all
// their tracked days. It says "up to date" only if each day that has ended is known.
func (c Connection) Summary(all Coverage) string {
	server := ServerName(c.Account.Server)
	switch {
	case c.State == NotConnected:
		return "No coding account is connected."
	case c.State == NeedsReconnect:
		return c.EndReason().Message(c.Account.Server)
	case c.Failure != nil:
		return "Connected to " + server + ", but the last sync failed: " + c.Failure.Reason.Message(c.Account.Server)
	case c.LastSyncedAt == nil:
		return "Connected to " + server + ". The first sync has not finished yet."
	case all.Known() < all.Expected:
		return fmt.Sprintf("Connected to %s, but only %d of %d past days are known.", server, all.Known(), all.Expected)
	}
	return "Connected to " + server + " and up to date."
}
