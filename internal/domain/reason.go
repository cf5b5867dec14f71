package domain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Reason says why a day is unknown or a sync failed.
type Reason string

// The reasons.
const (
	ReasonNone         Reason = ""
	ReasonPlanLimited  Reason = "plan_limited"        // 402: older than the account's plan includes
	ReasonThrottled    Reason = "throttled"           // 429, or 302 which means the same upstream
	ReasonNotReady     Reason = "not_ready"           // 202: upstream is still computing
	ReasonUnavailable  Reason = "unavailable"         // 5xx, timeout, no connection, circuit breaker open
	ReasonInvalid      Reason = "invalid_response"    // an invalid response
	ReasonMissingDay   Reason = "missing_in_response" // requested, but missing in the response
	ReasonUnauthorized Reason = "unauthorized"        // 401
	ReasonMissingScope Reason = "missing_scope"       // 403
	ReasonUnsupported  Reason = "unsupported"         // 404: the server does not have the endpoint
	ReasonRevoked      Reason = "revoked"             // invalid_grant: the user must reconnect
	ReasonMisconfig    Reason = "misconfigured"       // invalid_client: the operator must fix the configuration
	ReasonUnreadable   Reason = "token_unreadable"    // sealed with a key that is no longer available
	ReasonForbidden    Reason = "forbidden"           // 403 for an API key, which has no scopes
	ReasonNotAllowed   Reason = "server_not_allowed"  // the operator no longer allows the server
	ReasonOtherZone    Reason = "other_time_zone"     // the server split the day in another time zone than requested
	ReasonPartial      Reason = "partial"             // fetched before the day ended, and not since
	ReasonNewAccount   Reason = "account_changed"     // another account was connected, which has not been asked yet
	ReasonNotConnected Reason = "not_connected"       // no account was ever connected
	ReasonDisconnected Reason = "disconnected"        // the account was disconnected
	ReasonNotSyncedYet Reason = "not_synced_yet"
	ReasonNotOffered   Reason = "not_offered" // the server does not break down its days this way
)

// reasonMessages tells users what a reason means and what to do. %s is the name of the
// server.
var reasonMessages = map[Reason]string{
	ReasonPlanLimited:  "The %s plan of this account does not include days this old.",
	ReasonThrottled:    "%s is limiting requests. The next sync will retry.",
	ReasonNotReady:     "%s is still computing this day. The next sync will retry.",
	ReasonUnavailable:  "%s is unavailable. The next sync will retry.",
	ReasonInvalid:      "%s returned an invalid response, which was not stored. The next sync will retry.",
	ReasonMissingDay:   "The response of %s did not include this day. The next sync will retry.",
	ReasonUnauthorized: "%s no longer accepts the stored credentials. Reconnect.",
	ReasonMissingScope: "The connection to %s lacks a permission that syncing requires. Reconnect and grant all requested permissions.",
	ReasonForbidden:    "%s does not allow this API key to read daily summaries. Connect with a key of the account's owner.",
	ReasonUnsupported:  "%s does not provide daily summaries. Connect another server.",
	ReasonRevoked:      "%s ended the connection. Reconnect.",
	ReasonMisconfig:    "This Gradus server is not configured correctly for %s. The operator has been notified; you do not need to do anything.",
	ReasonNotAllowed:   "The operator no longer allows connections to %s. Connect another server.",
	ReasonUnreadable:   "The stored credentials for %s can no longer be decrypted. Reconnect.",
	ReasonOtherZone:    "%s split this day in another time zone. Either it ignored the requested one, or the time zone has changed and the next sync will fetch the day again.",
	ReasonPartial:      "This day was last fetched before it ended. The next sync will fetch the rest.",
	ReasonNewAccount:   "Another account was connected at %s, which has not returned this day yet. The next sync will fetch it.",
	ReasonNotConnected: "No coding account was ever connected.",
	ReasonDisconnected: "The account was disconnected before this day was fetched. Reconnect.",
	ReasonNotSyncedYet: "This day has not been fetched yet.",
	ReasonNotOffered:   "%s does not provide this breakdown.",
}

// Reasons lists the reasons.
func Reasons() []Reason { return slices.Sorted(maps.Keys(reasonMessages)) }

// Message tells a user what the reason means for a server and what to do. It is empty for
// ReasonNone.
func (r Reason) Message(server string) string {
	return strings.Replace(reasonMessages[r], "%s", ServerName(server), 1)
}

// ServerName returns the name of a server for texts: its host, or WakaTime for its own
// hosts. The empty host stands for WakaTime.
func ServerName(host string) string {
	if host == "" || host == "wakatime.com" || strings.HasSuffix(host, ".wakatime.com") {
		return "WakaTime"
	}
	return host
}

// Temporary reports whether a retry may succeed without anyone fixing anything.
func (r Reason) Temporary() bool {
	return r == ReasonThrottled || r == ReasonNotReady || r == ReasonUnavailable || r == ReasonInvalid
}

// retried reports whether the message says that the next sync will fetch the day.
func (r Reason) retried() bool {
	return r.Temporary() || r == ReasonMissingDay || r == ReasonNewAccount || r == ReasonPartial || r == ReasonNotSyncedYet
}

// DaySpecific reports whether the reason concerns only the requested days, so that requests
// for other days of the same connection may succeed.
func (r Reason) DaySpecific() bool {
	return r == ReasonPlanLimited || r == ReasonNotReady || r == ReasonInvalid
}

// UpstreamError is a failed request to WakaTime. It never contains a token.
type UpstreamError struct {
	Reason     Reason
	RetryAfter time.Duration // as requested by the server; 0 if it was not
	Err        error
}

func (e *UpstreamError) Error() string {
	if e.Err == nil {
		return "wakatime: " + string(e.Reason)
	}
	return fmt.Sprintf("wakatime: %s: %v", e.Reason, e.Err)
}

func (e *UpstreamError) Unwrap() error { return e.Err }
