package democlass

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gradus-dev/gradus/internal/wiring"
)

// FillParams is what Fill needs.
type FillParams struct {
	CreateParams
	Runtime wiring.Runtime
	Plan    Plan
	// Exact fixes the last day of the class. Fill then syncs as of that evening instead of
	// now, and fails if the database has a class that ends on another day.
	Exact bool
}

// PlanError reports that the database has a class with another plan.
type PlanError struct{ Found, Want Plan }

// Error names the last day of both plans.
func (e *PlanError) Error() string {
	return fmt.Sprintf("the class in this database ends on %s, not on %s", e.Found.Until, e.Want.Until)
}

// Fill creates a class in a migrated database and fetches the days of all its students. It
// runs the fake WakaTime server itself, on a port of the loopback interface. A run that
// was interrupted can be repeated.
func Fill(ctx context.Context, f FillParams) (Summary, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return Summary{}, err
	}
	defer func() { _ = l.Close() }()
	f.Config = WithFakeWakaTime(f.Config, "http://"+l.Addr().String())
	app, cleanup, err := wiring.NewApp(ctx, f.Config, f.Runtime, f.Log)
	if err != nil {
		return Summary{}, err
	}
	defer cleanup()
	c, err := New(ctx, app, f.Runtime, f.Plan)
	if err != nil {
		return Summary{}, err
	}
	at := f.Runtime.Now()
	if f.Exact {
		at = f.Plan.Evening()
		if c.exists && c.plan != f.Plan {
			return Summary{}, &PlanError{Found: c.plan, Want: f.Plan}
		}
	}
	fake := &http.Server{Handler: c.Fake.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = fake.Close() }()
	if err := c.createAndSync(ctx, f.CreateParams, at); err != nil {
		return Summary{}, fmt.Errorf("create the class: %w", err)
	}
	return c.Summary(ctx)
}
