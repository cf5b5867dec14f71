package democlass

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// The steps that create a class, in order. IDs derive from these numbers: do not change
// them.
const (
	stepAdmin        = 0
	stepEarlierBatch = 1
	stepArchive      = 2
	stepBatches      = 10  // one for each
	stepInstructors  = 20  // one for each
	stepStudents     = 100 // one for each
	stepSwitch       = 1_999
	stepBreak        = 2_000
	stepHana         = 2_001
	stepViktor       = 2_002
	stepPhones       = 2_010  // one for each of phones
	stepTokens       = 2_020  // one for each of adminTokens
	stepSyncs        = 10_000 // one for each student
)

// anonymous is a caller who has not signed in.
var anonymous = domain.Actor{Role: domain.RoleAnyone}

// seeder creates a class. A run that was interrupted can be repeated: the seeder keeps
// what exists.
type seeder struct {
	app     *wiring.App
	fake    *fakewaka.Server
	random  *random // the clock and the random source of app
	plan    Plan
	report  func(string)
	admin   domain.Actor // without a session: it would expire during the months of the class
	batches []domain.Batch
	keys    []string              // of batches
	joined  map[domain.UserID]int // students created by this run, with their index
}

func newSeeder(app *wiring.App, fake *fakewaka.Server, r *random, p Plan, report func(string)) *seeder {
	return &seeder{
		app: app, fake: fake, random: r, plan: p, report: report, joined: map[domain.UserID]int{},
	}
}

// at returns 15:00 UTC on the given day after the start of the batches.
func (s *seeder) at(day int) time.Time {
	return (s.plan.start() + domain.Day(day)).Date().Add(15 * time.Hour)
}

// run creates what is missing from the class, in chronological order, and reports
// whether that was anything. A class that was complete once is not changed, even if users
// have changed it since.
func (s *seeder) run(ctx context.Context) (created bool, err error) {
	students := s.plan.students()
	_, allJoined, err := s.find(ctx, students[len(students)-1])
	if err != nil {
		return false, err
	}
	_, complete, err := s.find(ctx, viktor)
	if err != nil || allJoined && complete {
		return false, err
	}
	if err := s.createStaff(ctx); err != nil {
		return true, fmt.Errorf("create the staff: %w", err)
	}
	if err := s.createStudents(ctx, students); err != nil {
		return true, err
	}
	if !complete {
		if err := s.lastDays(ctx, students); err != nil {
			return true, err
		}
	}
	return true, nil
}

func (s *seeder) createStudents(ctx context.Context, students []person) error {
	for i, p := range students {
		if err := s.createStudent(ctx, p, i); err != nil {
			return fmt.Errorf("create the student %s: %w", p.name, err)
		}
		if n := i + 1; n%8 == 0 && (n <= 24 || n%100 == 0) || n == len(students) {
			s.report(fmt.Sprintf("%d of %d students have joined", n, len(students)))
		}
	}
	return nil
}

// lastDays replays the events of the last days, once all students have joined.
func (s *seeder) lastDays(ctx context.Context, students []person) error {
	for _, p := range students {
		if p.story == switched {
			if err := s.switchAccount(ctx, p); err != nil {
				return fmt.Errorf("connect %s to another account: %w", p.name, err)
			}
		}
	}
	for _, p := range students {
		if p.story == broken {
			if err := s.breakConnection(ctx, p); err != nil {
				return fmt.Errorf("break the connection of %s: %w", p.name, err)
			}
		}
	}
	yesterday := s.plan.Evening().AddDate(0, 0, -1)
	for _, p := range students {
		i := slices.Index(phones, p.username)
		if i < 0 {
			continue
		}
		s.random.step(stepPhones+i, yesterday.Add(time.Duration(i-30)*time.Minute))
		if err := s.signInByPhone(ctx, p); err != nil {
			return fmt.Errorf("sign %s in: %w", p.name, err)
		}
	}
	if err := s.createTokens(ctx, yesterday.Add(-2*time.Hour)); err != nil {
		return fmt.Errorf("create the API tokens: %w", err)
	}
	if _, err := s.createUser(ctx, hana, stepHana, yesterday); err != nil {
		return fmt.Errorf("create the member: %w", err)
	}
	id, err := s.createUser(ctx, viktor, stepViktor, yesterday.Add(time.Minute))
	if err != nil {
		return fmt.Errorf("create the suspended member: %w", err)
	}
	s.random.advance(time.Hour)
	_, err = s.app.UseCases.Accounts.Suspend(ctx, s.admin, id, nil)
	return err
}

// phones are students who are signed in on a phone, too.
var phones = []string{"ada", "freya", "chidi"}

func (s *seeder) signInByPhone(ctx context.Context, p person) error {
	from := anonymous
	from.Origin.Address = "203.0.113.24"
	_, err := s.app.UseCases.Sessions.SignIn(ctx, from, p.email(), password, ports.Device{
		UserAgent: "Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", Cookie: true,
	})
	return err
}

func (s *seeder) createStaff(ctx context.Context) error {
	id, err := s.createUser(ctx, admin, stepAdmin, s.at(-180))
	if err != nil {
		return err
	}
	s.admin = domain.Actor{UserID: id, Role: domain.RoleAdmin}
	if err := s.createArchivedBatch(ctx); err != nil {
		return err
	}
	for i, plan := range batches {
		b, err := s.createBatch(ctx, plan, s.plan.start(), s.plan.end(), stepBatches+i, s.at(-14).Add(time.Duration(i)*5*time.Minute))
		if err != nil {
			return err
		}
		key, err := s.app.UseCases.BatchStaff.RegistrationKey(ctx, s.admin, b.ID)
		if err != nil {
			return err
		}
		s.batches, s.keys = append(s.batches, b), append(s.keys, key.Key.Reveal())
	}
	for i, p := range instructors {
		id, err := s.createUser(ctx, p, stepInstructors+i, s.at(-13).Add(time.Duration(i)*5*time.Minute))
		if err != nil {
			return err
		}
		s.random.advance(time.Minute)
		if _, err := s.app.UseCases.BatchStaff.AssignInstructor(ctx, s.admin, s.batches[p.batch].ID, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) createArchivedBatch(ctx context.Context) error {
	b, err := s.createBatch(ctx, archivedBatch, s.plan.start()-166, s.plan.start()-75, stepEarlierBatch, s.at(-179))
	if err != nil || b.ArchivedAt != nil {
		return err
	}
	s.random.step(stepArchive, s.at(-60))
	_, err = s.app.UseCases.Batches.ArchiveBatch(ctx, s.admin, b.ID, nil)
	return err
}

// createUser creates a user as the operator, unless they exist.
func (s *seeder) createUser(ctx context.Context, p person, step int, at time.Time) (domain.UserID, error) {
	id, found, err := s.find(ctx, p)
	if err != nil {
		return id, err
	}
	if found {
		s.random.resume(at)
		return id, nil
	}
	s.random.step(step, at)
	u, err := s.app.Operator.CreateUser(ctx, domain.System, p.registration(""), p.role)
	return u.ID, err
}

func (s *seeder) find(ctx context.Context, p person) (id domain.UserID, found bool, err error) {
	page, err := s.app.UseCases.Accounts.Users(ctx, domain.System, domain.UserFilter{Search: p.email()}, domain.PageRequest{Limit: 100})
	if err != nil {
		return id, false, err
	}
	for _, u := range page.Items { // the search also matches parts of addresses
		if string(u.Email) == p.email() {
			return u.ID, true, nil
		}
	}
	return id, false, nil
}

func (s *seeder) signIn(ctx context.Context, p person) (domain.Actor, error) {
	in, err := s.app.UseCases.Sessions.SignIn(ctx, anonymous, p.email(), password, ports.Device{UserAgent: "seed", Cookie: true})
	if err != nil {
		return domain.Actor{}, err
	}
	return s.app.UseCases.Sessions.Authenticate(ctx, in.Token)
}

// createBatch creates a batch, unless it exists.
func (s *seeder) createBatch(ctx context.Context, plan batchPlan, from, to domain.Day, step int, at time.Time) (domain.Batch, error) {
	found, err := s.app.UseCases.Batches.Batches(ctx, s.admin, domain.BatchFilter{Search: plan.name}, domain.PageRequest{Limit: 1})
	if err != nil {
		return domain.Batch{}, err
	}
	if len(found.Items) > 0 {
		s.random.resume(at)
		return found.Items[0], nil
	}
	s.random.step(step, at)
	return s.app.UseCases.Batches.CreateBatch(ctx, s.admin, domain.BatchUpdate{
		Name: &plan.name, Description: &plan.description, TimeZone: &plan.timeZone,
		StartsOn: &from, EndsOn: &to, WeeklyGoal: new(&plan.weeklyGoal),
	})
}

// createStudent registers the nth student with the key of their batch and connects
// WakaTime. It keeps what exists.
func (s *seeder) createStudent(ctx context.Context, p person, n int) error {
	_, joined, err := s.find(ctx, p)
	if err != nil {
		return err
	}
	at := s.at(0).Add(time.Duration(n) * time.Minute)
	var in domain.SignedIn
	if joined {
		s.random.resume(at)
		var first domain.SignIn
		first, err = s.app.UseCases.Sessions.SignIn(ctx, anonymous, p.email(), password, ports.Device{UserAgent: "seed", Cookie: true})
		in = first.SignedIn
	} else {
		s.random.step(stepStudents+n, at)
		in, err = s.app.UseCases.Sessions.Register(ctx, anonymous, p.registration(s.keys[p.batch]))
	}
	if err != nil {
		return err
	}
	if !joined {
		s.joined[in.Me.ID] = n
	}
	actor, err := s.app.UseCases.Sessions.Authenticate(ctx, in.Token)
	if err != nil {
		return err
	}
	s.random.advance(30 * time.Second)
	if err := s.connect(ctx, actor, p); err != nil {
		return fmt.Errorf("connect WakaTime: %w", err)
	}
	return s.app.UseCases.Sessions.SignOut(ctx, actor)
}

func (s *seeder) connect(ctx context.Context, actor domain.Actor, p person) error {
	c, err := s.app.UseCases.Connections.Connection(ctx, actor)
	if err != nil || c.State != domain.NotConnected {
		return err
	}
	username := p.username
	if p.story == switched {
		username = p.earlierUsername()
	}
	if err := s.authorize(ctx, actor, username); err != nil || p.story != disconnected {
		return err
	}
	_, err = s.app.UseCases.Connections.Disconnect(ctx, actor, nil)
	return err
}

// authorize connects a caller to a WakaTime user by OAuth.
func (s *seeder) authorize(ctx context.Context, actor domain.Actor, username string) error {
	url, _, err := s.app.UseCases.Connections.Authorize(ctx, actor)
	if err != nil {
		return err
	}
	code, state, err := consent(ctx, url, username)
	if err != nil {
		return err
	}
	_, err = s.app.UseCases.Connections.CompleteAuthorization(ctx, actor, code, state)
	return err
}

// switchAccount syncs a student on the day before they switch to another account, and
// connects that one.
func (s *seeder) switchAccount(ctx context.Context, p person) error {
	id, _, err := s.find(ctx, p)
	if err != nil {
		return err
	}
	if err := s.syncStudent(ctx, id, stepSwitch, s.plan.switchedOn().Date().Add(8*time.Hour)); err != nil {
		return err
	}
	actor, err := s.signIn(ctx, p)
	if err != nil {
		return err
	}
	if err := s.authorize(ctx, actor, p.username); err != nil {
		return err
	}
	return s.app.UseCases.Sessions.SignOut(ctx, actor)
}

// breakConnection syncs a student two days before the last day. Then WakaTime revokes
// their tokens, and the next sync fails.
func (s *seeder) breakConnection(ctx context.Context, p person) error {
	id, _, err := s.find(ctx, p)
	if err != nil {
		return err
	}
	if err := s.syncStudent(ctx, id, stepBreak, s.plan.Evening().AddDate(0, 0, -2)); err != nil {
		return err
	}
	s.random.advance(time.Hour)
	s.fake.SetScenario(p.username, fakewaka.Scenario{AccessTokenExpired: true, InvalidGrant: true})
	defer s.fake.SetScenario(p.username, fakewaka.Scenario{})
	return s.fetch(ctx, id)
}

// sync fetches the days of the students in the order in which they joined, without the
// job queue.
func (s *seeder) sync(ctx context.Context, students []domain.UserID, at time.Time) error {
	slices.SortFunc(students, func(a, b domain.UserID) int { return cmp.Compare(a.String(), b.String()) })
	for _, id := range students {
		if err := s.syncStudent(ctx, id, stepSyncs+s.joined[id], at); err != nil {
			return fmt.Errorf("sync %s: %w", id, err)
		}
	}
	return nil
}

// syncStudent fetches the days of a student in a step. An earlier run may have done that
// step for a student that it created, so it is resumed for them.
func (s *seeder) syncStudent(ctx context.Context, id domain.UserID, step int, at time.Time) error {
	if _, ok := s.joined[id]; ok {
		s.random.step(step, at)
	} else {
		s.random.resume(at)
	}
	return s.fetch(ctx, id)
}

// fetch is one sync. An error from WakaTime is recorded by the use case and is not an
// error here.
func (s *seeder) fetch(ctx context.Context, id domain.UserID) error {
	err := s.app.Syncer.Sync(ctx, domain.System, id, domain.SyncRequest{Scope: domain.SyncOnDemand})
	if _, ok := errors.AsType[*domain.UpstreamError](err); ok {
		return nil
	}
	return err
}

func (p person) registration(key string) ports.Registration {
	r := ports.Registration{Email: p.email(), Name: p.name, Password: password, TimeZone: &p.timeZone, Device: ports.Device{UserAgent: "seed", Cookie: true}}
	if key != "" {
		r.Key = &key
	}
	return r
}
