package wakatime_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	school = "https://waka.school.example/api/compat/wakatime/v1"
	lab    = "http://10.0.0.5:3000/api"
	local  = "http://localhost:3000"
)

// newPickyClient returns a client of WakaTime that allows a server of each kind.
func newPickyClient(tb testing.TB) *wakatime.Client {
	tb.Helper()
	return newClient(tb, "", func(cfg *wakatime.Config) {
		cfg.APIURL, cfg.OAuthURL = "", ""
		cfg.AllowedBaseURLs = []string{
			school + "/", lab, local, "http://both.example", "https://both.example/v1",
			"https://odd.example:8443/waka", "https://odd.example:9443", "http://api", "https://two.example/a/api/v1", "https://two.example/b/api/v1",
			"https://xn--bcher-kva.example",
		}
	})
}

// below returns base and the base URLs with known prefixes below it.
func below(base string) []string {
	return []string{base, base + "/api/v1", base + "/api/compat/wakatime/v1", base + "/api/hackatime/v1"}
}

// first returns list with an element moved to the front.
func first(element string, list []string) []string {
	return append([]string{element}, slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == element })...)
}

var (
	wakaTime = []string{""}
	ofSchool = []string{school}
	ofLab    = []string{lab, lab + "/v1", lab + "/compat/wakatime/v1", lab + "/hackatime/v1"}
)

func TestBaseURLs(t *testing.T) {
	t.Parallel()
	c := newPickyClient(t)
	for typed, want := range map[string][]string{
		"":                                       wakaTime,
		"  ":                                     wakaTime,
		"''":                                     wakaTime,
		"https://api.wakatime.com/api/v1":        wakaTime,
		"https://wakatime.com/api/v1":            wakaTime,
		"wakatime.com":                           wakaTime,
		"https://www.wakatime.com/":              wakaTime,
		"https://api.wakatime.com":               wakaTime,
		" HTTPS://API.wakatime.com:443/api/v1/ ": wakaTime,
		"https://api.wakatime.com/api/v1/users/current/status_bar/today": wakaTime,

		school: ofSchool,
		"https://WAKA.school.example:443/api/compat/wakatime/v1///": ofSchool,
		"https://waka.school.example":                               ofSchool,
		"waka.school.example":                                       ofSchool,
		"//waka.school.example/api":                                 ofSchool,
		"WAKA.SCHOOL.EXAMPLE/API/V1":                                ofSchool,
		"\"https://waka.school.example\"":                           ofSchool,
		"\u201chttps://waka.school.example\u201d,":                  ofSchool,
		"api_url = https://waka.school.example/api\n":               ofSchool,
		" api_url=\"https://waka.school.example\"":                  ofSchool,
		"<https://waka.school.example>.":                            ofSchool,
		"\thttps://waka.school.example/api\r\n":                     ofSchool,
		"https://waka.school.example/api/heartbeat":                 ofSchool,
		"https://waka.school.example/settings#integrations":         ofSchool,
		school + "/users/current/heartbeats.bulk":                   ofSchool,
		school + "?api_key=x":                                       ofSchool,
		"https://waka.school.example/x/../api":                      ofSchool,
		"https://waka.school.example/%61pi":                         ofSchool,

		lab:                               ofLab,
		"10.0.0.5:3000":                   ofLab,
		"10.0.0.5":                        ofLab,
		"http://10.0.0.5":                 ofLab,
		"http://10.0.0.5:3000/":           ofLab,
		lab + "/v1":                       first(lab+"/v1", ofLab),
		lab + "/users/current/heartbeats": ofLab,
		"10.0.0.5:3000/api/compat/wakatime/v1/users/current/summaries?start=today": first(lab+"/compat/wakatime/v1", ofLab),

		"http://localhost:3000/api":             below(local),
		"localhost:3000":                        below(local),
		"localhost":                             below(local),
		"http://127.0.0.1:3000":                 below(local),
		"[::1]:3000":                            below(local),
		"http://[::1]:3000/api/hackatime/v1":    first(local+"/api/hackatime/v1", below(local)),
		"LOCALHOST:3000/api/compat/wakatime/v1": first(local+"/api/compat/wakatime/v1", below(local)),

		// HTTPS is preferred, unless the user types http://.
		"both.example":            below("https://both.example/v1"),
		"both.example/":           below("https://both.example/v1"),
		"both.example:443":        below("https://both.example/v1"),
		"http://both.example":     below("http://both.example"),
		"http://both.example:80/": below("http://both.example"),

		// Without a port, it is the default one if that is allowed.
		"odd.example:9443":                     below("https://odd.example:9443"),
		"odd.example":                          slices.Concat([]string{"https://odd.example:9443", "https://odd.example:8443/waka"}, below("https://odd.example:8443/waka")[1:], below("https://odd.example:9443")[1:]),
		"https://odd.example:8443/waka/api/v1": first("https://odd.example:8443/waka/api/v1", below("https://odd.example:8443/waka")),

		// International names have an ASCII form.
		"bücher.example":                below("https://xn--bcher-kva.example"),
		"https://BÜCHER.example/api/v1": first("https://xn--bcher-kva.example/api/v1", below("https://xn--bcher-kva.example")),
		"xn--bcher-kva.example":         below("https://xn--bcher-kva.example"),

		"http://api":           below("http://api"),
		"two.example/b/api/v1": {"https://two.example/b/api/v1", "https://two.example/a/api/v1"},
		"two.example":          {"https://two.example/a/api/v1", "https://two.example/b/api/v1"},
	} {
		t.Run("accepts "+strconv.Quote(typed), func(t *testing.T) {
			t.Parallel()
			got, err := c.BaseURLs(typed)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

func TestBaseURLs_RejectsOtherServers(t *testing.T) {
	t.Parallel()
	c := newPickyClient(t)
	for _, typed := range []string{
		"https://evil.example/api/v1", "evil.example", "school.example", "example",
		"https://waka.school.example./api/compat/wakatime/v1",
		"https://waka.school.example:8443/api/compat/wakatime/v1", "waka.school.example:80",
		"http://waka.school.example/api/compat/wakatime/v1", "http://wakatime.com",
		"https://localhost:3000", "https://10.0.0.5:3000/api", "localhost:3001",
		"https://waka.school.example@evil.example/api/compat/wakatime/v1", "https://evil.example/https://waka.school.example",
		"https://user:password@waka.school.example/api/compat/wakatime/v1", "waka.school.example:password@evil.example",
		"https://waka.school.example\\@evil.example/", "https://evil.example#waka.school.example", "https://evil.example?waka.school.example",
		"ftp://waka.school.example/api", "file:///etc/passwd", "gopher://127.0.0.1:25/", "javascript:alert(1)", "https:waka.school.example",
		"https://", "https://:443/api", "://", "/", "/api/v1", "users/current",
		"http://0.0.0.0:3000/", "http://169.254.169.254/latest/meta-data",
		"http://2130706433/", "http://0x7f.1/", "http://[::ffff:10.0.0.5]:3000/api", "http://localhost./api",
		"https://waka.school.example\r\nHost: evil", "\x00", "%", "https://[::1", "waka.school.example:port",
	} {
		t.Run(strconv.Quote(typed), func(t *testing.T) {
			t.Parallel()
			got, err := c.BaseURLs(typed)
			if !errors.Is(err, domain.ErrWakaTimeBaseURLNotAllowed) || got != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestBaseURLs_ErrorNamesTheChoices(t *testing.T) {
	t.Parallel()
	c := newClient(t, "", func(cfg *wakatime.Config) {
		cfg.APIURL, cfg.OAuthURL, cfg.AllowedBaseURLs = "", "", []string{local}
	})
	_, err := c.BaseURLs("https://evil.example/?key=canary")
	e, ok := errors.AsType[*domain.Error](err)
	if want := "This server is not allowed. Choose one of: https://api.wakatime.com/api/v1, http://localhost:3000."; !ok || e.Detail != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

// FuzzBaseURLs checks that the typed text only selects: every candidate is an allowed base
// URL, possibly with a known prefix, and a key can be sent to it.
func FuzzBaseURLs(f *testing.F) {
	c := newPickyClient(f)
	requested := make(chan *url.URL, 1)
	c.SetTransport(transport(func(r *http.Request) (*http.Response, error) {
		requested <- r.URL
		return respond(http.StatusOK, me), nil
	}))
	var allowed []string
	for _, s := range c.Servers() {
		allowed = append(allowed, below(s.BaseURL)...)
		allowed = append(allowed, below(strings.TrimSuffix(s.BaseURL, "/api"))...)
	}
	for _, typed := range []string{
		"", "localhost:3000", "http://127.0.0.1:3000/api/v1/users/current", "https://a@b", "[::1]:3000", "//both.example", "odd.example", "%", "'\u201c",
	} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, err := c.BaseURLs(typed)
		if (err == nil) != (len(got) > 0) || err != nil && !errors.Is(err, domain.ErrWakaTimeBaseURLNotAllowed) {
			t.Fatalf("got %q, %v", got, err)
		}
		for _, base := range got {
			if base != "" && !slices.Contains(allowed, base) {
				t.Errorf("%q is not allowed", base)
			}
			if _, err := c.Account(t.Context(), domain.Credential{Kind: domain.ConnectedByKey, BaseURL: base, Token: "key"}); err != nil {
				t.Errorf("%q: %v", base, err)
				continue
			}
			if to := (<-requested).String(); base != "" && to != base+"/users/current" {
				t.Errorf("the request for %q was sent to %q", base, to)
			}
		}
	})
}

func TestServers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*wakatime.Config)
		want   []domain.WakaTimeServer
	}{
		"WakaTime alone": {
			func(cfg *wakatime.Config) { cfg.APIURL, cfg.AllowedBaseURLs = "", nil },
			[]domain.WakaTimeServer{{Name: "WakaTime", BaseURL: "https://api.wakatime.com/api/v1", Default: true}},
		},
		"other servers, one of them the default": {
			func(cfg *wakatime.Config) {
				cfg.APIURL, cfg.AllowedBaseURLs = school, []string{local + "/", school, "https://wakatime.com/api/v1"}
			},
			[]domain.WakaTimeServer{
				{Name: "waka.school.example", BaseURL: school, Default: true},
				{Name: "localhost:3000", BaseURL: local},
				{Name: "WakaTime", BaseURL: "https://wakatime.com/api/v1"},
			},
		},
		"a default with a name": {
			func(cfg *wakatime.Config) { cfg.APIURL, cfg.AllowedBaseURLs, cfg.Source = lab, []string{school}, "lab" },
			[]domain.WakaTimeServer{{Name: "lab", BaseURL: lab, Default: true}, {Name: "waka.school.example", BaseURL: school}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, newClient(t, "https://unused.example", tc.change).Servers()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
