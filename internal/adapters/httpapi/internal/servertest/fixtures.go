package servertest

import (
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// The fixtures of the operations, which the tests of the layers use too.
const (
	AdaID        = operations.AdaID
	BatchID      = operations.BatchID
	TomasID      = operations.TomasID
	AgoText      = operations.AgoText
	LaterText    = operations.LaterText
	Registration = operations.Registration
	Credentials  = operations.Credentials
	AdaJSON      = operations.AdaJSON
	MeJSON       = operations.MeJSON
	AutumnJSON   = operations.AutumnJSON
	WeekJSON     = operations.WeekJSON
	StudentJSON  = operations.StudentJSON
)

// The same, as values of the domain.
var (
	Now   = operations.Now
	Ago   = operations.Ago
	Later = operations.Later

	Anyone     = operations.Anyone
	Ada        = operations.Ada
	Me         = operations.Me
	NewSession = operations.NewSession
	Autumn     = operations.Autumn
	Week       = operations.Week
	Student    = operations.Student
)

// ID parses an id.
func ID[Of any](s string) domain.ID[Of] { return operations.ID[Of](s) }
