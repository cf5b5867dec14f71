package domain

import "time"

// Change describes a write for the audit log.
type Change struct {
	Action  Action
	Subject string         // the ID of what changed
	Details map[string]any // never secrets
}

// NoChange is the Change of a write that changed nothing; it is not recorded.
var NoChange = Change{}

// AuditEntryID identifies an AuditEntry.
type AuditEntryID = ID[AuditEntry]

// AuditEntry is a recorded Change. Entries are never changed or removed; each has a hash
// of itself and the previous entry.
type AuditEntry struct {
	ID        AuditEntryID
	At        time.Time
	ActorID   UserID // zero for background jobs and callers who are not signed in
	ActorName string // current name; empty if ActorID is zero
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
