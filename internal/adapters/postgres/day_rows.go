package postgres

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// label is a name that days refer to by its ID. Its kind is a domain.Dimension or zoneLabel.
type label struct{ kind, name string }

const zoneLabel = "time_zone"

// labelsOf returns the labels that days refer to, without IDs.
func labelsOf(rows []domain.DailySummary) map[label]int32 {
	out := map[label]int32{}
	for _, d := range rows {
		if d.TimeZone != "" {
			out[label{zoneLabel, d.TimeZone}] = 0
		}
		for _, s := range d.Shares {
			out[label{string(s.Dimension), s.Name}] = 0
		}
	}
	return out
}

// unresolved returns the labels without an ID.
func unresolved(labels map[label]int32) sqlc.ListLabelsParams {
	var out sqlc.ListLabelsParams
	for l, id := range labels {
		if id == 0 {
			out.Kinds, out.Names = append(out.Kinds, l.kind), append(out.Names, l.name)
		}
	}
	return out
}

// upsertParams converts days to columns. A part is the number label << 32 | seconds. Arrays
// have no NULLs: -1 seconds and ID 0 stand for them.
func upsertParams(rows []domain.DailySummary, labels map[label]int32) sqlc.UpsertDaysParams {
	p := sqlc.UpsertDaysParams{Parts: []int64{}}
	for _, d := range rows {
		first := len(p.Parts) + 1 // SQL arrays start at 1
		for _, s := range d.Shares {
			p.Parts = append(p.Parts, int64(labels[label{string(s.Dimension), s.Name}])<<32|int64(uint32(s.Seconds)))
		}
		p.FirstParts, p.LastParts = append(p.FirstParts, int32(first)), append(p.LastParts, int32(len(p.Parts)))
		p.Days, p.Attempts = append(p.Days, d.Day.Date()), append(p.Attempts, int16(d.Attempts))
		p.Seconds, p.AiSeconds = append(p.Seconds, secondsOrMinus(d.Seconds)), append(p.AiSeconds, secondsOrMinus(d.AISeconds))
		p.ZoneIds, p.AccountRefs = append(p.ZoneIds, labels[label{zoneLabel, d.TimeZone}]), append(p.AccountRefs, int32(d.Account))
		p.States, p.Reasons = append(p.States, string(d.State)), append(p.Reasons, string(d.Reason))
		p.Absents = append(p.Absents, joinDimensions(d.Absent))
	}
	return p
}

func secondsOrMinus(n *int) int32 {
	if n == nil {
		return -1
	}
	return int32(*n)
}

func joinDimensions(list []domain.Dimension) string {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = string(d)
	}
	return strings.Join(names, ",")
}

func splitDimensions(text string) []domain.Dimension {
	if text == "" {
		return nil
	}
	var out []domain.Dimension
	for name := range strings.SplitSeq(text, ",") {
		out = append(out, domain.Dimension(name))
	}
	return out
}

// accountJSON is an account with its checks, as the first row of ListDays carries it.
type accountJSON struct {
	Ref              domain.AccountRef
	Server, Username string
	Current          bool
	From, To         []string
	At               []time.Time
	SetAside         []struct {
		Day     string
		Seconds int
	} `json:"set_aside"` // days that are not in the ledger
}

// checks converts the arrays of an account.
func (a accountJSON) checks() (domain.Checks, error) {
	out := make(domain.Checks, len(a.From))
	for i := range a.From {
		from, err := domain.ParseDay("checked_from", a.From[i])
		if err != nil {
			return nil, err
		}
		to, err := domain.ParseDay("checked_to", a.To[i])
		if err != nil {
			return nil, err
		}
		out[i] = domain.Check{Days: domain.DayRange{From: from, To: to}, At: a.At[i].UTC()}
	}
	return out, nil
}

// dayAccount is an account that days came from.
type dayAccount struct {
	server, username string
	current          bool
	checks           domain.Checks
	setAside         map[domain.Day]int // seconds of days that are not in the ledger
}

func (a accountJSON) account() (out dayAccount, err error) {
	out = dayAccount{server: a.Server, username: a.Username, current: a.Current, setAside: map[domain.Day]int{}}
	for _, d := range a.SetAside {
		day, err := domain.ParseDay("day", d.Day)
		if err != nil {
			return out, err
		}
		out.setAside[day] = d.Seconds
	}
	out.checks, err = a.checks()
	return out, err
}

// dailySummaries converts rows. The first row carries the labels and accounts of all rows.
func dailySummaries(rows []sqlc.ListDaysRow) ([]domain.DailySummary, error) {
	labels := map[int32]label{}
	accounts := map[domain.AccountRef]dayAccount{}
	out := make([]domain.DailySummary, len(rows))
	for i, r := range rows {
		for j, id := range r.LabelIds {
			labels[id] = label{r.LabelKinds[j], r.LabelNames[j]}
		}
		if i == 0 {
			var list []accountJSON
			if err := json.Unmarshal(r.Accounts, &list); err != nil {
				return nil, fmt.Errorf("decode accounts: %w", err)
			}
			for _, a := range list {
				var err error
				if accounts[a.Ref], err = a.account(); err != nil {
					return nil, fmt.Errorf("decode account: %w", err)
				}
			}
		}
		out[i] = dailySummary(r, labels, accounts)
	}
	return out, nil
}

func dailySummary(r sqlc.ListDaysRow, labels map[int32]label, accounts map[domain.AccountRef]dayAccount) domain.DailySummary {
	d := domain.DailySummary{
		Day:       day(r.Day),
		State:     domain.DayState(r.State),
		Seconds:   intOrNil(r.Seconds),
		AISeconds: intOrNil(r.AiSeconds),
		ChangedAt: new(r.ChangedAt.UTC()),
		Attempts:  int(r.Attempts),
		Reason:    domain.Reason(r.Reason),
		Absent:    splitDimensions(r.Absent),
	}
	if r.ZoneID != nil {
		d.TimeZone = labels[*r.ZoneID].name
	}
	if r.AccountRef != nil {
		d.Account = domain.AccountRef(*r.AccountRef)
		a := accounts[d.Account]
		d.Source, d.Username = a.server, a.username
	}
	for ref, a := range accounts {
		if ref != d.Account {
			d.OtherSeconds += a.setAside[d.Day]
		}
	}
	d.CheckedAt = checkedAt(d, accounts)
	for _, p := range r.Parts {
		l := labels[int32(p>>32)]
		d.Shares = append(d.Shares, domain.Share{Dimension: domain.Dimension(l.kind), Name: l.name, Seconds: int(int32(p))})
	}
	return d
}

// checkedAt returns when the day was last requested from its account. If it was never
// returned, that is the connected account, or any if none is connected.
func checkedAt(d domain.DailySummary, accounts map[domain.AccountRef]dayAccount) *time.Time {
	account := d.Account
	for ref, a := range accounts {
		if a.current && account == 0 {
			account = ref
		}
	}
	var latest *time.Time
	for ref, a := range accounts {
		at, ok := a.checks.At(d.Day)
		if ok && (account == 0 || account == ref) && (latest == nil || at.After(*latest)) {
			latest = &at
		}
	}
	return latest
}

// trackedUser converts a row and computes the tracked days at now.
func trackedUser(r sqlc.GetTrackedUserRow, now time.Time) domain.TrackedUser {
	t := domain.TrackedUser{
		User:       domain.UserID(r.ID),
		Name:       r.Name,
		TimeZone:   domain.StoredTimeZone(r.UserZone),
		Connection: domain.NotConnected,
		Failure:    syncFailure(r.FailureReason, r.FailedAt, r.FailingSince),

		EverConnected: r.EverConnected,
		Server:        r.Server,
	}
	if r.State != nil {
		t.Connection = domain.ConnectionState(*r.State)
	}
	since := dayOr(r.ConnectedOn, r.ConnectedAt)
	var end *domain.Day
	if b, ok := batchCalendar(r.BatchZone, r.StartsOn, r.EndsOn, r.ArchivedAt); ok {
		t.Batch = domain.BatchID(*r.BatchID)
		t.TimeZone = b.TimeZone
		t.Active = b.Status(now) == domain.BatchActive
		since, end = cmp.Or(dayOr(r.EnrolledOn, r.EnrolledAt), since), &b.EndsOn
	}
	t.Today = t.TimeZone.Today(now)
	if since == nil {
		t.Tracked = domain.DayRange{From: t.Today, To: t.Today - 1}
		return t
	}
	t.Tracked = domain.TrackedDays(*since, t.Today, end)
	return t
}

// dayOr returns a stored day. For a row of an older program, it is the day in UTC until the
// Migrator has computed it.
func dayOr(on, at *time.Time) *domain.Day {
	switch {
	case on != nil:
		return new(day(*on))
	case at != nil:
		return new(domain.UTC.Today(*at))
	}
	return nil
}
