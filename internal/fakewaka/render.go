package fakewaka

import (
	"fmt"
	"math"
	"time"
)

// formatter formats numbers: with fractions and plurals as WakaTime does, or with
// whole seconds as Wakapi does.
type formatter struct {
	compat  bool
	decimal bool // items of the status bar have decimal, those of summaries do not
}

// item is a name with its time.
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

// fraction returns a fraction to add to the whole seconds. It is below one half,
// so that rounding and truncating a total give the same result.
func (f formatter) fraction(total int) float64 {
	if f.compat || total <= 0 {
		return 0
	}
	return float64(total%487+1) / 1000
}

func (f formatter) grandTotal(total int) grandTotal {
	g := grandTotal{
		Digital:      digital(total, false),
		Hours:        total / 3600,
		Minutes:      total / 60 % 60,
		Text:         f.text(total),
		TotalSeconds: float64(total) + f.fraction(total),
	}
	if f.decimal {
		g.Decimal = decimal(total)
	}
	return g
}

// items renders one kind of a day. The seconds of the items add up to at most the
// day's total.
func (f formatter) items(d day, k kind, acc *account) []item {
	items := []item{}
	if f.compat && k == dependencies {
		return items
	}
	for _, p := range d.parts[k] {
		it := item{
			Name:         p.name,
			TotalSeconds: float64(p.seconds),
			Percent:      percent(p.seconds, d.total),
			Text:         f.text(p.seconds),
			Hours:        p.seconds / 3600,
			Minutes:      p.seconds / 60 % 60,
		}
		if d.total > 0 {
			// Round down to microseconds: the sum must not exceed the total.
			it.TotalSeconds += math.Floor(f.fraction(d.total)*1e6*float64(p.seconds)/float64(d.total)) / 1e6
		}
		withSeconds := f.compat || k != categories && k != projects
		it.Digital = digital(p.seconds, withSeconds)
		if withSeconds {
			seconds := p.seconds % 60
			it.Seconds = &seconds
		}
		if f.decimal {
			it.Decimal = decimal(p.seconds)
		}
		if k == machines && !f.compat {
			it.MachineNameID = acc.machineID(p.name)
		}
		items = append(items, it)
	}
	return items
}

// lists adds every kind of a day to into, under its API name.
func (f formatter) lists(d day, acc *account, into map[string]any) {
	for k, name := range kindNames {
		into[name] = f.items(d, kind(k), acc)
	}
}

// machineID returns the UUID of one of the person's machines.
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

func (f formatter) text(total int) string {
	hours, minutes := total/3600, total/60%60
	switch {
	case f.compat:
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

// dayRange returns the object that identifies the day of a summary.
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
