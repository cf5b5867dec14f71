package postgres

import (
	"sync/atomic"
	"time"
)

const (
	// labelMaxAge bounds for how long a name is shown that its ID no longer has: the Migrator
	// renames time zones, and a failover can lose labels whose IDs are then given to others.
	labelMaxAge = 10 * time.Minute
	labelSlots  = 1 << 16 // about 5 MB when all are in use
)

// labelCache keeps the labels that were read last, so that days need no join with them. Each
// ID has one slot, which it shares with the IDs that are 65,536 apart: a label that replaces
// another one only costs reading that again.
type labelCache struct {
	slots [labelSlots]atomic.Pointer[cachedLabel]
}

type cachedLabel struct {
	label

	id int32
	at time.Time
}

// find returns the label with an ID, if it is known at now.
func (c *labelCache) find(id int32, now time.Time) (label, bool) {
	l := c.slots[id&(labelSlots-1)].Load()
	if l == nil || l.id != id {
		return label{}, false
	}
	// The age is negative if the clock was set back.
	age := now.Sub(l.at)
	return l.label, 0 <= age && age < labelMaxAge
}

func (c *labelCache) add(id int32, l label, now time.Time) {
	c.slots[id&(labelSlots-1)].Store(&cachedLabel{label: l, id: id, at: now})
}
