// Package democlass creates a deterministic class by calling the use cases as its users
// would: for the demo, for development databases, for tests and for the examples of the
// documentation.
package democlass

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// staff is an admin that is not a user, and so can only read.
var staff = domain.Actor{Role: domain.RoleAdmin}

// Class is the class in a database, with the fake WakaTime server that knows its students.
type Class struct {
	// Fake must be reachable at the address in the server's settings.
	Fake    *fakewaka.Server
	app     *wiring.App
	plan    Plan
	runtime wiring.Runtime
	exists  bool
	// seeding is set while the class is being created. Fake's clock follows it.
	seeding atomic.Pointer[random]
}

// CreateParams is what Create needs besides the class.
type CreateParams struct {
	Config config.Config // of the server
	Log    *slog.Logger
	Report func(line string) // receives progress messages for the user
}

// New returns the class of the app's database, or the planned class if there is none yet.
// A class that exists keeps its last day, regardless of the plan.
func New(ctx context.Context, app *wiring.App, rt wiring.Runtime, plan Plan) (*Class, error) {
	c := &Class{app: app, plan: plan, runtime: rt}
	found, err := app.UseCases.Batches.Batches(ctx, staff, domain.BatchFilter{Search: batches[0].name}, domain.PageRequest{Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("find the class: %w", err)
	}
	for _, b := range found.Items {
		c.exists = true
		c.plan.Until = b.StartsOn + domain.Day(plan.Days)
	}
	c.Fake = NewFakeWakaTime(c.plan, c.now)
	return c, nil
}

func (c *Class) now() time.Time {
	if r := c.seeding.Load(); r != nil {
		return r.currentTime()
	}
	return c.runtime.Now()
}

// Create creates what is missing from the class, as if its users had joined when it
// began, and reports whether that was anything. A run that was interrupted can be
// repeated. A class that was complete once is not changed.
func (c *Class) Create(ctx context.Context, s CreateParams) (created bool, err error) {
	err = c.seed(ctx, s, func(seeder *seeder) error {
		created, err = seeder.run(ctx)
		return err
	})
	return created, err
}

// createAndSync creates what is missing from the class and fetches the days of all its
// students as of the given time, without the job queue.
func (c *Class) createAndSync(ctx context.Context, s CreateParams, at time.Time) error {
	return c.seed(ctx, s, func(seeder *seeder) error {
		if _, err := seeder.run(ctx); err != nil {
			return err
		}
		var ids []domain.UserID
		err := c.forEachStudent(ctx, domain.StudentFilter{Connected: new(true)}, func(st domain.Student) error {
			ids = append(ids, st.ID)
			return nil
		})
		if err != nil {
			return err
		}
		return seeder.sync(ctx, ids, at)
	})
}

// seed calls do with a seeder on an app of its own, whose clock and IDs are those of the
// class.
func (c *Class) seed(ctx context.Context, s CreateParams, do func(*seeder) error) error {
	r := newRandom(c.plan.Seed, c.runtime)
	r.resume(c.plan.Evening())
	s.Config.SMTPURL, s.Config.MailFrom = "", "" // nobody needs mail about invented sign-ins
	app, cleanup, err := wiring.NewApp(ctx, s.Config, r.runtime(c.runtime), s.Log)
	if err != nil {
		return err
	}
	defer cleanup()
	c.seeding.Store(r)
	defer c.seeding.Store(nil)
	return do(newSeeder(app, c.Fake, r, c.plan, s.Report))
}

// Progress is how many days of the class have arrived.
type Progress struct {
	Joined    int
	Connected int
	Synced    int // connected students without a pending day in the last week
}

// Progress returns how many days of the class have arrived.
func (c *Class) Progress(ctx context.Context) (Progress, error) {
	var p Progress
	err := c.forEachStudent(ctx, domain.StudentFilter{}, func(s domain.Student) error {
		p.Joined++
		if s.Connection != domain.Connected {
			return nil
		}
		p.Connected++
		if s.LastWeek.Expected > 0 && s.LastWeek.Pending == 0 {
			p.Synced++
		}
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("read the progress of the class: %w", err)
	}
	return p, nil
}

// RequestSync enqueues a sync of every connected student, as if they had asked for it.
func (c *Class) RequestSync(ctx context.Context) error {
	return c.forEachStudent(ctx, domain.StudentFilter{Connected: new(true)}, func(s domain.Student) error {
		student := domain.Actor{UserID: s.ID, Role: domain.RoleStudent}
		if err := c.app.UseCases.Tracking.RequestSync(ctx, student, s.ID, domain.DayQuery{}); err != nil {
			return fmt.Errorf("request a sync of %s: %w", s.Name, err)
		}
		return nil
	})
}

// forEachStudent calls do for each student that matches the filter, sorted by name.
func (c *Class) forEachStudent(ctx context.Context, f domain.StudentFilter, do func(domain.Student) error) error {
	request := domain.PageRequest{Limit: 100}
	for {
		page, err := c.app.UseCases.Students.Students(ctx, staff, f, request)
		if err != nil {
			return err
		}
		for _, s := range page.Items {
			if err := do(s); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		request.After = page.Next
	}
}
