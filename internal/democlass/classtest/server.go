package classtest

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/democlass"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// Server is a test server with the class in its database. Its students are users of the
// fake WakaTime server, and all passwords are testserver.Password.
type Server struct {
	*testserver.Server
	democlass.Summary
}

// Start runs a server with the class until the test ends. Its clock starts at Evening. The
// first call in a test binary takes seconds; later ones only copy the database.
//
// Jobs run after StartWorker. The clock is behind the system's, so a job that is scheduled
// for later runs immediately.
func Start(tb testing.TB, options ...testserver.Option) *Server {
	tb.Helper()
	clock := testserver.NewClock(Evening)
	s := testserver.Run(tb, testserver.Environment{
		DatabaseURL: Database.URL(tb), Clock: clock, Fake: democlass.NewFakeWakaTime(Plan(), clock.Now),
	}, options...)
	c, err := democlass.New(tb.Context(), s.App, wiring.SystemRuntime().WithClock(clock.Now), Plan())
	if err != nil {
		tb.Fatal(err)
	}
	summary, err := c.Summary(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return &Server{s, summary}
}
