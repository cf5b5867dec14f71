package wakatime

import (
	"context"
	"encoding/json"
	"errors"
	"math"

	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	// shortTimeout is a keystroke timeout in minutes that yields clearly less time than
	// domain.KeystrokeTimeout.
	shortTimeout = 1
	// enoughSeconds is the time from which the totals of the two timeouts must differ.
	enoughSeconds = 30 * 60
	// longestTimeout is the longest keystroke timeout in minutes that is plausible.
	longestTimeout = 24 * 60
)

// Yardstick implements ports.WakaTime.
//
// No response says whether the server honored the requested keystroke timeout. So it
// fetches the same days with two timeouts: on a server that honors it, the shorter one
// yields less time. Otherwise, the server measures by the settings of the account. Its stats
// may contain them; if not, they follow from heartbeats.
//
// It sends one request if the days have too little time to tell, two if the server honors
// the timeout, three if the stats tell, and otherwise at most five.
func (c *Client) Yardstick(ctx context.Context, cred domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.Yardstick, error) {
	unknown := domain.Yardstick{Kind: domain.YardstickUnknown}
	standard, err := c.endedDays(ctx, cred, zone, r, domain.KeystrokeTimeout)
	if err != nil {
		return unknown, err
	}
	var total int
	for _, d := range standard {
		total += d.Seconds
	}
	if total < enoughSeconds {
		return unknown, nil
	}
	// The shorter timeout comes second: time that arrives in between can only hide that
	// the server honors it.
	short, err := c.endedDays(ctx, cred, zone, r, shortTimeout)
	if err != nil {
		return unknown, err
	}
	var same int
	for day, d := range standard {
		got, ok := short[day]
		if ok && got.Seconds < d.Seconds {
			return domain.Yardstick{Kind: domain.YardstickStandard, Timeout: domain.KeystrokeTimeout}, nil
		}
		if ok && got.Seconds == d.Seconds {
			same += d.Seconds
		} else {
			delete(standard, day)
		}
	}
	if same < enoughSeconds {
		return unknown, nil
	}
	own, err := c.ownYardstick(ctx, cred)
	if err != nil || own.Timeout > 0 {
		return own, err
	}
	return c.recount(ctx, cred, zone, standard)
}

// endedDays returns the days of r that have ended and are readable.
func (c *Client) endedDays(ctx context.Context, cred domain.Credential, zone domain.TimeZone, r domain.DayRange, timeout int) (map[domain.Day]domain.FetchedDay, error) {
	sent := c.now()
	got, err := c.summaries(ctx, cred, zone, r, timeout)
	if err != nil {
		return nil, err
	}
	ended := map[domain.Day]domain.FetchedDay{}
	for _, d := range got.Days {
		if d.Failure == domain.ReasonNone && !sent.Before(d.Day.End(domain.ServerLocation(d.TimeZone))) {
			ended[d.Day] = d
		}
	}
	return ended, nil
}

// ownYardstick returns the yardstick of a server that measures by the settings of the
// account, as far as its stats tell. A failure that may not last is an error, because the next attempt may tell.
func (c *Client) ownYardstick(ctx context.Context, cred domain.Credential) (domain.Yardstick, error) {
	own := domain.Yardstick{Kind: domain.YardstickOther}
	_, body, err := c.get(ctx, cred, "/users/current/stats/last_7_days")
	if err != nil && !notProvided(err) && !forbidden(err) {
		return domain.Yardstick{Kind: domain.YardstickUnknown}, err
	}
	var parsed struct {
		Data lenient[struct {
			Timeout    lenient[float64] `json:"timeout"`
			WritesOnly lenient[bool]    `json:"writes_only"`
		}] `json:"data"`
	}
	if err != nil || json.Unmarshal(body, &parsed) != nil {
		return own, nil
	}
	settings := parsed.Data.value
	if t := settings.Timeout.value; t >= 1 && t <= longestTimeout && t == math.Trunc(t) {
		own.Timeout = int(t)
	}
	if own.Timeout == domain.KeystrokeTimeout && settings.WritesOnly.value == domain.WritesOnly {
		own.Kind = domain.YardstickStandard
	}
	return own, nil
}

// forbidden reports whether err means that the credential lacks a permission.
func forbidden(err error) bool {
	up, ok := errors.AsType[*domain.UpstreamError](err)
	return ok && (up.Reason == domain.ReasonMissingScope || up.Reason == domain.ReasonForbidden)
}
