package fakewaka

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"
)

// TokenFormat is how the token endpoint writes its answer.
type TokenFormat string

// The formats of a token answer. The zero value leaves the choice to the
// request's Accept header.
const (
	TokenForm TokenFormat = "form"
	TokenJSON TokenFormat = "json"
)

// RangeStyle is how a day of a summary says which day it is.
type RangeStyle string

// The styles of a range. The zero value is the style of the mount that was
// asked: WakaTime below /api/v1/, Wakapi below /api/compat/wakatime/v1/.
const (
	// RangeWakaTime sends date as YYYY-MM-DD, start and end as UTC instants and
	// timezone as the zone's name.
	RangeWakaTime RangeStyle = "wakatime"
	// RangeWakapi sends the time of the request as date, start and end with
	// their own offset, and UTC as timezone whatever the zone is.
	RangeWakapi RangeStyle = "wakapi"
)

// Scenario is how the server misbehaves. Its zero value is an honest server.
//
// The fields from Status on apply to the API. With Only set to an OAuth
// endpoint, those from Status to OversizeMB apply there as well.
// The JSON names are those of the control interface; durations are texts such
// as "1500ms".
type Scenario struct {
	// Only limits the scenario to one of Endpoints. Empty: all it touches.
	Only string `json:"only,omitempty"`
	// Calls limits it to the next so many calls that it touches; then the server
	// is honest. Zero: no limit.
	Calls int `json:"calls,omitempty"`

	// AccessDenied makes the authorize page come back with access_denied.
	AccessDenied bool `json:"access_denied,omitempty"`
	// GrantScope is granted at authorize instead of what was asked for.
	GrantScope string `json:"grant_scope,omitempty"`
	// TokenFormat forces the token answer's format whatever the request accepts.
	TokenFormat TokenFormat `json:"token_format,omitempty"`
	// TokenLifetime is how long new access tokens live. Zero: 365 days.
	// Negative: they are born expired.
	TokenLifetime time.Duration `json:"token_lifetime,omitempty"`
	// RotateRefresh answers a refresh with a new refresh token and kills the old
	// one. Otherwise the answer repeats the old one.
	RotateRefresh bool `json:"rotate_refresh,omitempty"`
	// OmitRefresh leaves refresh_token out of token answers.
	OmitRefresh bool `json:"omit_refresh,omitempty"`
	// InvalidGrant and InvalidClient refuse token calls with that error.
	InvalidGrant  bool `json:"invalid_grant,omitempty"`
	InvalidClient bool `json:"invalid_client,omitempty"`
	// TokenStatus and RevokeStatus answer those endpoints with that status.
	TokenStatus  int `json:"token_status,omitempty"`
	RevokeStatus int `json:"revoke_status,omitempty"`
	// TokenLimits enforces upstream's documented limits: at most 8 living access
	// tokens of a person, the oldest dies; and 10 new ones in an hour, then 429.
	TokenLimits bool `json:"token_limits,omitempty"`

	// Status answers with that status, 300 to 599, and an error body.
	Status int `json:"status,omitempty"`
	// Message is the text of that body. Empty: what upstream says.
	Message string `json:"message,omitempty"`
	// RetryAfter is sent with Status, TokenStatus and RevokeStatus as it stands:
	// seconds, a date, or garbage.
	RetryAfter string `json:"retry_after,omitempty"`
	// Timeout never answers; the call ends when the client leaves.
	Timeout bool `json:"timeout,omitempty"`
	// Delay waits before the answer.
	Delay time.Duration `json:"delay,omitempty"`
	// SlowBody sends the honest body at one byte a second.
	SlowBody bool `json:"slow_body,omitempty"`
	// Truncated announces the whole body, sends half and drops the connection.
	Truncated bool `json:"truncated,omitempty"`
	// FailConnections drops the connection without an answer. Go's client
	// repeats a GET by itself when that happens on a reused connection.
	FailConnections bool `json:"fail_connections,omitempty"`
	// HTML, Empty and GarbageJSON replace the body; the status is Status or 200.
	HTML        bool `json:"html,omitempty"`
	Empty       bool `json:"empty,omitempty"`
	GarbageJSON bool `json:"garbage_json,omitempty"`
	// OversizeMB streams a valid JSON object of that many megabytes.
	OversizeMB int `json:"oversize_mb,omitempty"`

	// AccessTokenExpired refuses every bearer token issued before the scenario
	// was set; a refreshed one works. API keys work.
	AccessTokenExpired bool `json:"access_token_expired,omitempty"`
	// ScopeMissing answers 403 whatever was granted.
	ScopeMissing bool `json:"scope_missing,omitempty"`
	// HistoryDays overrides the person's: a call that asks for a day more than
	// that many days before today is answered with 402. Zero: the person's.
	HistoryDays int `json:"history_days,omitempty"`
	// NotReady answers 202: stats and all_time_since_today with half of the
	// total and is_up_to_date false, the others with a message.
	NotReady bool `json:"not_ready,omitempty"`
	// EmptyStatusBar is a cold cache: no time, no cached_at, no date.
	EmptyStatusBar bool `json:"empty_status_bar,omitempty"`
	// IgnoreTimezone cuts days in the account's zone whatever is asked.
	IgnoreTimezone bool `json:"ignore_timezone,omitempty"`
	// RangeStyle overrides the mount's.
	RangeStyle RangeStyle `json:"range_style,omitempty"`

	// ScaleSeconds multiplies every number of seconds. Zero: 1.
	ScaleSeconds float64 `json:"scale_seconds,omitempty"`
	// NegativeSeconds and OverlongDay spoil the first day of the answer: minus
	// an hour, or 25 hours and a second. The other days are honest.
	NegativeSeconds bool `json:"negative_seconds,omitempty"`
	OverlongDay     bool `json:"overlong_day,omitempty"`
	// DuplicateDays sends each day twice; ConflictingDuplicateDays too, the
	// second time ten minutes longer.
	DuplicateDays            bool `json:"duplicate_days,omitempty"`
	ConflictingDuplicateDays bool `json:"conflicting_duplicate_days,omitempty"`
	// MissingDays are left out, YYYY-MM-DD; MissingLast leaves out that many
	// days at the end.
	MissingDays []string `json:"missing_days,omitempty"`
	MissingLast int      `json:"missing_last,omitempty"`
	// ExtraDays puts that many days that nobody asked for before the first.
	ExtraDays int `json:"extra_days,omitempty"`
	// WrongTypes sends total_seconds as text and text as a number.
	WrongTypes bool `json:"wrong_types,omitempty"`
	// UnknownFields adds fields to every object.
	UnknownFields bool `json:"unknown_fields,omitempty"`
	// MissingSeconds leaves out every field named seconds or decimal.
	MissingSeconds bool `json:"missing_seconds,omitempty"`
	// NullLists sends null for every list of names in a day.
	NullLists bool `json:"null_lists,omitempty"`
}

// Endpoints returns the names that Scenario.Only and Server.Calls know, which
// are the paths below the mount; every stats range is "stats".
func Endpoints() []string { return slices.Concat(oauthEndpoints, apiEndpoints) }

var (
	oauthEndpoints = []string{"authorize", "token", "revoke"}
	apiEndpoints   = []string{
		"users/current", "summaries", "status_bar/today", "statusbar/today",
		"all_time_since_today", "stats", "durations",
	}
)

func (sc Scenario) isZero() bool { return reflect.ValueOf(sc).IsZero() }

// validate refuses a scenario that could never do what it says.
func (sc Scenario) validate() error {
	if sc.Only != "" && !slices.Contains(Endpoints(), sc.Only) {
		return fmt.Errorf("only: unknown endpoint %q, want one of %q", sc.Only, Endpoints())
	}
	for name, status := range map[string]int{"status": sc.Status, "token_status": sc.TokenStatus, "revoke_status": sc.RevokeStatus} {
		if status != 0 && (status < 300 || status > 599) {
			return fmt.Errorf("%s: %d is not in 300 to 599", name, status)
		}
	}
	if !slices.Contains([]TokenFormat{"", TokenForm, TokenJSON}, sc.TokenFormat) {
		return fmt.Errorf("token_format: %q is neither %q nor %q", sc.TokenFormat, TokenForm, TokenJSON)
	}
	if !slices.Contains([]RangeStyle{"", RangeWakaTime, RangeWakapi}, sc.RangeStyle) {
		return fmt.Errorf("range_style: %q is neither %q nor %q", sc.RangeStyle, RangeWakaTime, RangeWakapi)
	}
	for name, n := range map[string]int{
		"calls": sc.Calls, "oversize_mb": sc.OversizeMB, "history_days": sc.HistoryDays,
		"missing_last": sc.MissingLast, "extra_days": sc.ExtraDays, "delay": int(sc.Delay),
	} {
		if n < 0 {
			return fmt.Errorf("%s: is negative", name)
		}
	}
	for _, d := range sc.MissingDays {
		if _, err := parseDate(d); err != nil {
			return fmt.Errorf("missing_days: %w", err)
		}
	}
	if _, err := parseScopes(sc.GrantScope); err != nil {
		return fmt.Errorf("grant_scope: %w", err)
	}
	return nil
}

// touches reports whether the scenario changes anything at endpoint.
func (sc Scenario) touches(endpoint string) bool {
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
		return !sc.apiPart().isZero()
	}
}

// at is what the scenario means at endpoint: without Only, the faults of the API
// must not spill over to OAuth.
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

// apiPart is the scenario without what belongs to OAuth.
func (sc Scenario) apiPart() Scenario {
	sc.Calls, sc.RetryAfter = 0, ""
	sc.AccessDenied, sc.GrantScope, sc.TokenFormat, sc.TokenLifetime = false, "", "", 0
	sc.RotateRefresh, sc.OmitRefresh, sc.InvalidGrant, sc.InvalidClient = false, false, false, false
	sc.TokenStatus, sc.RevokeStatus, sc.TokenLimits = 0, 0, false
	return sc
}

// status is the one to send with a body that replaces the honest one.
func (sc Scenario) status() int {
	if sc.Status != 0 {
		return sc.Status
	}
	return http.StatusOK
}
