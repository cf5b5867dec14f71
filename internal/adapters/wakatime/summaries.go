package wakatime

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"net/url"
	"slices"

	"github.com/gradus-dev/gradus/internal/domain"
)

// element is a day in a response. Other fields are ignored: hours, minutes and text are
// rounded and contradict each other, and percent need not add up to 100.
type element struct {
	GrandTotal lenient[struct {
		TotalSeconds lenient[float64] `json:"total_seconds"`
	}] `json:"grand_total"`
	Range lenient[struct {
		Start    text `json:"start"`
		TimeZone text `json:"timezone"`
	}] `json:"range"`
	Languages        list[item] `json:"languages"`
	Projects         list[item] `json:"projects"`
	Editors          list[item] `json:"editors"`
	OperatingSystems list[item] `json:"operating_systems"`
	Categories       list[item] `json:"categories"`
	Dependencies     list[item] `json:"dependencies"`
	Machines         list[item] `json:"machines"`
}

// item is a part of a day.
type item struct {
	Name          text             `json:"name"`
	MachineNameID text             `json:"machine_name_id"`
	TotalSeconds  lenient[float64] `json:"total_seconds"`
}

// Summaries implements ports.WakaTime. It requests the same keystroke timeout for all
// users, regardless of their settings, so that the students of a batch are comparable.
//
// Days that are missing, contradictory or malformed are returned as errors. Days that
// were not requested are dropped. A response without any readable day is an error.
func (c *Client) Summaries(ctx context.Context, cred domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error) {
	parameters := url.Values{
		"start": {r.From.String()}, "end": {r.To.String()}, "timezone": {string(zone)},
		"timeout": {"15"}, "writes_only": {"false"},
	}
	s, body, err := c.get(ctx, cred, "/users/current/summaries?"+parameters.Encode())
	if err != nil {
		return domain.FetchedDays{}, err
	}
	var parsed struct {
		Data list[element] `json:"data"`
	}
	if json.Unmarshal(body, &parsed) != nil || parsed.Data == nil {
		return domain.FetchedDays{}, invalid(errMalformed)
	}
	d := decoder{zone: zone, user: cred.User, keepMachineNames: c.cfg.KeepMachineNames}
	received, ok := d.days(parsed.Data)
	if !ok {
		return domain.FetchedDays{}, invalid(errMalformed)
	}
	source := s.host
	if cred.BaseURL == "" {
		source = cmp.Or(c.cfg.Source, s.host)
	}
	return domain.FetchedDays{Source: source, Days: inRange(received, r)}, nil
}

// inRange returns one day for each day of r.
func inRange(received map[domain.Day]domain.FetchedDay, r domain.DayRange) []domain.FetchedDay {
	out := make([]domain.FetchedDay, 0, r.Len())
	for day := r.From; day <= r.To; day++ {
		d, ok := received[day]
		if !ok {
			d = failedDay(day, domain.ReasonMissingDay)
		}
		out = append(out, d)
	}
	return out
}

func failedDay(day domain.Day, r domain.Reason) domain.FetchedDay {
	return domain.FetchedDay{Day: day, State: domain.DayError, Reason: r}
}

// decoder parses the days of a response.
type decoder struct {
	zone             domain.TimeZone // requested
	user             domain.UserID
	keepMachineNames bool
}

// days parses elements. It reports false if there are elements but none has both a day
// and a total.
func (d decoder) days(elements list[element]) (_ map[domain.Day]domain.FetchedDay, ok bool) {
	received := map[domain.Day]domain.FetchedDay{}
	ok = len(elements) == 0
	for _, e := range elements {
		start, readable := e.Range.value.Start.instant()
		if !readable {
			continue
		}
		ok = ok || e.GrandTotal.value.TotalSeconds.ok
		day := d.day(e, boundsAt(start, string(e.Range.value.TimeZone), d.zone))
		if other, duplicate := received[day.Day]; duplicate && !same(day, other) {
			day = failedDay(day.Day, domain.ReasonInvalid)
		}
		received[day.Day] = day
	}
	return received, ok
}

func same(a, b domain.FetchedDay) bool {
	return a.State == b.State && a.Seconds == b.Seconds && a.TimeZone == b.TimeZone && slices.Equal(a.Shares, b.Shares)
}

// tolerance is the number of seconds by which a total may exceed the length of its day.
const tolerance = 60

func (d decoder) day(e element, b dayBounds) domain.FetchedDay {
	total := e.GrandTotal.value.TotalSeconds
	seconds := math.Round(total.value)
	if !b.whole || !total.ok || seconds < 0 || seconds > float64(b.seconds+tolerance) {
		return failedDay(b.day, domain.ReasonInvalid)
	}
	out := domain.FetchedDay{
		Day: b.day, State: domain.DayEmpty, Seconds: min(int(seconds), b.seconds), TimeZone: b.zone, Reason: b.reason,
	}
	if out.Seconds > 0 {
		out.State, out.Shares = domain.DayOK, d.shares(e, b.seconds)
	}
	return out
}

// shares returns the parts of a day. It drops parts that are longer than limit.
func (d decoder) shares(e element, limit int) []domain.Share {
	var shares []domain.Share
	for dimension, items := range map[domain.Dimension]list[item]{
		domain.ByLanguage: e.Languages, domain.ByProject: e.Projects, domain.ByEditor: e.Editors,
		domain.ByOperatingSystem: e.OperatingSystems, domain.ByCategory: e.Categories,
		domain.ByDependency: e.Dependencies, domain.ByMachine: e.Machines,
	} {
		for _, i := range items {
			seconds := math.Round(i.TotalSeconds.value)
			if seconds <= 0 || seconds > float64(limit+tolerance) {
				continue
			}
			name := string(i.Name)
			if dimension == domain.ByMachine && !d.keepMachineNames {
				name = d.machine(i)
			}
			shares = append(shares, domain.Share{Dimension: dimension, Name: name, Seconds: int(seconds)})
		}
	}
	return domain.NormalizeShares(shares)
}

// machine returns a name that distinguishes a user's machines without revealing their
// host names, which often contain people's names.
func (d decoder) machine(i item) string {
	id := i.MachineNameID
	if id == "" {
		id = i.Name
	}
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(d.user.String() + "|" + string(id)))
	return "machine " + hex.EncodeToString(sum[:3])
}
