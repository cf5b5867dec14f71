package domain

import (
	"net/netip"
	"time"
)

// Role determines what a user has permission to do.
type Role string

// The roles.
const (
	RoleMember     Role = "member"     // registered, but not enrolled in a batch
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

// Network returns what an address counts as for limits: the address itself, or for IPv6 its /64
// network, all of whose addresses one customer can use.
func (o Origin) Network() string {
	address, err := netip.ParseAddr(o.Address)
	if err != nil {
		return o.Address
	}
	if address = address.Unmap().WithZone(""); address.Is4() {
		return address.String()
	}
	return netip.PrefixFrom(address, 64).Masked().String()
}

// Actor is the caller of a use case. A use case takes one as its second parameter if it
// depends on the caller or writes to the audit log.
type Actor struct {
	UserID    UserID
	Role      Role
	SessionID SessionID
	Batch     BatchID   // the batch a student is enrolled in
	Teaches   []BatchID // the batches an instructor is assigned to
	Origin    Origin

	TOTP      bool       // whether they have enabled TOTP
	LacksTOTP bool       // whether they have to, before they do anything else
	TokenID   APITokenID // the API token that they use instead of a session
	Scopes    []APIScope // of the API token

	AuthenticatedAt time.Time // when they last proved who they are
	Fresh           bool      // whether that was recently enough for sensitive actions
}

// freshness is how long after authentication an actor can do something sensitive.
const freshness = 15 * time.Minute

// Authenticated returns the actor at now who last proved who they are at the time at.
func (a Actor) Authenticated(at, now time.Time) Actor {
	a.AuthenticatedAt, a.Fresh = at, now.Before(at.Add(freshness))
	return a
}

// System is the actor of background jobs and the operator's commands.
var System = Actor{Role: RoleSystem}

// Visibility limits the rows of a list to those that an actor can access.
type Visibility struct {
	All     bool
	Batches []BatchID // only these batches
}

// Visibility returns which students and batches the actor can access.
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
