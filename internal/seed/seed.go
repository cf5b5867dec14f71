package seed

import (
	"context"
	"fmt"

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
}

// Approve stands for a person at WakaTime's consent page: it opens the address
// signed in as username and returns the code and state that come back.
type Approve func(ctx context.Context, authorizationURL, username string) (code, state domain.Secret, err error)

// Seeder makes the class. It can be run again after it was interrupted: what is
// there already is kept.
type Seeder struct {
	use     UseCases
	approve Approve
	report  func(string)
	today   domain.Day
	admin   domain.Actor
	batches []domain.Batch
	keys    []string
}

// New returns a Seeder for a class that began Days before today. report tells a
// person what is going on.
func New(u UseCases, approve Approve, today domain.Day, report func(string)) *Seeder {
	return &Seeder{use: u, approve: approve, report: report, today: today}
}

// Run makes whatever is missing of the class.
func (s *Seeder) Run(ctx context.Context) error {
	if err := s.staff(ctx); err != nil {
		return fmt.Errorf("make the staff: %w", err)
	}
	for i, p := range Students {
		if err := s.student(ctx, p); err != nil {
			return fmt.Errorf("make the student %s: %w", p.Name, err)
		}
		if (i+1)%8 == 0 {
			s.report(fmt.Sprintf("%d of %d students have joined", i+1, len(Students)))
		}
	}
	return nil
}

func (s *Seeder) staff(ctx context.Context) error {
	if err := s.user(ctx, Admin); err != nil {
		return err
	}
	in, err := s.signIn(ctx, Admin)
	if err != nil {
		return err
	}
	s.admin = in
	for _, plan := range Batches {
		if err := s.batch(ctx, plan); err != nil {
			return err
		}
	}
	for _, p := range Instructors {
		if err := s.user(ctx, p); err != nil {
			return err
		}
		id, _, err := s.find(ctx, p)
		if err != nil {
			return err
		}
		if _, err := s.use.Staff.AssignInstructor(ctx, s.admin, s.batches[p.Batch].ID, id); err != nil {
			return err
		}
	}
	return nil
}

// user makes a member of the staff who is not there yet.
func (s *Seeder) user(ctx context.Context, p Person) error {
	if _, found, err := s.find(ctx, p); found || err != nil {
		return err
	}
	_, err := s.use.Accounts.CreateUser(ctx, domain.System, p.registration(""), p.Role)
	return err
}

func (s *Seeder) find(ctx context.Context, p Person) (id domain.UserID, found bool, err error) {
	page, err := s.use.Accounts.Users(ctx, domain.System, domain.UserFilter{Search: p.Email()}, domain.PageRequest{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return id, false, err
	}
	return page.Items[0].ID, true, nil
}

func (s *Seeder) signIn(ctx context.Context, p Person) (domain.Actor, error) {
	in, err := s.use.Sessions.SignIn(ctx, domain.Actor{Role: domain.RoleAnyone}, p.Email(), Password, "seed")
	if err != nil {
		return domain.Actor{}, err
	}
	return s.use.Sessions.Authenticate(ctx, in.Token)
}

func (s *Seeder) batch(ctx context.Context, plan BatchPlan) error {
	found, err := s.use.Batches.Batches(ctx, s.admin, domain.BatchFilter{Search: plan.Name}, domain.PageRequest{Limit: 1})
	if err != nil {
		return err
	}
	var b domain.Batch
	if len(found.Items) > 0 {
		b = found.Items[0]
	} else if b, err = s.use.Batches.OpenBatch(ctx, s.admin, domain.BatchEdit{
		Name: &plan.Name, Description: &plan.Description, TimeZone: &plan.TimeZone,
		StartsOn: new(s.today - Days), EndsOn: new(s.today + 30), WeeklyGoal: new(&plan.WeeklyGoal),
	}); err != nil {
		return err
	}
	key, err := s.use.Staff.RegistrationKey(ctx, s.admin, b.ID)
	if err != nil {
		return err
	}
	s.batches, s.keys = append(s.batches, b), append(s.keys, key.Key.Reveal())
	return nil
}

// student registers with the key of the batch and connects WakaTime.
func (s *Seeder) student(ctx context.Context, p Person) error {
	_, joined, err := s.find(ctx, p)
	if err != nil {
		return err
	}
	var in domain.SignedIn
	anyone := domain.Actor{Role: domain.RoleAnyone}
	if joined {
		in, err = s.use.Sessions.SignIn(ctx, anyone, p.Email(), Password, "seed")
	} else {
		in, err = s.use.Sessions.Register(ctx, anyone, p.registration(s.keys[p.Batch]))
	}
	if err != nil {
		return err
	}
	actor, err := s.use.Sessions.Authenticate(ctx, in.Token)
	if err != nil {
		return err
	}
	if err := s.connect(ctx, actor, p); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return s.use.Sessions.SignOut(ctx, actor)
}

func (s *Seeder) connect(ctx context.Context, actor domain.Actor, p Person) error {
	c, err := s.use.Connections.Connection(ctx, actor)
	if err != nil || c.State == domain.Connected {
		return err
	}
	url, _, err := s.use.Connections.Authorize(ctx, actor)
	if err != nil {
		return err
	}
	code, state, err := s.approve(ctx, url, p.Username)
	if err != nil {
		return err
	}
	if _, err = s.use.Connections.CompleteAuthorization(ctx, actor, code, state); err != nil || p.Story != Disconnected {
		return err
	}
	_, err = s.use.Connections.Disconnect(ctx, actor, nil)
	return err
}

func (p Person) registration(key string) ports.Registration {
	r := ports.Registration{Email: p.Email(), Name: p.Name, Password: Password, TimeZone: &p.TimeZone, UserAgent: "seed"}
	if key != "" {
		r.Key = &key
	}
	return r
}
