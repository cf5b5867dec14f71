package wiring

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/seed"
)

// The OAuth client that the fake WakaTime server knows.
const (
	FakeClientID     = "gradus-demo"
	FakeClientSecret = "waka_sec_demo_only"
)

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

// lucky is a number with which, in the class that everybody knows, Ada is at work on the
// days that the examples of the documentation show.
const lucky = 54

// NewFakeWakaTime returns a fake WakaTime server with the people of a class.
func NewFakeWakaTime(plan Plan, now ports.Clock) *fakewaka.Server {
	f := fakewaka.New(fakewaka.Config{Seed: plan.Seed + lucky, ClientID: FakeClientID, ClientSecret: FakeClientSecret, Now: now})
	for _, p := range plan.People() {
		f.AddPerson(upstream(p, plan))
		f.SetScenario(p.Username, misbehaviour(p, plan))
	}
	f.AddPerson(fakewaka.Person{
		Username: SpareUsername, DisplayName: "Robin Vance", Email: "robin@school.example", TimeZone: "America/Chicago", Plan: "premium",
		Activity: fakewaka.Activity{WeeklyHours: 14, Since: plan.CodingSince().String()},
	})
	return f
}

// upstream is a student as WakaTime knows them.
func upstream(p seed.Person, plan Plan) fakewaka.Person {
	person := fakewaka.Person{
		Username: p.Username, DisplayName: p.Name, Email: p.Email(), TimeZone: p.TimeZone, Plan: "premium",
		Activity: fakewaka.Activity{WeeklyHours: p.Hours, Since: plan.CodingSince().String()},
	}
	switch p.Story {
	case seed.WentQuiet:
		person.Activity.QuietSince = plan.QuietSince().String()
	case seed.FreePlan:
		person.Plan, person.HistoryDays = "free", 14
	case seed.Steady, seed.HasGap, seed.Disconnected, seed.Kathmandu, seed.Broken:
	}
	return person
}

// misbehaviour is what WakaTime always does to a student. The zero one is honest.
func misbehaviour(p seed.Person, plan Plan) (sc fakewaka.Scenario) {
	if p.Story == seed.HasGap {
		for d, gap := plan.Gap().From, plan.Gap(); d <= gap.To; d++ {
			sc.MissingDays = append(sc.MissingDays, d.String())
		}
	}
	return sc
}

// revoke makes WakaTime refuse the tokens of a person for a while.
func (c *Class) revoke(username string, meanwhile func() error) error {
	c.Fake.SetScenario(username, fakewaka.Scenario{AccessTokenExpired: true, InvalidGrant: true})
	defer c.Fake.SetScenario(username, fakewaka.Scenario{})
	return meanwhile()
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

// WithFakeWakaTime points the settings at a fake WakaTime server. Days name it as if
// WakaTime had answered: its address differs from run to run, and a class must not.
func WithFakeWakaTime(cfg config.Config, address string) config.Config {
	cfg.WakaTime.ClientID, cfg.WakaTime.ClientSecret = FakeClientID, FakeClientSecret
	cfg.WakaTime.APIURL, cfg.WakaTime.OAuthURL = address+"/api/v1", address+"/oauth"
	cfg.WakaTime.Source = "api.wakatime.com"
	cfg.WakaTime.AllowedBaseURLs = append(cfg.WakaTime.AllowedBaseURLs, address+"/api/compat/wakatime/v1")
	cfg.WakaTime.RequestsPerSec, cfg.WakaTime.UserRequestsPerSec = 200, 50
	return cfg
}
