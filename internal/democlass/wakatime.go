package democlass

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/ports"
)

// The OAuth client of the fake WakaTime server.
const (
	ClientID     = "gradus-demo"
	ClientSecret = "waka_sec_demo_only"
)

// spareUsername is a WakaTime user who is not in the class.
const spareUsername = "robin"

// seedOffset makes Ada code on the days that the examples of the documentation show, in
// the default class.
const seedOffset = 54

// NewFakeWakaTime returns a fake WakaTime server with the students of a class and a spare
// user.
func NewFakeWakaTime(plan Plan, now ports.Clock) *fakewaka.Server {
	f := fakewaka.New(fakewaka.Config{Seed: plan.Seed + seedOffset, ClientID: ClientID, ClientSecret: ClientSecret, Now: now})
	for _, p := range plan.students() {
		f.AddPerson(wakaTimeUser(p, plan))
		f.SetScenario(p.username, scenario(p, plan))
		if p.story == switched {
			f.AddPerson(earlierWakaTimeUser(p, plan))
		}
	}
	f.AddPerson(fakewaka.Person{
		Username: spareUsername, DisplayName: "Robin Vance", Email: "robin@school.example", TimeZone: "America/Chicago", Plan: "premium",
		Activity: fakewaka.Activity{WeeklyHours: 14, Since: plan.codingSince().String()},
	})
	return f
}

func wakaTimeUser(p person, plan Plan) fakewaka.Person {
	user := fakewaka.Person{
		Username: p.username, DisplayName: p.name, Email: p.email(), TimeZone: p.timeZone, Plan: "premium",
		Activity: fakewaka.Activity{WeeklyHours: p.hours, Since: plan.codingSince().String()},
	}
	switch p.story {
	case wentQuiet:
		user.Activity.QuietSince = plan.quietSince().String()
	case freePlan:
		user.Plan, user.HistoryDays = "free", 14
	case switched:
		user.Activity.Since = plan.switchedOn().String()
	case steady, hasGap, disconnected, kathmandu, broken:
	}
	return user
}

// earlierWakaTimeUser returns the WakaTime user that a student was connected to before.
func earlierWakaTimeUser(p person, plan Plan) fakewaka.Person {
	user := wakaTimeUser(p, plan)
	user.Username = p.earlierUsername()
	user.Activity.Since, user.Activity.QuietSince = plan.codingSince().String(), plan.switchedOn().String()
	return user
}

// scenario returns how WakaTime misbehaves for a student.
func scenario(p person, plan Plan) (sc fakewaka.Scenario) {
	if p.story == hasGap {
		for d, gap := plan.gap().From, plan.gap(); d <= gap.To; d++ {
			sc.MissingDays = append(sc.MissingDays, d.String())
		}
	}
	return sc
}

// consent opens the consent page of the fake server, signed in as username, and returns
// the code and the state from its redirect.
func consent(ctx context.Context, authorizationURL, username string) (code, state domain.Secret, err error) {
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
	redirect, err := res.Location()
	if err != nil {
		return "", "", fmt.Errorf("the consent page returned %s: %w", res.Status, err)
	}
	q = redirect.Query()
	return domain.Secret(q.Get("code")), domain.Secret(q.Get("state")), nil
}

// WithFakeWakaTime returns the settings of a server that uses a fake WakaTime server at
// the given address. Days name api.wakatime.com as their source: the address differs from
// run to run, but the class must not.
func WithFakeWakaTime(cfg config.Config, address string) config.Config {
	cfg.WakaTime.ClientID, cfg.WakaTime.ClientSecret = ClientID, ClientSecret
	cfg.WakaTime.APIURL, cfg.WakaTime.OAuthURL = address+"/api/v1", address+"/oauth"
	cfg.WakaTime.Source = "api.wakatime.com"
	cfg.WakaTime.AllowedBaseURLs = append(cfg.WakaTime.AllowedBaseURLs, address+"/api/compat/wakatime/v1")
	cfg.WakaTime.RequestsPerSec, cfg.WakaTime.UserRequestsPerSec = 1000, 1000
	return cfg
}
