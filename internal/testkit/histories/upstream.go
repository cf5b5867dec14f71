package histories

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// heartbeats is coding time that the server knows of from an instant on.
type heartbeats struct {
	at      time.Time
	seconds int
	arrives time.Time
}

// account is an upstream account.
type account struct {
	key          domain.Secret // the valid API key
	heartbeats   []heartbeats
	history      domain.Day // the number of days that the plan shows; 0 means all
	noCategories bool
	ignoresZone  bool
}

// response is what the server said of a day.
type response struct {
	account string
	day     domain.Day
	zone    string
	began   time.Time // when the sync began
	called  time.Time
	seconds int
}

// ended reports whether the day had ended when it was requested.
func (r response) ended() bool {
	return !r.called.Before(r.day.End(domain.ServerLocation(r.zone)))
}

// sure reports whether the day had ended when the sync began. A sync that searches for the days
// that a plan shows judges them all by its first request.
func (r response) sure() bool {
	return !r.began.Before(r.day.End(domain.ServerLocation(r.zone)))
}

// upstream implements ports.WakaTime. It records what it said.
type upstream struct {
	ports.WakaTime // nil: histories connect with keys
	clock          *time.Time
	accounts       map[string]*account
	outage         domain.Reason      // fails every request
	slow           time.Duration      // passes during every request
	began          time.Time          // when the last sync began
	missing        map[domain.Day]int // days to leave out of so many responses
	responses      map[string]map[domain.Day][]response
	asked          map[string]map[domain.Day]time.Time // the last request per account and day, with those that the plan hides
	rejected       bool                                // a key, since the last connect
	calls          int
}

// Yardstick costs as many requests as it does at most.
func (u *upstream) Yardstick(context.Context, domain.Credential, domain.TimeZone, domain.DayRange) (domain.Yardstick, error) {
	u.calls += yardstickRequests
	return domain.Yardstick{}, &domain.UpstreamError{Reason: domain.ReasonUnsupported}
}

// yardstickRequests is how many requests the client sends at most to measure an account.
const yardstickRequests = 5

func (u *upstream) BaseURLs(string) ([]string, error) { return []string{""}, nil }

func (u *upstream) Account(_ context.Context, c domain.Credential) (domain.WakaTimeAccount, error) {
	name, _ := u.find(c.Token)
	if name == "" {
		return domain.WakaTimeAccount{}, &domain.UpstreamError{Reason: domain.ReasonUnauthorized}
	}
	return domain.WakaTimeAccount{Server: "waka.example", ID: name + " of " + c.User.String(), Username: name}, nil
}

func (u *upstream) find(key domain.Secret) (string, *account) {
	for name, a := range u.accounts {
		if a.key == key {
			return name, a
		}
	}
	return "", nil
}

func (u *upstream) Summaries(_ context.Context, c domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error) {
	u.calls++
	called := *u.clock
	*u.clock = called.Add(u.slow)
	name, a := u.find(c.Token)
	if a == nil && (u.outage == domain.ReasonNone || u.outage == domain.ReasonPlanLimited) {
		u.rejected = true
		return domain.FetchedDays{}, &domain.UpstreamError{Reason: domain.ReasonUnauthorized}
	}
	hidden := a != nil && (u.outage == domain.ReasonPlanLimited || u.outage == domain.ReasonNone && a.history > 0 && r.From < zone.Today(called.Add(u.slow))-a.history+1)
	if hidden { // and so are all older days
		for d := domain.DayAt(Start, time.UTC) - 20; d < r.From; d++ {
			u.ask(name, d, called)
		}
	}
	if hidden || u.outage == domain.ReasonNone {
		for d := r.From; d <= r.To; d++ {
			u.ask(name, d, called)
		}
	}
	if hidden {
		return domain.FetchedDays{}, &domain.UpstreamError{Reason: domain.ReasonPlanLimited}
	}
	if u.outage != domain.ReasonNone {
		return domain.FetchedDays{}, &domain.UpstreamError{Reason: u.outage}
	}
	out := domain.FetchedDays{Source: "waka.example"}
	for d := r.From; d <= r.To; d++ {
		if u.missing[d] > 0 {
			u.missing[d]--
			out.Days = append(out.Days, domain.FetchedDay{Day: d, Failure: domain.ReasonMissingDay})
			continue
		}
		out.Days = append(out.Days, u.day(name, a, zone, d, called))
	}
	return out, nil
}

// day returns the day as the server sees it now, and records it.
func (u *upstream) day(name string, a *account, zone domain.TimeZone, d domain.Day, called time.Time) domain.FetchedDay {
	f := domain.FetchedDay{Day: d, TimeZone: string(zone)}
	if a.ignoresZone && zone != "UTC" {
		f.TimeZone, f.OtherZone = "UTC", true
	}
	loc := domain.ServerLocation(f.TimeZone)
	for _, h := range a.heartbeats {
		if domain.DayAt(h.at, loc) == d && !h.arrives.After(*u.clock) {
			f.Seconds += h.seconds
		}
	}
	f.Seconds = min(f.Seconds, 90_000)
	if a.noCategories && f.Seconds > 0 {
		f.Absent = []domain.Dimension{domain.ByCategory}
	} else {
		f.AISeconds = new(f.Seconds / 5)
	}
	u.responses[name][d] = append(u.responses[name][d], response{name, d, f.TimeZone, u.began, called, f.Seconds})
	return f
}

// ask records a request for a day. Clocks can go backwards: the latest instant counts.
func (u *upstream) ask(name string, d domain.Day, called time.Time) {
	if called.After(u.asked[name][d]) {
		u.asked[name][d] = called
	}
}
