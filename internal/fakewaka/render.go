package fakewaka

import (
	"fmt"
	"math"
	"time"
)

// look is how numbers are written: WakaTime's fractions and plurals, or
// Wakapi's whole seconds.
type look struct {
	compat  bool
	decimal bool // the status bar's items have decimal, the summaries' have not
}

// item is one name with its time.
type item struct {
	Name          string  `json:"name"`
	TotalSeconds  float64 `json:"total_seconds"`
	Percent       float64 `json:"percent"`
	Digital       string  `json:"digital"`
	Text          string  `json:"text"`
	Hours         int     `json:"hours"`
	Minutes       int     `json:"minutes"`
	Seconds       *int    `json:"seconds,omitempty"`
	Decimal       string  `json:"decimal,omitempty"`
	MachineNameID string  `json:"machine_name_id,omitempty"`
}

// grandTotal is a day's total.
type grandTotal struct {
	Digital      string  `json:"digital"`
	Hours        int     `json:"hours"`
	Minutes      int     `json:"minutes"`
	Text         string  `json:"text"`
	TotalSeconds float64 `json:"total_seconds"`
	Decimal      string  `json:"decimal,omitempty"`
}

// fraction is what an exact clock would have shown behind the whole seconds. It
// stays below one half, so that rounding and truncating a total agree.
func (l look) fraction(total int) float64 {
	if l.compat || total <= 0 {
		return 0
	}
	return float64(total%487+1) / 1000
}

func (l look) grandTotal(total int) grandTotal {
	g := grandTotal{
		Digital:      digital(total, false),
		Hours:        total / 3600,
		Minutes:      total / 60 % 60,
		Text:         l.text(total),
		TotalSeconds: float64(total) + l.fraction(total),
	}
	if l.decimal {
		g.Decimal = decimal(total)
	}
	return g
}

// items renders one kind of a day. Their seconds add up to the day's at most.
func (l look) items(d day, k kind, acc *account) []item {
	items := []item{}
	if l.compat && k == dependencies {
		return items
	}
	for _, p := range d.parts[k] {
		it := item{
			Name:         p.name,
			TotalSeconds: float64(p.seconds),
			Percent:      percent(p.seconds, d.total),
			Text:         l.text(p.seconds),
			Hours:        p.seconds / 3600,
			Minutes:      p.seconds / 60 % 60,
		}
		if d.total > 0 {
			// Whole microseconds, rounded down: the sum must not pass the total.
			it.TotalSeconds += math.Floor(l.fraction(d.total)*1e6*float64(p.seconds)/float64(d.total)) / 1e6
		}
		withSeconds := l.compat || k != categories && k != projects
		it.Digital = digital(p.seconds, withSeconds)
		if withSeconds {
			seconds := p.seconds % 60
			it.Seconds = &seconds
		}
		if l.decimal {
			it.Decimal = decimal(p.seconds)
		}
		if k == machines && !l.compat {
			it.MachineNameID = acc.machineID(p.name)
		}
		items = append(items, it)
	}
	return items
}

// lists renders every kind of a day under its API name.
func (l look) lists(d day, acc *account, into map[string]any) {
	for k, name := range kindNames {
		into[name] = l.items(d, kind(k), acc)
	}
}

// machineID is a UUID for a machine of this person.
func (a *account) machineID(name string) string {
	rng := randomFor(a.seedKey, "machine/"+name)
	var sum [32]byte
	for i := range 16 {
		sum[i] = byte(rng.Uint32())
	}
	return uuidFrom(sum)
}

func percent(part, whole int) float64 {
	if whole <= 0 {
		return 0
	}
	return math.Round(float64(part)/float64(whole)*10000) / 100
}

func digital(total int, withSeconds bool) string {
	if withSeconds {
		return fmt.Sprintf("%d:%02d:%02d", total/3600, total/60%60, total%60)
	}
	return fmt.Sprintf("%d:%02d", total/3600, total/60%60)
}

func decimal(total int) string { return fmt.Sprintf("%.2f", float64(total)/3600) }

func (l look) text(total int) string {
	hours, minutes := total/3600, total/60%60
	switch {
	case l.compat:
		return fmt.Sprintf("%d hrs %d mins", hours, minutes)
	case total < 60:
		return plural(total, "sec")
	case hours == 0:
		return plural(minutes, "min")
	case minutes == 0:
		return plural(hours, "hr")
	default:
		return plural(hours, "hr") + " " + plural(minutes, "min")
	}
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// dayRange says which day a summary is about.
func dayRange(w window, style RangeStyle, now time.Time) map[string]any {
	from, last := time.Unix(w.from, 0), time.Unix(w.to-1, 0)
	if style == RangeWakapi {
		return map[string]any{
			"date":     now.UTC().Format(time.RFC3339),
			"start":    from.In(w.loc).Format(time.RFC3339),
			"end":      last.In(w.loc).Format(time.RFC3339),
			"text":     "",
			"timezone": "UTC",
		}
	}
	return map[string]any{
		"date":     w.date.String(),
		"start":    from.UTC().Format(time.RFC3339),
		"end":      last.UTC().Format(time.RFC3339),
		"text":     dayText(w.date, dateOf(now, w.loc)),
		"timezone": w.loc.String(),
	}
}

func dayText(d, today date) string {
	switch d {
	case today:
		return "Today"
	case today - 1:
		return "Yesterday"
	default:
		return d.utc().Format("Mon Jan 2 2006")
	}
}
