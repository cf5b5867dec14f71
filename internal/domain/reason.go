package domain

import (
	"fmt"
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
	ReasonOtherZone    Reason = "other_time_zone"     // the server split the day in another time zone than requested
	ReasonNotConnected Reason = "not_connected"
	ReasonNotSyncedYet Reason = "not_synced_yet"
)

// reasonMessages tells users what a reason means and what to do.
var reasonMessages = map[Reason]string{
	ReasonPlanLimited:  "The WakaTime plan of this account does not include days this old.",
	ReasonThrottled:    "WakaTime is limiting requests. The next sync will retry.",
	ReasonNotReady:     "WakaTime is still computing this day. The next sync will retry.",
	ReasonUnavailable:  "WakaTime is unavailable. The next sync will retry.",
	ReasonInvalid:      "WakaTime returned an invalid response, which was not stored. The next sync will retry.",
	ReasonMissingDay:   "WakaTime's response did not include this day. The next sync will retry.",
	ReasonUnauthorized: "WakaTime no longer accepts the stored credentials. Reconnect.",
	ReasonMissingScope: "The connection lacks a permission that syncing requires. Reconnect and grant all requested permissions.",
	ReasonUnsupported:  "The connected server does not provide daily summaries.",
	ReasonRevoked:      "WakaTime ended the connection. Reconnect.",
	ReasonMisconfig:    "This Gradus server is not configured correctly for WakaTime. The operator has been notified; you do not need to do anything.",
	ReasonUnreadable:   "The stored credentials can no longer be decrypted. Reconnect.",
	ReasonOtherZone:    "This day was split in another time zone. Either the server ignored the requested one, or the time zone has changed and the next sync will fetch the day again.",
	ReasonNotConnected: "No WakaTime account was connected.",
	ReasonNotSyncedYet: "This day has not been fetched yet.",
}

// Reasons returns the message of each reason.
func Reasons() map[Reason]string { return reasonMessages }

// Message tells a user what the reason means and what to do. It is empty for ReasonNone.
func (r Reason) Message() string { return reasonMessages[r] }

// Temporary reports whether a retry may succeed without anyone fixing anything.
func (r Reason) Temporary() bool {
	return r == ReasonThrottled || r == ReasonNotReady || r == ReasonUnavailable || r == ReasonInvalid
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
