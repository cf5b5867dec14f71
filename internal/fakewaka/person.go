package fakewaka

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Person is a user with a WakaTime account. Only Username is required.
type Person struct {
	// ID is the upstream user ID. It defaults to a UUID derived from Username
	// and Config.Seed.
	ID string `json:"id,omitempty"`
	// Username identifies the person everywhere in this package.
	Username string `json:"username"`
	// DisplayName defaults to Username.
	DisplayName string `json:"display_name,omitempty"`
	// Email defaults to <username>@example.com.
	Email string `json:"email,omitempty"`
	// TimeZone is the IANA zone of the account and defaults to UTC. The person
	// codes by its wall clock, and days are cut in it unless a request names
	// another zone.
	TimeZone string `json:"time_zone,omitempty"`
	// Plan defaults to "free". It affects only the response of users/current.
	Plan string `json:"plan,omitempty"`
	// HistoryDays is the maximum age of a day in days: requests for older days
	// return 402. Zero means no limit.
	HistoryDays int `json:"history_days,omitempty"`
	// KeystrokeTimeout is the account's timeout in minutes, used when a request
	// has none or Scenario.IgnoreTimeout is set. It defaults to 15.
	KeystrokeTimeout int `json:"keystroke_timeout,omitempty"`
	// Activity defines how much the person codes.
	Activity Activity `json:"activity,omitzero"`
}

// Activity defines how much and when a person codes. The zero value is ten hours
// a week, mostly on weekdays, since 2024-01-01. Dates are YYYY-MM-DD in the
// person's own zone. In another zone, the edges of an inactive period may include
// coding from the neighboring days.
type Activity struct {
	// WeeklyHours is the mean number of coding hours per week. It defaults to 10.
	WeeklyHours float64 `json:"weekly_hours,omitempty"`
	// WeekendShare is the fraction of WeeklyHours coded on Saturday and Sunday,
	// at most 1. It defaults to 0.15; a negative value means none.
	WeekendShare float64 `json:"weekend_share,omitempty"`
	// Idle means that the person has an account but never codes.
	Idle bool `json:"idle,omitempty"`
	// Since is the first day with data. It defaults to 2024-01-01.
	Since string `json:"since,omitempty"`
	// QuietSince is the day from which the person no longer codes. Empty means
	// never.
	QuietSince string `json:"quiet_since,omitempty"`
	// GapFrom and GapTo are the first and last day of a vacation.
	GapFrom string `json:"gap_from,omitempty"`
	GapTo   string `json:"gap_to,omitempty"`
}

const (
	defaultWeeklyHours  = 10
	defaultWeekendShare = 0.15
	defaultSince        = "2024-01-01"
)

// account is a person with derived data and issued tokens.
type account struct {
	Person
	loc      *time.Location
	schedule schedule
	habits   habits
	apiKey   string
	resets   int // of the key
	seedKey  uint64
	tokens   *tokenRecord
	extra    []session // from AddSession
	added    []session // the parts of extra that nothing else covers
}

func (s *Server) newAccount(p Person) (*account, error) {
	if p.Username == "" {
		return nil, errors.New("a person must have a username")
	}
	id := s.derive("user", p.Username)
	p.ID = cmp.Or(p.ID, uuidFrom(id))
	p.DisplayName = cmp.Or(p.DisplayName, p.Username)
	p.Email = cmp.Or(p.Email, p.Username+"@example.com")
	p.TimeZone = cmp.Or(p.TimeZone, "UTC")
	p.Plan = cmp.Or(p.Plan, "free")
	p.KeystrokeTimeout = cmp.Or(p.KeystrokeTimeout, defaultCountingRules.timeout)
	loc, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone of %s: %w", p.Username, err)
	}
	if p.KeystrokeTimeout < 0 || p.HistoryDays < 0 {
		return nil, fmt.Errorf("keystroke timeout or history days of %s: negative", p.Username)
	}
	r, err := newSchedule(p.Activity)
	if err != nil {
		return nil, fmt.Errorf("activity of %s: %w", p.Username, err)
	}
	seedKey := binary.BigEndian.Uint64(id[16:])
	return &account{
		Person:   p,
		loc:      loc,
		schedule: r,
		habits:   newHabits(p.Username, seedKey),
		apiKey:   s.newKey(p.Username, 0),
		seedKey:  seedKey,
		tokens:   newTokenRecord(),
	}, nil
}

// countingRules returns the rules for requests that do not set their own.
func (a *account) countingRules() countingRules { return countingRules{timeout: a.KeystrokeTimeout} }

// uuidFrom formats the first half of sum as a lowercase version 4 UUID.
func uuidFrom(sum [32]byte) string {
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
