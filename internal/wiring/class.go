package wiring

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/seed"
)

// classSeed decides everything that looks random about the class.
const classSeed = 2026

// The OAuth client that the fake WakaTime server knows.
const (
	FakeClientID     = "gradus-demo"
	FakeClientSecret = "waka_sec_demo_only"
)

// Class is the deterministic class with the fake WakaTime server that its
// students' days come from.
type Class struct {
	app   *App
	Fake  *fakewaka.Server
	start domain.Day // of the batches
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

// NewClass finds out when the class began, or lets it begin seed.Days ago, and
// builds the fake WakaTime server to match.
func NewClass(ctx context.Context, app *App, now time.Time) (*Class, error) {
	c := &Class{app: app, start: domain.UTC.Today(now) - seed.Days}
	found, err := app.UseCases.Batches.Batches(ctx, staff, domain.BatchFilter{Search: seed.Batches[0].Name}, domain.PageRequest{Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("look for the class: %w", err)
	}
	if len(found.Items) > 0 {
		c.start = found.Items[0].StartsOn
	}
	c.Fake = fakeServer(c.start)
	return c, nil
}

// fakeServer returns a fake WakaTime server for a class that began at start.
func fakeServer(start domain.Day) *fakewaka.Server {
	f := fakewaka.New(fakewaka.Config{Seed: classSeed, ClientID: FakeClientID, ClientSecret: FakeClientSecret})
	for _, p := range seed.Students {
		f.AddPerson(upstream(p, start))
		if p.Story == seed.HasGap {
			f.SetScenario(p.Username, fakewaka.Scenario{MissingDays: []string{
				(start + 30).String(), (start + 31).String(), (start + 32).String(), (start + 33).String(),
			}})
		}
	}
	f.AddPerson(fakewaka.Person{
		Username: SpareUsername, DisplayName: "Robin Vance", Email: "robin@school.example", TimeZone: "America/Chicago", Plan: "premium",
		Activity: fakewaka.Activity{WeeklyHours: 14, Since: (start - 30).String()},
	})
	return f
}

// SpareUsername is somebody at the fake WakaTime server who is not in the class, for
// whoever wants to join it.
const SpareUsername = "robin"

// Spare is an account at the fake WakaTime server that nobody has connected.
type Spare struct {
	Username string `json:"username"`
	APIKey   string `json:"api_key"`
}

// Spare returns the spare account.
func (c *Class) Spare() Spare { return Spare{SpareUsername, c.Fake.APIKey(SpareUsername)} }

// upstream is a student as WakaTime knows them.
func upstream(p seed.Person, start domain.Day) fakewaka.Person {
	person := fakewaka.Person{
		Username: p.Username, DisplayName: p.Name, Email: p.Email(), TimeZone: p.TimeZone, Plan: "premium",
		Activity: fakewaka.Activity{WeeklyHours: p.Hours, Since: (start - 30).String()},
	}
	switch p.Story {
	case seed.WentQuiet:
		person.Activity.QuietSince = (start + seed.Days - 12).String()
	case seed.FreePlan:
		person.Plan, person.HistoryDays = "free", 14
	case seed.Steady, seed.HasGap, seed.Disconnected, seed.Kathmandu:
	}
	return person
}

// Make makes whatever is missing of the class, as if people had joined when it
// began, and reports whether anything was. The fake server must be reachable. It can
// be run again after it was interrupted. A class that was complete once is left
// alone, whatever people have done to it since.
func (c *Class) Make(ctx context.Context, cfg config.Config, log *slog.Logger, report func(string)) (made bool, err error) {
	last := seed.Students[len(seed.Students)-1]
	found, err := c.app.UseCases.Accounts.Users(ctx, domain.System, domain.UserFilter{Search: last.Email()}, domain.PageRequest{Limit: 1})
	if err != nil || len(found.Items) > 0 {
		return false, err
	}
	p, err := c.Progress(ctx)
	if err != nil {
		return false, err
	}
	app, cleanup, err := NewApp(ctx, cfg, past(c.start.Date().Add(9*time.Hour), p.Joined == 0), log)
	if err != nil {
		return false, err
	}
	defer cleanup()
	u := app.UseCases
	return true, seed.New(seed.UseCases{
		Sessions: u.Sessions, Accounts: u.Accounts, Batches: u.Batches, Staff: u.BatchStaff, Students: u.Students, Connections: u.Connections,
	}, approve, c.start+seed.Days, report).Run(ctx)
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
	page, err := c.app.UseCases.Students.Students(ctx, staff, domain.StudentFilter{}, domain.PageRequest{Limit: 100})
	if err != nil {
		return p, fmt.Errorf("ask for the class's progress: %w", err)
	}
	for _, s := range page.Items {
		p.Joined++
		if s.Connection != domain.Connected {
			continue
		}
		p.Connected++
		if s.LastWeek.Expected > 0 && s.LastWeek.Pending == 0 {
			p.Synced++
		}
	}
	return p, nil
}

// Enqueue asks for a sync of everybody, as staff may.
func (c *Class) Enqueue(ctx context.Context) error {
	students, err := c.connected(ctx)
	for _, s := range students {
		if err := c.app.UseCases.Tracking.RequestSync(ctx, staff, s.ID); err != nil {
			return fmt.Errorf("ask for a sync of %s: %w", s.Name, err)
		}
	}
	return err
}

func (c *Class) connected(ctx context.Context) ([]domain.Student, error) {
	page, err := c.app.UseCases.Students.Students(ctx, staff, domain.StudentFilter{Connected: new(true)}, domain.PageRequest{Limit: 100})
	return page.Items, err
}

// Sync fetches everybody's days at once, without the queue.
func (c *Class) Sync(ctx context.Context) error {
	students, err := c.connected(ctx)
	if err != nil {
		return err
	}
	for _, s := range students {
		err := c.app.Syncing.Sync(ctx, domain.System, s.ID, domain.SyncNow)
		if _, upstream := errors.AsType[*domain.UpstreamError](err); err != nil && !upstream {
			return fmt.Errorf("sync %s: %w", s.Name, err)
		}
	}
	return nil
}

// Members lists who can sign in: the staff, and a student of each story.
func Members() []Member {
	people := append([]seed.Person{seed.Admin}, seed.Instructors...)
	told := map[seed.Story]bool{}
	for _, p := range seed.Students {
		if !told[p.Story] {
			told[p.Story] = true
			people = append(people, p)
		}
	}
	out := make([]Member, len(people))
	for i, p := range people {
		out[i] = Member{Role: string(p.Role), Name: p.Name, Email: p.Email(), Password: seed.Password.Reveal(), Story: string(p.Story)}
	}
	return out
}

// past is a World that stands still at then. On a fresh database chance always falls
// the same way, so that the class gets the same ids and keys each time; on one that
// holds a part of the class these would be taken. Tokens stay secret.
func past(then time.Time, fresh bool) World {
	source := rand.NewPCG(classSeed, uint64(then.Unix()))
	random := rand.New(source) //nolint:gosec // ids and keys of a class that is no secret
	count := uint64(0)
	w := RealWorld()
	w.Now = func() time.Time { return then }
	if !fresh {
		return w
	}
	w.NewID = func() [16]byte {
		count++
		var id [16]byte
		binary.BigEndian.PutUint64(id[0:8], uint64(then.UnixMilli())<<16|count&0xfff)
		binary.BigEndian.PutUint64(id[8:16], random.Uint64())
		id[6] = id[6]&0x0f | 0x70 // version 7
		id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
		return id
	}
	w.NewKey = func() domain.Secret {
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
		key := make([]byte, 26)
		for i := range key {
			key[i] = letters[random.IntN(len(letters))]
		}
		return domain.Secret(key)
	}
	return w
}

// approve opens the consent page of the fake server, signed in as username, and
// takes the code and the state from where it sends the browser.
func approve(ctx context.Context, authorizationURL, username string) (code, state domain.Secret, err error) {
	u, err := url.Parse(authorizationURL)
	if err != nil {
		return "", "", err
	}
	q := u.Query()
	q.Set("login", username)
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", "", err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return "", "", err
	}
	_ = res.Body.Close()
	back, err := res.Location()
	if err != nil {
		return "", "", fmt.Errorf("the consent page answered %s: %w", res.Status, err)
	}
	q = back.Query()
	return domain.Secret(q.Get("code")), domain.Secret(q.Get("state")), nil
}

// NewFakeWakaTime returns a fake WakaTime server with the people of a class that
// began seed.Days before now.
func NewFakeWakaTime(now time.Time) *fakewaka.Server {
	return fakeServer(domain.UTC.Today(now) - seed.Days)
}

// WithFakeWakaTime points the settings at a fake WakaTime server.
func WithFakeWakaTime(cfg config.Config, address string) config.Config {
	cfg.WakaTime.ClientID, cfg.WakaTime.ClientSecret = FakeClientID, FakeClientSecret
	cfg.WakaTime.APIURL, cfg.WakaTime.OAuthURL = address+"/api/v1", address+"/oauth"
	cfg.WakaTime.RequestsPerSec, cfg.WakaTime.UserRequestsPerSec = 200, 50
	return cfg
}
