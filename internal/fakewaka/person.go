package fakewaka

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Person is somebody with a WakaTime account. Only Username is required.
type Person struct {
	// ID is the upstream user id. Empty: a UUID derived from Username and Seed.
	ID string `json:"id,omitempty"`
	// Username names the person everywhere in this package.
	Username string `json:"username"`
	// DisplayName is empty for the username.
	DisplayName string `json:"display_name,omitempty"`
	// Email is empty for <username>@example.com.
	Email string `json:"email,omitempty"`
	// TimeZone is the IANA zone of the account, empty for UTC. The person codes
	// by its wall clock, and days are cut in it unless a request names another.
	TimeZone string `json:"time_zone,omitempty"`
	// Plan is "free" when empty. It changes nothing but what users/current says.
	Plan string `json:"plan,omitempty"`
	// HistoryDays is how old a day may be before a call that asks for it is
	// answered with 402. Zero: no limit.
	HistoryDays int `json:"history_days,omitempty"`
	// KeystrokeTimeout is the account's own timeout in minutes, used when a
	// request sends none. Zero: 15.
	KeystrokeTimeout int `json:"keystroke_timeout,omitempty"`
	// Activity says how much they code.
	Activity Activity `json:"activity,omitzero"`
}

// Activity says how much and when a person codes. Its zero value is ten hours a
// week, mostly on weekdays, since 2024-01-01. Dates are YYYY-MM-DD in the
// person's own zone; in another zone the edges of a silent period may show the
// neighbouring days' coding.
type Activity struct {
	// WeeklyHours is the mean of coding hours in a week. Zero: 10.
	WeeklyHours float64 `json:"weekly_hours,omitempty"`
	// WeekendShare is the part of WeeklyHours coded on Saturday and Sunday, up
	// to 1. Zero: 0.15. Negative: none.
	WeekendShare float64 `json:"weekend_share,omitempty"`
	// Idle people have an account and never code.
	Idle bool `json:"idle,omitempty"`
	// Since is the first day with data. Empty: 2024-01-01.
	Since string `json:"since,omitempty"`
	// QuietSince is the first day of a silence that lasts. Empty: never.
	QuietSince string `json:"quiet_since,omitempty"`
	// GapFrom and GapTo are the first and the last day of a vacation.
	GapFrom string `json:"gap_from,omitempty"`
	GapTo   string `json:"gap_to,omitempty"`
}

const (
	defaultWeeklyHours  = 10
	defaultWeekendShare = 0.15
	defaultSince        = "2024-01-01"
)

// account is a person with everything that is derived or remembered.
type account struct {
	Person
	loc     *time.Location
	rhythm  rhythm
	habits  habits
	apiKey  string
	seedKey uint64
	wallet  *wallet
}

func (s *Server) newAccount(p Person) (*account, error) {
	if p.Username == "" {
		return nil, errors.New("a person needs a username")
	}
	id := s.derive("user", p.Username)
	p.ID = cmp.Or(p.ID, uuidFrom(id))
	p.DisplayName = cmp.Or(p.DisplayName, p.Username)
	p.Email = cmp.Or(p.Email, p.Username+"@example.com")
	p.TimeZone = cmp.Or(p.TimeZone, "UTC")
	p.Plan = cmp.Or(p.Plan, "free")
	p.KeystrokeTimeout = cmp.Or(p.KeystrokeTimeout, defaultYardstick.timeout)
	loc, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone of %s: %w", p.Username, err)
	}
	if p.KeystrokeTimeout < 0 || p.HistoryDays < 0 {
		return nil, fmt.Errorf("keystroke timeout or history days of %s: negative", p.Username)
	}
	r, err := newRhythm(p.Activity)
	if err != nil {
		return nil, fmt.Errorf("activity of %s: %w", p.Username, err)
	}
	seedKey := binary.BigEndian.Uint64(id[16:])
	return &account{
		Person:  p,
		loc:     loc,
		rhythm:  r,
		habits:  newHabits(p.Username, seedKey),
		apiKey:  s.APIKey(p.Username),
		seedKey: seedKey,
		wallet:  newWallet(),
	}, nil
}

// yardstick is how a request wants its time counted when it does not say.
func (a *account) yardstick() yardstick { return yardstick{timeout: a.KeystrokeTimeout} }

// uuidFrom shapes the first half of sum as a version 4 UUID in lower case.
func uuidFrom(sum [32]byte) string {
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
