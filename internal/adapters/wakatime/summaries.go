package wakatime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

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
// Days that are missing, contradictory or malformed have a Failure. Days that were not
// requested are dropped. A response whose days are all malformed is an error.
func (c *Client) Summaries(ctx context.Context, cred domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error) {
	return c.summaries(ctx, cred, zone, r, domain.KeystrokeTimeout)
}

// summaries implements Summaries for a keystroke timeout in minutes.
func (c *Client) summaries(ctx context.Context, cred domain.Credential, zone domain.TimeZone, r domain.DayRange, timeout int) (domain.FetchedDays, error) {
	parameters := url.Values{
		"start": {r.From.String()}, "end": {r.To.String()}, "timezone": {string(zone)},
		"timeout": {strconv.Itoa(timeout)}, "writes_only": {strconv.FormatBool(domain.WritesOnly)},
	}
	a, body, err := c.get(ctx, cred, "/users/current/summaries?"+parameters.Encode())
	if err != nil {
		return domain.FetchedDays{}, err
	}
	var parsed struct {
		Data list[element] `json:"data"`
	}
	if json.Unmarshal(body, &parsed) != nil || parsed.Data == nil {
		return domain.FetchedDays{}, invalid(errMalformed)
	}
	d := decoder{
		zone: zone, user: cred.User, keepMachineNames: c.cfg.KeepMachineNames,
		noDependencies: strings.HasSuffix(cred.BaseURL, wakapiPrefix),
	}
	received, ok := d.days(parsed.Data)
	if !ok {
		return domain.FetchedDays{}, invalid(errMalformed)
	}
	return domain.FetchedDays{Source: c.source(a), Days: inRange(received, r)}, nil
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
	return domain.FetchedDay{Day: day, Failure: r}
}

// decoder parses the days of a response.
type decoder struct {
	zone             domain.TimeZone // requested
	user             domain.UserID
	keepMachineNames bool
	noDependencies   bool // the server never returns dependencies
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
	return a.Failure == b.Failure && a.Seconds == b.Seconds && a.TimeZone == b.TimeZone &&
		slices.Equal(a.Shares, b.Shares) && slices.Equal(a.Absent, b.Absent)
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
		Day: b.day, Seconds: min(int(seconds), b.seconds), TimeZone: b.zone, OtherZone: b.other,
	}
	out.Absent = d.absent(e, out.Seconds > 0)
	if out.Seconds > 0 {
		out.Shares = d.shares(e, b.seconds)
	}
	if out.Seconds == 0 || !slices.Contains(out.Absent, domain.ByCategory) {
		ai := min(out.Seconds, aiSeconds(e.Categories, b.seconds))
		out.AISeconds = &ai
	}
	return out
}

// aiCategory is the category of the time that AI agents coded, without spaces.
const aiCategory = "aicoding"

// aiSeconds returns the time that AI agents coded. It ignores parts that shares drops.
func aiSeconds(categories list[item], limit int) int {
	sum := 0
	for _, i := range categories {
		if strings.EqualFold(strings.Join(strings.Fields(string(i.Name)), ""), aiCategory) {
			sum += i.seconds(limit)
		}
	}
	return sum
}

// lists returns the parts of a day by dimension. The list of a dimension that the server
// does not offer is nil.
func (e element) lists() map[domain.Dimension]list[item] {
	return map[domain.Dimension]list[item]{
		domain.ByLanguage: e.Languages, domain.ByProject: e.Projects, domain.ByEditor: e.Editors,
		domain.ByOperatingSystem: e.OperatingSystems, domain.ByCategory: e.Categories,
		domain.ByDependency: e.Dependencies, domain.ByMachine: e.Machines,
	}
}

// absent returns the dimensions that the server does not offer, in storage order. Some
// servers leave a list out, others always send it empty:
//
//   - Coding time always has a language, project, editor, operating system, category and
//     machine, so an empty list of these on a day with time is not offered (Hackatime).
//   - Time need not have dependencies. Wakapi never returns any.
func (d decoder) absent(e element, hasTime bool) []domain.Dimension {
	lists := e.lists()
	var absent []domain.Dimension
	for _, dimension := range domain.Dimensions {
		partial := dimension == domain.ByDependency && !d.noDependencies
		if l := lists[dimension]; l == nil || len(l) == 0 && hasTime && !partial {
			absent = append(absent, dimension)
		}
	}
	return absent
}

// seconds returns the length of a part of a day, or 0 if it is longer than limit.
func (i item) seconds(limit int) int {
	seconds := math.Round(i.TotalSeconds.value)
	if seconds <= 0 || seconds > float64(limit+tolerance) {
		return 0
	}
	return int(seconds)
}

// shares returns the parts of a day. It drops parts that are longer than limit.
func (d decoder) shares(e element, limit int) []domain.Share {
	var shares []domain.Share
	for dimension, items := range e.lists() {
		for _, i := range items {
			name := string(i.Name)
			if dimension == domain.ByMachine && !d.keepMachineNames {
				name = d.machine(i)
			}
			shares = append(shares, domain.Share{Dimension: dimension, Name: name, Seconds: i.seconds(limit)})
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
