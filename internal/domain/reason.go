package domain

import (
	"fmt"
	"time"
)

// Reason says why a day, or a whole sync, is not known.
type Reason string

// The reasons.
const (
	ReasonNone         Reason = ""
	ReasonPlanLimited  Reason = "plan_limited"      // 402: older than the account's plan shows
	ReasonThrottled    Reason = "throttled"         // 429, or 302 which means the same upstream
	ReasonNotReady     Reason = "not_ready"         // 202: upstream is still computing
	ReasonUnavailable  Reason = "unavailable"       // 5xx, time-out, no connection, breaker open
	ReasonInvalid      Reason = "invalid_answer"    // an answer that makes no sense
	ReasonMissingDay   Reason = "missing_in_answer" // asked for, and not in the answer
	ReasonUnauthorized Reason = "unauthorized"      // 401
	ReasonMissingScope Reason = "missing_scope"     // 403
	ReasonUnsupported  Reason = "unsupported"       // 404: the server has no such endpoint
	ReasonRevoked      Reason = "revoked"           // invalid_grant: the user has to connect again
	ReasonMisconfig    Reason = "misconfigured"     // invalid_client: the operator has to mend it
	ReasonUnreadable   Reason = "token_unreadable"  // sealed with a key that is gone
	ReasonOtherZone    Reason = "other_time_zone"   // the server cut the day in another zone than asked
	ReasonNotConnected Reason = "not_connected"
	ReasonNotSyncedYet Reason = "not_synced_yet"
)

// reasonWords tells people what a reason means and what to do.
var reasonWords = map[Reason]string{
	ReasonPlanLimited:  "The WakaTime plan of this account does not show days this old.",
	ReasonThrottled:    "WakaTime asked us to slow down; the next sync tries again.",
	ReasonNotReady:     "WakaTime is still computing this day; the next sync tries again.",
	ReasonUnavailable:  "WakaTime could not be reached; the next sync tries again.",
	ReasonInvalid:      "WakaTime's answer made no sense, so it was not stored; the next sync tries again.",
	ReasonMissingDay:   "WakaTime left this day out of its answer; the next sync tries again.",
	ReasonUnauthorized: "WakaTime no longer accepts the stored sign-in. Connect again.",
	ReasonMissingScope: "The connection lacks a permission that syncing needs. Connect again and allow everything that is asked for.",
	ReasonUnsupported:  "The connected server does not offer daily summaries.",
	ReasonRevoked:      "WakaTime ended the connection. Connect again.",
	ReasonMisconfig:    "This Gradus server is not set up correctly with WakaTime. The operator has been alarmed; nothing needs to be done by you.",
	ReasonUnreadable:   "The stored sign-in cannot be read any more. Connect again.",
	ReasonOtherZone:    "This day was cut in another time zone: the server ignored ours, or the zone has changed and the next sync cuts it anew.",
	ReasonNotConnected: "No WakaTime account was connected.",
	ReasonNotSyncedYet: "This day has not been fetched yet.",
}

// Reasons lists every reason with its words.
func Reasons() map[Reason]string { return reasonWords }

// Message tells a person what the reason means; empty for ReasonNone.
func (r Reason) Message() string { return reasonWords[r] }

// Temporary reports whether asking again soon may help, without anybody mending
// anything.
func (r Reason) Temporary() bool {
	return r == ReasonThrottled || r == ReasonNotReady || r == ReasonUnavailable || r == ReasonInvalid
}

// DaySpecific reports whether the reason lies in the days asked for, so that other days
// of the same connection may still be answered.
func (r Reason) DaySpecific() bool {
	return r == ReasonPlanLimited || r == ReasonNotReady || r == ReasonInvalid
}

// UpstreamError is a request to WakaTime that gave no days. It never holds a token.
type UpstreamError struct {
	Reason     Reason
	RetryAfter time.Duration // what the server asked for; 0 when it said nothing
	Err        error
}

func (e *UpstreamError) Error() string {
	if e.Err == nil {
		return "wakatime: " + string(e.Reason)
	}
	return fmt.Sprintf("wakatime: %s: %v", e.Reason, e.Err)
}

func (e *UpstreamError) Unwrap() error { return e.Err }
