package seed

import (
	"context"
	"errors"
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
	joined  bool // everybody has joined and connected already
	admin   domain.Actor
	batches []domain.Batch
	keys    []string
}

// New returns a Seeder for a class that began Days before today. With joined the
// students are left alone. report tells a person what is going on.
func New(u UseCases, approve Approve, today domain.Day, joined bool, report func(string)) *Seeder {
	return &Seeder{use: u, approve: approve, report: report, today: today, joined: joined}
}

// Made is the class as it stands.
type Made struct {
	Batches []domain.Batch
	Keys    []string // the registration keys, in the order of Batches
}

// Run makes whatever is missing of the class.
func (s *Seeder) Run(ctx context.Context) (Made, error) {
	if err := s.staff(ctx); err != nil {
		return Made{}, fmt.Errorf("make the staff: %w", err)
	}
	if s.joined {
		return Made{s.batches, s.keys}, nil
	}
	for i, p := range Students {
		if err := s.student(ctx, p); err != nil {
			return Made{}, fmt.Errorf("make the student %s: %w", p.Name, err)
		}
		if (i+1)%8 == 0 {
			s.report(fmt.Sprintf("%d of %d students have joined", i+1, len(Students)))
		}
	}
	return Made{s.batches, s.keys}, nil
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
		found, err := s.use.Accounts.Users(ctx, s.admin, domain.UserFilter{Search: p.Email()}, domain.PageRequest{Limit: 1})
		if err != nil {
			return err
		}
		if len(found.Items) == 0 {
			return fmt.Errorf("%s is not there", p.Email())
		}
		if _, err := s.use.Staff.AssignInstructor(ctx, s.admin, s.batches[p.Batch].ID, found.Items[0].ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Seeder) user(ctx context.Context, p Person) error {
	_, err := s.use.Accounts.CreateUser(ctx, domain.System, p.registration(""), p.Role)
	if errors.Is(err, domain.ErrEmailTaken) {
		return nil
	}
	return err
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
	in, err := s.use.Sessions.Register(ctx, domain.Actor{Role: domain.RoleAnyone}, p.registration(s.keys[p.Batch]))
	if errors.Is(err, domain.ErrEmailTaken) {
		in, err = s.use.Sessions.SignIn(ctx, domain.Actor{Role: domain.RoleAnyone}, p.Email(), Password, "seed")
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
	if p.Story == Disconnected {
		return nil
	}
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
	_, err = s.use.Connections.CompleteAuthorization(ctx, actor, code, state)
	return err
}

func (p Person) registration(key string) ports.Registration {
	r := ports.Registration{Email: p.Email(), Name: p.Name, Password: Password, TimeZone: &p.TimeZone, UserAgent: "seed"}
	if key != "" {
		r.Key = &key
	}
	return r
}
