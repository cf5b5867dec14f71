package domain

// Role is what a user is to the school.
type Role string

// The roles.
const (
	RoleMember     Role = "member"     // signed up, in no batch
	RoleStudent    Role = "student"    // enrolled in a batch
	RoleInstructor Role = "instructor" // teaches the batches they are assigned to
	RoleAdmin      Role = "admin"
	RoleSystem     Role = "system" // background jobs and commands; never stored
	RoleAnyone     Role = "anyone" // not signed in; never stored
)

// Origin is where a request came from, for the audit log.
type Origin struct {
	RequestID string
	Address   string // IP address without a port
}

// Actor is whoever asks for something. Every use case takes one, right after ctx.
type Actor struct {
	UserID    UserID
	Role      Role
	SessionID SessionID
	Batch     BatchID   // the batch a student is enrolled in
	Teaches   []BatchID // the batches an instructor is assigned to
	Origin    Origin
}

// System is the actor of background jobs and of the operator's commands.
var System = Actor{Role: RoleSystem}

// Visibility is what an actor sees in a list, for the SQL to filter by.
type Visibility struct {
	All     bool
	Batches []BatchID // everybody in these batches
}

// Visibility says whose rows the actor may see in lists of students and batches.
func (a Actor) Visibility() Visibility {
	switch a.Role {
	case RoleAdmin, RoleSystem:
		return Visibility{All: true}
	case RoleInstructor:
		return Visibility{Batches: a.Teaches}
	case RoleStudent:
		return Visibility{Batches: []BatchID{a.Batch}}
	case RoleMember, RoleAnyone:
	}
	return Visibility{}
}
