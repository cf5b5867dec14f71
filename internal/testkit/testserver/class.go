package testserver

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/class"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// Classroom is a server with the seeded class in it, as it was at class.Evening. Its
// password is Password, and its people are at the fake server.
type Classroom struct {
	*Server
	Members []wiring.Member // who can sign in
	Keys    []wiring.Key    // of the two batches
	Spare   wiring.Spare    // at the fake server, and not in the class
}

// Class runs a server with the seeded class until the test ends. The first one of a
// test binary takes seconds, each other the time that its database takes to copy. Jobs
// run only after Work: its clock lies behind the real one, so that what is put off by it
// runs at once.
func Class(tb testing.TB, options ...Option) *Classroom {
	tb.Helper()
	s := &Server{Clock: NewClock(class.Evening), Log: &Log{}, DatabaseURL: class.Database.URL(tb)}
	s.Fake = wiring.NewFakeWakaTime(class.Plan(), s.Clock.Now)
	s.open(tb, func(*config.Config) {}, options)
	c, err := wiring.NewClass(tb.Context(), s.App, class.Runtime(s.Clock.Now), class.Plan())
	if err != nil {
		tb.Fatal(err)
	}
	room := &Classroom{Server: s, Members: c.Members(), Spare: c.Spare()}
	if room.Keys, err = c.Keys(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return room
}
