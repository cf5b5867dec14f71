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

// element is one day of an answer. Only what is used is read: hours, minutes and text
// are rounded and contradict each other, and percent need not add up to 100.
type element struct {
	GrandTotal loose[struct {
		TotalSeconds loose[float64] `json:"total_seconds"`
	}] `json:"grand_total"`
	Range loose[struct {
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
	Name          text           `json:"name"`
	MachineNameID text           `json:"machine_name_id"`
	TotalSeconds  loose[float64] `json:"total_seconds"`
}

// Summaries returns one element for each day of r, oldest first, cut in zone. The time
// is counted with the same keystroke timeout for everybody, whatever they have set, so
// that a class is measured by one yardstick.
//
// A day that the answer lacks, contradicts itself about or garbles is in it as an
// error; days that were not asked for are dropped. An answer in which no day can be
// read at all is an error as a whole.
// Errors: *domain.UpstreamError.
func (c *Client) Summaries(ctx context.Context, cred domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error) {
	parameters := url.Values{
		"start": {r.From.String()}, "end": {r.To.String()}, "timezone": {string(zone)},
		"timeout": {"15"}, "writes_only": {"false"},
	}
	s, body, err := c.get(ctx, cred, "/users/current/summaries?"+parameters.Encode())
	if err != nil {
		return domain.FetchedDays{}, err
	}
	var answer struct {
		Data list[element] `json:"data"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Data == nil {
		return domain.FetchedDays{}, invalid(errNonsense)
	}
	d := decoder{zone: zone, user: cred.User, keepMachineNames: c.cfg.KeepMachineNames}
	came, ok := d.days(answer.Data)
	if !ok {
		return domain.FetchedDays{}, invalid(errNonsense)
	}
	source := s.host
	if cred.BaseURL == "" {
		source = cmp.Or(c.cfg.Source, s.host)
	}
	return domain.FetchedDays{Source: source, Days: inRange(came, r)}, nil
}

// inRange returns one element for each day of r.
func inRange(came map[domain.Day]domain.FetchedDay, r domain.DayRange) []domain.FetchedDay {
	out := make([]domain.FetchedDay, 0, r.Len())
	for day := r.From; day <= r.To; day++ {
		d, ok := came[day]
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

// decoder reads the days of one answer.
type decoder struct {
	zone             domain.TimeZone // asked for
	user             domain.UserID
	keepMachineNames bool
}

// days reads elements. It is not ok when there are some and none tells its day and
// its time.
func (d decoder) days(elements list[element]) (_ map[domain.Day]domain.FetchedDay, ok bool) {
	came := map[domain.Day]domain.FetchedDay{}
	ok = len(elements) == 0
	for _, e := range elements {
		start, readable := e.Range.value.Start.instant()
		if !readable {
			continue
		}
		ok = ok || e.GrandTotal.value.TotalSeconds.ok
		day := d.day(e, cutAt(start, string(e.Range.value.TimeZone), d.zone))
		if other, twice := came[day.Day]; twice && !same(day, other) {
			day = failedDay(day.Day, domain.ReasonInvalid)
		}
		came[day.Day] = day
	}
	return came, ok
}

func same(a, b domain.FetchedDay) bool {
	return a.State == b.State && a.Seconds == b.Seconds && a.TimeZone == b.TimeZone && slices.Equal(a.Shares, b.Shares)
}

// tolerance is by how many seconds a total may pass the day it is of.
const tolerance = 60

func (d decoder) day(e element, c cut) domain.FetchedDay {
	total := e.GrandTotal.value.TotalSeconds
	seconds := math.Round(total.value)
	if !c.whole || !total.ok || seconds < 0 || seconds > float64(c.seconds+tolerance) {
		return failedDay(c.day, domain.ReasonInvalid)
	}
	out := domain.FetchedDay{
		Day: c.day, State: domain.DayEmpty, Seconds: min(int(seconds), c.seconds), TimeZone: c.zone, Reason: c.reason,
	}
	if out.Seconds > 0 {
		out.State, out.Shares = domain.DayOK, d.shares(e, c.seconds)
	}
	return out
}

// shares returns the parts of a day; none is longer than limit.
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

// machine returns a name that tells a user's machines apart and does not say what they
// are called: host names are often people's names.
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
