package seed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// UseCases is what a class is made with.
type UseCases struct {
	Sessions    ports.Sessions
	Accounts    ports.Accounts
	Batches     ports.Batches
	Staff       ports.BatchStaff
	Students    ports.Students
	Connections ports.Connections
	Syncing     ports.Syncing
}

// Upstream is WakaTime as the seeder meets it.
type Upstream struct {
	// Approve stands for a person at WakaTime's consent page: it opens the address
	// signed in as username and returns the code and state that come back.
	Approve func(ctx context.Context, authorizationURL, username string) (code, state domain.Secret, err error)
	// Revoke makes WakaTime refuse the tokens of a person while meanwhile runs.
	Revoke func(username string, meanwhile func() error) error
}

// The steps that create a class, in order. IDs derive from these numbers: do not change
// them.
const (
	stepAdmin       = 0
	stepEarlier     = 1
	stepArchive     = 2
	stepBatches     = 10  // one each
	stepInstructors = 20  // one each
	stepStudents    = 100 // one each
	stepBreak       = 2_000
	stepHana        = 2_001
	stepViktor      = 2_002
	stepSyncs       = 10_000 // one for each student
)

// Seeder makes the class. It can be run again after it was interrupted: what is
// there already is kept.
type Seeder struct {
	use      UseCases
	upstream Upstream
	random   *Random
	plan     Plan
	report   func(string)
	admin    domain.Actor
	batches  []domain.Batch
	keys     []string
	joined   map[domain.UserID]int // in this run, by their number
}

// New returns a Seeder. The use cases must use random as their clock and random source.
// report receives progress messages for the user.
func New(u UseCases, up Upstream, random *Random, p Plan, report func(string)) *Seeder {
	return &Seeder{use: u, upstream: up, random: random, plan: p, report: report, joined: map[domain.UserID]int{}}
}

// at returns a time so many days after the batches began: nine in the morning in
// Chicago, or an hour later.
func (s *Seeder) at(day int) time.Time {
	return (s.plan.Start() + domain.Day(day)).Date().Add(15 * time.Hour)
}

// Run makes whatever is missing of the class, in the order in which it happened.
func (s *Seeder) Run(ctx context.Context) error {
	_, complete, err := s.find(ctx, Viktor)
	if err != nil {
		return err
	}
	if err := s.staff(ctx); err != nil {
		return fmt.Errorf("make the staff: %w", err)
	}
	people := s.plan.People()
	for i, p := range people {
		if err := s.student(ctx, p, i); err != nil {
			return fmt.Errorf("make the student %s: %w", p.Name, err)
		}
		if n := i + 1; n%8 == 0 && (n <= 24 || n%100 == 0) || n == len(people) {
			s.report(fmt.Sprintf("%d of %d students have joined", n, len(people)))
		}
	}
	if !complete {
		if err := s.latest(ctx, people); err != nil {
			return err
		}
	}
	return s.use.Sessions.SignOut(ctx, s.admin)
}

// latest is what happened in the last days of the class, and is never done again.
func (s *Seeder) latest(ctx context.Context, people []Person) error {
	for _, p := range people {
		if p.Story == Broken {
			if err := s.breakConnection(ctx, p); err != nil {
				return fmt.Errorf("break the connection of %s: %w", p.Name, err)
			}
		}
	}
	yesterday := s.plan.Evening().AddDate(0, 0, -1)
	if _, err := s.user(ctx, Hana, stepHana, yesterday); err != nil {
		return fmt.Errorf("make the member: %w", err)
	}
	id, err := s.user(ctx, Viktor, stepViktor, yesterday.Add(time.Minute))
	if err != nil {
		return fmt.Errorf("make the suspended member: %w", err)
	}
	s.random.Advance(time.Hour)
	_, err = s.use.Accounts.Suspend(ctx, s.admin, id, nil)
	return err
}

func (s *Seeder) staff(ctx context.Context) error {
	if _, err := s.user(ctx, Admin, stepAdmin, s.at(-180)); err != nil {
		return err
	}
	if err := s.earlier(ctx); err != nil {
		return err
	}
	for i, plan := range Batches {
		b, err := s.batch(ctx, plan, s.plan.Start(), s.plan.Ends(), stepBatches+i, s.at(-14).Add(time.Duration(i)*5*time.Minute))
		if err != nil {
			return err
		}
		key, err := s.use.Staff.RegistrationKey(ctx, s.admin, b.ID)
		if err != nil {
			return err
		}
		s.batches, s.keys = append(s.batches, b), append(s.keys, key.Key.Reveal())
	}
	for i, p := range Instructors {
		id, err := s.user(ctx, p, stepInstructors+i, s.at(-13).Add(time.Duration(i)*5*time.Minute))
		if err != nil {
			return err
		}
		s.random.Advance(time.Minute)
		if _, err := s.use.Staff.AssignInstructor(ctx, s.admin, s.batches[p.Batch].ID, id); err != nil {
			return err
		}
	}
	return nil
}

// earlier makes the batch that is over. The admin signs in for it and for all that
// they do later.
func (s *Seeder) earlier(ctx context.Context) (err error) {
	if s.admin, err = s.signIn(ctx, Admin); err != nil {
		return err
	}
	b, err := s.batch(ctx, Earlier, s.plan.Start()-166, s.plan.Start()-75, stepEarlier, s.at(-179))
	if err != nil || b.ArchivedAt != nil {
		return err
	}
	s.random.Step(stepArchive, s.at(-60))
	_, err = s.use.Batches.ArchiveBatch(ctx, s.admin, b.ID, nil)
	return err
}

// user makes somebody who is not there yet, as the operator would.
func (s *Seeder) user(ctx context.Context, p Person, step int, at time.Time) (domain.UserID, error) {
	id, found, err := s.find(ctx, p)
	if err != nil {
		return id, err
	}
	if found {
		s.random.Resume(at)
		return id, nil
	}
	s.random.Step(step, at)
	u, err := s.use.Accounts.CreateUser(ctx, domain.System, p.registration(""), p.Role)
	return u.ID, err
}

func (s *Seeder) find(ctx context.Context, p Person) (id domain.UserID, found bool, err error) {
	page, err := s.use.Accounts.Users(ctx, domain.System, domain.UserFilter{Search: p.Email()}, domain.PageRequest{Limit: 100})
	if err != nil {
		return id, false, err
	}
	for _, u := range page.Items { // the search finds parts of addresses too
		if string(u.Email) == p.Email() {
			return u.ID, true, nil
		}
	}
	return id, false, nil
}

func (s *Seeder) signIn(ctx context.Context, p Person) (domain.Actor, error) {
	in, err := s.use.Sessions.SignIn(ctx, domain.Actor{Role: domain.RoleAnyone}, p.Email(), Password, "seed")
	if err != nil {
		return domain.Actor{}, err
	}
	return s.use.Sessions.Authenticate(ctx, in.Token)
}

func (s *Seeder) batch(ctx context.Context, plan BatchPlan, from, to domain.Day, step int, at time.Time) (domain.Batch, error) {
	found, err := s.use.Batches.Batches(ctx, s.admin, domain.BatchFilter{Search: plan.Name}, domain.PageRequest{Limit: 1})
	if err != nil {
		return domain.Batch{}, err
	}
	if len(found.Items) > 0 {
		s.random.Resume(at)
		return found.Items[0], nil
	}
	s.random.Step(step, at)
	return s.use.Batches.OpenBatch(ctx, s.admin, domain.BatchEdit{
		Name: &plan.Name, Description: &plan.Description, TimeZone: &plan.TimeZone,
		StartsOn: &from, EndsOn: &to, WeeklyGoal: new(&plan.WeeklyGoal),
	})
}

// student registers with the key of the batch and connects WakaTime.
func (s *Seeder) student(ctx context.Context, p Person, n int) error {
	_, joined, err := s.find(ctx, p)
	if err != nil {
		return err
	}
	var in domain.SignedIn
	anyone, at := domain.Actor{Role: domain.RoleAnyone}, s.at(0).Add(time.Duration(n)*time.Minute)
	if joined {
		s.random.Resume(at)
		in, err = s.use.Sessions.SignIn(ctx, anyone, p.Email(), Password, "seed")
	} else {
		s.random.Step(stepStudents+n, at)
		in, err = s.use.Sessions.Register(ctx, anyone, p.registration(s.keys[p.Batch]))
	}
	if err != nil {
		return err
	}
	if !joined {
		s.joined[in.Me.ID] = n
	}
	actor, err := s.use.Sessions.Authenticate(ctx, in.Token)
	if err != nil {
		return err
	}
	s.random.Advance(30 * time.Second)
	if err := s.connect(ctx, actor, p); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return s.use.Sessions.SignOut(ctx, actor)
}

func (s *Seeder) connect(ctx context.Context, actor domain.Actor, p Person) error {
	c, err := s.use.Connections.Connection(ctx, actor)
	if err != nil || c.State != domain.NotConnected {
		return err
	}
	url, _, err := s.use.Connections.Authorize(ctx, actor)
	if err != nil {
		return err
	}
	code, state, err := s.upstream.Approve(ctx, url, p.Username)
	if err != nil {
		return err
	}
	if _, err = s.use.Connections.CompleteAuthorization(ctx, actor, code, state); err != nil || p.Story != Disconnected {
		return err
	}
	_, err = s.use.Connections.Disconnect(ctx, actor, nil)
	return err
}

// breakConnection lets somebody's days arrive until two days before the last, when
// WakaTime ends the connection.
func (s *Seeder) breakConnection(ctx context.Context, p Person) error {
	id, _, err := s.find(ctx, p)
	if err != nil {
		return err
	}
	if err := s.sync(ctx, id, stepBreak, s.plan.Evening().AddDate(0, 0, -2)); err != nil {
		return err
	}
	s.random.Advance(time.Hour)
	return s.upstream.Revoke(p.Username, func() error { return s.fetch(ctx, id) })
}

// Sync fetches the days of students, one after the other as they joined,
// without the queue.
func (s *Seeder) Sync(ctx context.Context, connected []domain.UserID, at time.Time) error {
	slices.SortFunc(connected, func(a, b domain.UserID) int { return cmp.Compare(a.String(), b.String()) })
	for _, id := range connected {
		if err := s.sync(ctx, id, stepSyncs+s.joined[id], at); err != nil {
			return fmt.Errorf("sync %s: %w", id, err)
		}
	}
	return nil
}

// sync fetches a student's days in the step. If they joined before this run, an earlier run
// may have done so: the step is resumed.
func (s *Seeder) sync(ctx context.Context, id domain.UserID, step int, at time.Time) error {
	if _, fresh := s.joined[id]; fresh {
		s.random.Step(step, at)
	} else {
		s.random.Resume(at)
	}
	return s.fetch(ctx, id)
}

// fetch is one sync. What WakaTime refuses is noted by the use case.
func (s *Seeder) fetch(ctx context.Context, id domain.UserID) error {
	err := s.use.Syncing.Sync(ctx, domain.System, id, domain.SyncNow)
	if _, refused := errors.AsType[*domain.UpstreamError](err); refused {
		return nil
	}
	return err
}

func (p Person) registration(key string) ports.Registration {
	r := ports.Registration{Email: p.Email(), Name: p.Name, Password: Password, TimeZone: &p.TimeZone, UserAgent: "seed"}
	if key != "" {
		r.Key = &key
	}
	return r
}
