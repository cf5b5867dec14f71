package fakewaka

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
)

// extend adds days that were not requested before the first.
func (sc Scenario) extend(requested []window) []window {
	if sc.ExtraDays == 0 {
		return requested
	}
	first := requested[0]
	return append(windows(first.date-date(sc.ExtraDays), first.date-1, first.loc), requested...)
}

// distort injects the faults that affect whole days.
func (sc Scenario) distort(days []day) []day {
	if sc.ScaleSeconds != 0 {
		for i := range days {
			days[i].scale(sc.ScaleSeconds)
		}
	}
	if len(days) > 0 && sc.NegativeSeconds {
		days[0].total = -3600
	}
	if len(days) > 0 && sc.OverlongDay {
		days[0].total = 25*3600 + 1
	}
	days = days[:max(0, len(days)-sc.MissingLast)]
	days = slices.DeleteFunc(days, func(d day) bool { return slices.Contains(sc.MissingDays, d.date.String()) })
	if !sc.DuplicateDays && !sc.ConflictingDuplicateDays {
		return days
	}
	var twice []day
	for _, d := range days {
		second := d
		if sc.ConflictingDuplicateDays {
			second.total += 600
		}
		twice = append(twice, d, second)
	}
	return twice
}

func (d *day) scale(by float64) {
	scaled := func(n int) int { return int(math.Round(float64(n) * by)) }
	d.total = scaled(d.total)
	for _, parts := range d.parts {
		for i := range parts {
			parts[i].seconds = int(float64(parts[i].seconds) * by)
		}
	}
}

// reshape injects the faults that affect fields. Without any, it returns body
// unchanged.
func (sc Scenario) reshape(body any) any {
	if !sc.WrongTypes && !sc.UnknownFields && !sc.MissingSeconds && !sc.NullLists && sc.OnlyParts == nil {
		return body
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // every body here can be marshaled
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		panic(err)
	}
	sc.reshapeValue(plain)
	return plain
}

func (sc Scenario) reshapeValue(value any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			sc.reshapeValue(element)
		}
	case map[string]any:
		sc.reshapeObject(value)
	}
}

func (sc Scenario) reshapeObject(object map[string]any) {
	for _, inner := range object {
		sc.reshapeValue(inner)
	}
	if sc.OnlyParts != nil {
		maps.DeleteFunc(object, func(name string, _ any) bool {
			return slices.Contains(kindNames[:], name) && !slices.Contains(sc.OnlyParts, name)
		})
	}
	if sc.NullLists {
		for _, name := range kindNames {
			if _, ok := object[name]; ok {
				object[name] = nil
			}
		}
	}
	if sc.MissingSeconds {
		delete(object, "seconds")
		delete(object, "decimal")
	}
	if sc.WrongTypes {
		if n, ok := object["total_seconds"].(float64); ok {
			object["total_seconds"] = strconv.FormatFloat(n, 'f', -1, 64)
		}
		if _, ok := object["text"].(string); ok {
			object["text"] = 42
		}
	}
	if sc.UnknownFields {
		object["color"] = "#7e57c2"
		object["human_additions"] = 12
		object["ai_deletions"] = nil
		object["fakewaka_unknown"] = map[string]any{"nested": []any{1, "two", nil}}
	}
}
