package wiring

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/seed"
)

// Plan says which class to make; equal plans make equal classes.
type Plan = seed.Plan

// DefaultPlan returns the plan of the class that everybody knows, as it is now.
func DefaultPlan(now time.Time) Plan { return seed.DefaultPlan(domain.UTC.Today(now)) }

// NewPlan returns a plan. An empty until is the day that it is now.
func NewPlan(number uint64, students, days int, until string, now time.Time) (Plan, error) {
	p := Plan{Seed: number, Students: students, Days: days, Until: domain.UTC.Today(now)}
	var err error
	switch {
	case students < seed.MinStudents || students > seed.MaxStudents:
		err = fmt.Errorf("a class has %d to %d students, not %d", seed.MinStudents, seed.MaxStudents, students)
	case days < seed.MinDays || days > seed.MaxDays:
		err = fmt.Errorf("a class goes back %d to %d days, not %d", seed.MinDays, seed.MaxDays, days)
	case until != "":
		p.Until, err = domain.ParseDay("until", until)
	}
	return p, err
}

// Class is the deterministic class with the fake WakaTime server that its
// students' days come from.
type Class struct {
	Fake  *fakewaka.Server
	Found bool // in the database, at least a part of it
	app   *App
	plan  Plan
	rt    Runtime
	// making is set while the class is being created. The fake server's clock follows it.
	making atomic.Pointer[seed.Random]
}

// Member is somebody who can sign in.
type Member struct {
	Role     string `json:"role"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Story    string `json:"story,omitempty"`
}

// Key is a registration key of the class.
type Key struct {
	BatchID string `json:"batch_id"`
	Batch   string `json:"batch"`
	Key     string `json:"registration_key"`
}

// staff is an admin who looks at everything; no user stands behind it.
var staff = domain.Actor{Role: domain.RoleAdmin}

// NewClass finds the class in the database or lets it be as planned, and builds the
// fake WakaTime server to match. When the class that is found began on another day than
// planned, its own day counts.
func NewClass(ctx context.Context, app *App, rt Runtime, plan Plan) (*Class, error) {
	c := &Class{app: app, plan: plan, rt: rt}
	found, err := app.UseCases.Batches.Batches(ctx, staff, domain.BatchFilter{Search: seed.Batches[0].Name}, domain.PageRequest{Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("look for the class: %w", err)
	}
	for _, b := range found.Items {
		c.Found = true
		c.plan.Until = b.StartsOn + domain.Day(plan.Days)
	}
	c.Fake = NewFakeWakaTime(c.plan, c.now)
	return c, nil
}

// Plan returns the plan of the class as it is.
func (c *Class) Plan() Plan { return c.plan }

func (c *Class) now() time.Time {
	if random := c.making.Load(); random != nil {
		return random.Now()
	}
	return c.rt.Now()
}

// Make makes whatever is missing of the class, as if people had joined when it
// began, and reports whether anything was. The fake server must be reachable. It can
// be run again after it was interrupted. A class that was complete once is left
// alone, whatever people have done to it since.
func (c *Class) Make(ctx context.Context, cfg config.Config, log *slog.Logger, report func(string)) (made bool, err error) {
	err = c.seeding(ctx, cfg, log, report, func(s *seed.Seeder) error {
		made, err = c.make(ctx, s)
		return err
	})
	return made, err
}

// MakeAndSync makes what is missing, and fetches everybody's days as they are at a
// time, without the queue.
func (c *Class) MakeAndSync(ctx context.Context, cfg config.Config, log *slog.Logger, at time.Time, report func(string)) error {
	return c.seeding(ctx, cfg, log, report, func(s *seed.Seeder) error {
		if _, err := c.make(ctx, s); err != nil {
			return err
		}
		var ids []domain.UserID
		err := c.students(ctx, domain.StudentFilter{Connected: new(true)}, func(st domain.Student) error {
			ids = append(ids, st.ID)
			return nil
		})
		if err != nil {
			return err
		}
		return s.Sync(ctx, ids, at)
	})
}

// seeding runs do with a Seeder on a program of its own, whose clock and random source are
// those of the class.
func (c *Class) seeding(ctx context.Context, cfg config.Config, log *slog.Logger, report func(string), do func(*seed.Seeder) error) error {
	random := seed.NewRandom(c.plan.Seed, c.rt.NewID, c.rt.NewKey)
	random.Resume(c.plan.Evening())
	w := c.rt
	w.Now, w.NewID, w.NewKey = random.Now, random.NewID, random.NewKey
	app, cleanup, err := NewApp(ctx, cfg, w, log)
	if err != nil {
		return err
	}
	defer cleanup()
	c.making.Store(random)
	defer c.making.Store(nil)
	u := app.UseCases
	return do(seed.New(seed.UseCases{
		Sessions: u.Sessions, Accounts: u.Accounts, Batches: u.Batches, Staff: u.BatchStaff,
		Connections: u.Connections, Syncing: app.Syncing,
	}, seed.Upstream{Approve: approve, Revoke: c.revoke}, random, c.plan, report))
}

// make makes what is missing, unless the class was complete once: its last student and
// the last of its members are there.
func (c *Class) make(ctx context.Context, s *seed.Seeder) (made bool, err error) {
	people := c.plan.People()
	for _, last := range []seed.Person{people[len(people)-1], seed.Viktor} {
		found, err := c.app.UseCases.Accounts.Users(ctx, domain.System, domain.UserFilter{Search: last.Email()}, domain.PageRequest{Limit: 1})
		if err != nil {
			return false, err
		}
		if len(found.Items) == 0 {
			return true, s.Run(ctx)
		}
	}
	return false, nil
}

// Keys returns the registration keys of the class.
func (c *Class) Keys(ctx context.Context) ([]Key, error) {
	var keys []Key
	for _, plan := range seed.Batches {
		page, err := c.app.UseCases.Batches.Batches(ctx, staff, domain.BatchFilter{Search: plan.Name}, domain.PageRequest{Limit: 1})
		if err != nil {
			return nil, err
		}
		for _, b := range page.Items {
			k, err := c.app.UseCases.BatchStaff.RegistrationKey(ctx, staff, b.ID)
			if err != nil {
				return nil, err
			}
			keys = append(keys, Key{BatchID: b.ID.String(), Batch: b.Name, Key: k.Key.Reveal()})
		}
	}
	return keys, nil
}

// Progress is how far the class has come.
type Progress struct {
	Joined    int
	Connected int
	Synced    int // connected students whose last week is settled, known or not
}

// Progress asks how far the class has come.
func (c *Class) Progress(ctx context.Context) (Progress, error) {
	var p Progress
	err := c.students(ctx, domain.StudentFilter{}, func(s domain.Student) error {
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
		return p, fmt.Errorf("ask for the class's progress: %w", err)
	}
	return p, nil
}

// Enqueue asks for a sync of everybody, as staff may.
func (c *Class) Enqueue(ctx context.Context) error {
	return c.students(ctx, domain.StudentFilter{Connected: new(true)}, func(s domain.Student) error {
		if err := c.app.UseCases.Tracking.RequestSync(ctx, staff, s.ID); err != nil {
			return fmt.Errorf("ask for a sync of %s: %w", s.Name, err)
		}
		return nil
	})
}

// students calls do for each student of a kind, by name.
func (c *Class) students(ctx context.Context, f domain.StudentFilter, do func(domain.Student) error) error {
	ask := domain.PageRequest{Limit: 100}
	for {
		page, err := c.app.UseCases.Students.Students(ctx, staff, f, ask)
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
		ask.After = page.Next
	}
}

// Members lists who can sign in: the staff, a student of each story, and a member who
// is in no batch.
func (c *Class) Members() []Member {
	people := append([]seed.Person{seed.Admin}, seed.Instructors...)
	told := map[seed.Story]bool{}
	for _, p := range c.plan.People() {
		if !told[p.Story] {
			told[p.Story] = true
			people = append(people, p)
		}
	}
	people = append(people, seed.Hana)
	out := make([]Member, len(people))
	for i, p := range people {
		out[i] = Member{Role: string(p.Role), Name: p.Name, Email: p.Email(), Password: seed.Password.Reveal(), Story: string(p.Story)}
	}
	return out
}
