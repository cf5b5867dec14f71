package domain

import "time"

// Change is one thing that happened, told for the audit log.
type Change struct {
	Action  Action
	Subject string         // the id of what changed
	Details map[string]any // never secrets
}

// NoChange is the Change of a write that turned out to have nothing to do.
var NoChange = Change{}

// AuditEntryID identifies an AuditEntry.
type AuditEntryID = ID[AuditEntry]

// AuditEntry is one Change as the audit log keeps it. Entries are never edited
// or removed; each carries a hash over itself and the one before.
type AuditEntry struct {
	ID        AuditEntryID
	At        time.Time
	ActorID   UserID // zero for background jobs and people who are not signed in
	ActorName string // as it is now; empty when ActorID is zero
	ActorRole Role
	Change
	Origin Origin
}

// AuditFilter narrows the audit log; zero fields match everything.
type AuditFilter struct {
	Actor    UserID
	Subject  string
	Action   Action
	From, To time.Time // [From, To)
}
