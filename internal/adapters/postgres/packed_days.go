package postgres

import "github.com/gradus-dev/gradus/internal/domain"

// Fields of a packed day, described at ListBatchProgress.
const (
	secondsBits = 17
	stateShift  = 2 * secondsBits
	elsewhere   = 1 << 37
	placeShift  = 38
)

var packedStates = [...]domain.DayState{domain.DayOK, domain.DayEmpty, domain.DayPartial, domain.DayPending, domain.DayPlanLimited, domain.DayError}

// unpackDay converts a packed day of a range that starts on first.
func unpackDay(packed int64, first domain.Day) domain.BareDay {
	const all = 1<<secondsBits - 1 // and 0 stands for NULL
	return domain.BareDay{
		Day:       first + domain.Day(packed>>placeShift),
		State:     packedStates[packed>>stateShift&7],
		Seconds:   int(packed&all) - 1,
		AISeconds: int(packed>>secondsBits&all) - 1,
		OtherZone: packed&elsewhere != 0,
	}
}

// unpackDays converts packed days. It reuses the memory of a list that is no longer needed.
func unpackDays(to []domain.BareDay, packed []int64, first domain.Day) []domain.BareDay {
	to = to[:0]
	for _, p := range packed {
		to = append(to, unpackDay(p, first))
	}
	return to
}
