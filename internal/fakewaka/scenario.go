package fakewaka

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"
)

// TokenFormat is the format of token responses.
type TokenFormat string

// The formats of a token response. With the zero value, the request's Accept header
// decides.
const (
	TokenForm TokenFormat = "form"
	TokenJSON TokenFormat = "json"
)

// RangeStyle is the format of the range object in summaries.
type RangeStyle string

// The styles of a range. The zero value is the style of the request's mount:
// WakaTime below /api/v1/, Wakapi below /api/compat/wakatime/v1/.
const (
	// RangeWakaTime sends date as YYYY-MM-DD, start and end as UTC timestamps,
	// and timezone as the zone's name.
	RangeWakaTime RangeStyle = "wakatime"
	// RangeWakapi sends the time of the request as date, start and end with
	// their own offset, and always UTC as timezone.
	RangeWakapi RangeStyle = "wakapi"
)

// Scenario defines the faults that the server injects. Its zero value is a server
// without faults.
//
// The fields from Status on apply to the API. If Only is an OAuth endpoint, those
// from Status to OversizeMB apply there as well. The JSON names are those of the
// control API; durations are strings such as "1500ms".
type Scenario struct {
	// Only limits the scenario to one of Endpoints. If empty, it applies to all
	// endpoints that it affects.
	Only string `json:"only,omitempty"`
	// Calls limits the scenario to that many calls that it affects; then it is
	// removed. Zero means no limit.
	Calls int `json:"calls,omitempty"`
	// OverDays limits the scenario to requests for summaries of more than that many days.
	// Zero means no limit.
	OverDays int `json:"over_days,omitempty"`

	// AccessDenied makes the authorize page redirect with access_denied.
	AccessDenied bool `json:"access_denied,omitempty"`
	// GrantScope is granted at authorize instead of the requested scope.
	GrantScope string `json:"grant_scope,omitempty"`
	// TokenFormat forces the format of token responses, regardless of what the request
	// accepts.
	TokenFormat TokenFormat `json:"token_format,omitempty"`
	// TokenLifetime is the lifetime of new access tokens. It defaults to 365
	// days. If negative, tokens are issued expired.
	TokenLifetime time.Duration `json:"token_lifetime,omitempty"`
	// RotateRefresh returns a new refresh token with every refresh and revokes
	// the old one. Otherwise, the response contains the old one.
	RotateRefresh bool `json:"rotate_refresh,omitempty"`
	// OmitRefresh omits refresh_token from token responses.
	OmitRefresh bool `json:"omit_refresh,omitempty"`
	// InvalidGrant and InvalidClient make token calls fail with that error.
	InvalidGrant  bool `json:"invalid_grant,omitempty"`
	InvalidClient bool `json:"invalid_client,omitempty"`
	// TokenStatus and RevokeStatus are statuses that those endpoints return.
	TokenStatus  int `json:"token_status,omitempty"`
	RevokeStatus int `json:"revoke_status,omitempty"`
	// TokenLimits enforces upstream's documented limits: at most 8 valid access
	// tokens per person, after which the oldest is revoked, and at most 10 new
	// ones per hour, after which the endpoint returns 429.
	TokenLimits bool `json:"token_limits,omitempty"`

	// Status is a status, 300 to 599, to return with an error body.
	Status int `json:"status,omitempty"`
	// Message is the text of that body. It defaults to upstream's message.
	Message string `json:"message,omitempty"`
	// RetryAfter is sent verbatim with Status, TokenStatus and RevokeStatus:
	// seconds, a date, or garbage.
	RetryAfter string `json:"retry_after,omitempty"`
	// Timeout never responds; the call ends when the client disconnects.
	Timeout bool `json:"timeout,omitempty"`
	// Delay waits before the response.
	Delay time.Duration `json:"delay,omitempty"`
	// SlowBody sends the normal body at one byte per second.
	SlowBody bool `json:"slow_body,omitempty"`
	// Truncated announces the full length, sends half of the body and drops the
	// connection.
	Truncated bool `json:"truncated,omitempty"`
	// FailConnections drops the connection without a response. Go's client
	// retries a GET by itself when that happens on a reused connection.
	FailConnections bool `json:"fail_connections,omitempty"`
	// HTML, Empty, EmptyData and GarbageJSON replace the body. EmptyData sends an
	// object whose data is an empty list. The status is Status, or 200.
	HTML        bool `json:"html,omitempty"`
	Empty       bool `json:"empty,omitempty"`
	EmptyData   bool `json:"empty_data,omitempty"`
	GarbageJSON bool `json:"garbage_json,omitempty"`
	// OversizeMB streams a valid JSON object of that many megabytes.
	OversizeMB int `json:"oversize_mb,omitempty"`

	// MissingEndpoints lists endpoints of the API that return 404 with a text body,
	// regardless of the credential.
	MissingEndpoints []string `json:"missing_endpoints,omitempty"`
	// AccessTokenExpired rejects every bearer token issued before the scenario
	// was set. Refreshed tokens and API keys work.
	AccessTokenExpired bool `json:"access_token_expired,omitempty"`
	// ScopeMissing returns 403 regardless of the granted scopes.
	ScopeMissing bool `json:"scope_missing,omitempty"`
	// HistoryDays overrides Person.HistoryDays: requests for a day more than
	// that many days before today return 402. Zero means no override.
	HistoryDays int `json:"history_days,omitempty"`
	// NotReady returns 202: stats and all_time_since_today with half of the
	// total and is_up_to_date false, the others with a message.
	NotReady bool `json:"not_ready,omitempty"`
	// EmptyStatusBar simulates a cold cache: no time, no cached_at, no date.
	EmptyStatusBar bool `json:"empty_status_bar,omitempty"`
	// IgnoreTimezone cuts days in the account's zone, regardless of what the request says.
	IgnoreTimezone bool `json:"ignore_timezone,omitempty"`
	// IgnoreTimeout ignores timeout and writes_only in requests, as Wakapi does. Time
	// is then counted with the account's timeout.
	IgnoreTimeout bool `json:"ignore_timeout,omitempty"`
	// RangeStyle overrides the mount's style.
	RangeStyle RangeStyle `json:"range_style,omitempty"`

	// ScaleSeconds multiplies every number of seconds. It defaults to 1.
	ScaleSeconds float64 `json:"scale_seconds,omitempty"`
	// NegativeSeconds and OverlongDay corrupt the total of the first day: minus
	// one hour, or 25 hours and one second. The other days are correct.
	NegativeSeconds bool `json:"negative_seconds,omitempty"`
	OverlongDay     bool `json:"overlong_day,omitempty"`
	// DuplicateDays and ConflictingDuplicateDays send each day twice. The
	// latter makes the second one ten minutes longer.
	DuplicateDays            bool `json:"duplicate_days,omitempty"`
	ConflictingDuplicateDays bool `json:"conflicting_duplicate_days,omitempty"`
	// MissingDays lists days to omit (YYYY-MM-DD). MissingLast omits that many
	// days at the end.
	MissingDays []string `json:"missing_days,omitempty"`
	MissingLast int      `json:"missing_last,omitempty"`
	// ExtraDays adds that many days that were not requested before the first.
	ExtraDays int `json:"extra_days,omitempty"`
	// WrongTypes sends total_seconds as a string and text as a number.
	WrongTypes bool `json:"wrong_types,omitempty"`
	// UnknownFields adds fields to every object.
	UnknownFields bool `json:"unknown_fields,omitempty"`
	// MissingSeconds omits every field named seconds or decimal.
	MissingSeconds bool `json:"missing_seconds,omitempty"`
	// NullLists sends null for every list of names in a day.
	NullLists bool `json:"null_lists,omitempty"`
	// OnlyParts names the lists of names in a day, such as "projects". The others are
	// omitted. Nil means all of them, an empty list means none.
	OnlyParts []string `json:"only_parts,omitzero"`
}

// Endpoints returns the names that Scenario.Only and Server.Calls accept: the paths
// below the mount, with "stats" for every stats range.
func Endpoints() []string { return slices.Concat(oauthEndpoints, apiEndpoints) }

var (
	oauthEndpoints = []string{"authorize", "token", "revoke"}
	apiEndpoints   = []string{
		"users/current", "summaries", "status_bar/today", "statusbar/today",
		"all_time_since_today", "stats", "durations",
	}
)

func (sc Scenario) isZero() bool { return reflect.ValueOf(sc).IsZero() }

// validate rejects unknown endpoints and invalid values.
func (sc Scenario) validate() error {
	if sc.Only != "" && !slices.Contains(Endpoints(), sc.Only) {
		return fmt.Errorf("only: unknown endpoint %q, want one of %q", sc.Only, Endpoints())
	}
	for name, status := range map[string]int{"status": sc.Status, "token_status": sc.TokenStatus, "revoke_status": sc.RevokeStatus} {
		if status != 0 && (status < 300 || status > 599) {
			return fmt.Errorf("%s: %d is not in the range 300 to 599", name, status)
		}
	}
	if !slices.Contains([]TokenFormat{"", TokenForm, TokenJSON}, sc.TokenFormat) {
		return fmt.Errorf("token_format: %q is neither %q nor %q", sc.TokenFormat, TokenForm, TokenJSON)
	}
	if !slices.Contains([]RangeStyle{"", RangeWakaTime, RangeWakapi}, sc.RangeStyle) {
		return fmt.Errorf("range_style: %q is neither %q nor %q", sc.RangeStyle, RangeWakaTime, RangeWakapi)
	}
	for name, n := range map[string]int{
		"calls": sc.Calls, "over_days": sc.OverDays, "oversize_mb": sc.OversizeMB, "history_days": sc.HistoryDays,
		"missing_last": sc.MissingLast, "extra_days": sc.ExtraDays, "delay": int(sc.Delay),
	} {
		if n < 0 {
			return fmt.Errorf("%s: must not be negative", name)
		}
	}
	if err := sc.validateLists(); err != nil {
		return err
	}
	if _, err := parseScopes(sc.GrantScope); err != nil {
		return fmt.Errorf("grant_scope: %w", err)
	}
	return nil
}

func (sc Scenario) validateLists() error {
	for _, d := range sc.MissingDays {
		if _, err := parseDate(d); err != nil {
			return fmt.Errorf("missing_days: %w", err)
		}
	}
	for _, name := range sc.MissingEndpoints {
		if !slices.Contains(apiEndpoints, name) {
			return fmt.Errorf("missing_endpoints: unknown endpoint %q, want one of %q", name, apiEndpoints)
		}
	}
	for _, name := range sc.OnlyParts {
		if !slices.Contains(kindNames[:], name) {
			return fmt.Errorf("only_parts: unknown list %q, want one of %q", name, kindNames)
		}
	}
	return nil
}

// affects reports whether the scenario changes anything at endpoint.
func (sc Scenario) affects(endpoint string) bool {
	if sc.Only != "" {
		return sc.Only == endpoint
	}
	switch endpoint {
	case "authorize":
		return sc.AccessDenied || sc.GrantScope != ""
	case "token":
		return sc.TokenFormat != "" || sc.TokenLifetime != 0 || sc.RotateRefresh || sc.OmitRefresh ||
			sc.InvalidGrant || sc.InvalidClient || sc.TokenStatus != 0 || sc.TokenLimits
	case "revoke":
		return sc.RevokeStatus != 0
	default:
		faults := sc.apiFaults()
		if !slices.Contains(sc.MissingEndpoints, endpoint) {
			faults.MissingEndpoints = nil
		}
		return !faults.isZero()
	}
}

// at returns the part of the scenario that applies to endpoint: without Only, the
// faults of the API must not affect OAuth.
func (sc Scenario) at(endpoint string) Scenario {
	if sc.Only != "" || !slices.Contains(oauthEndpoints, endpoint) {
		return sc
	}
	return Scenario{
		AccessDenied: sc.AccessDenied, GrantScope: sc.GrantScope,
		TokenFormat: sc.TokenFormat, TokenLifetime: sc.TokenLifetime,
		RotateRefresh: sc.RotateRefresh, OmitRefresh: sc.OmitRefresh,
		InvalidGrant: sc.InvalidGrant, InvalidClient: sc.InvalidClient,
		TokenStatus: sc.TokenStatus, RevokeStatus: sc.RevokeStatus,
		TokenLimits: sc.TokenLimits, RetryAfter: sc.RetryAfter,
	}
}

// apiFaults returns the scenario without the fields that apply to OAuth.
func (sc Scenario) apiFaults() Scenario {
	sc.Calls, sc.OverDays, sc.RetryAfter = 0, 0, ""
	sc.AccessDenied, sc.GrantScope, sc.TokenFormat, sc.TokenLifetime = false, "", "", 0
	sc.RotateRefresh, sc.OmitRefresh, sc.InvalidGrant, sc.InvalidClient = false, false, false, false
	sc.TokenStatus, sc.RevokeStatus, sc.TokenLimits = 0, 0, false
	return sc
}

// status returns the status to send with a replaced body.
func (sc Scenario) status() int {
	if sc.Status != 0 {
		return sc.Status
	}
	return http.StatusOK
}
