package wakatime_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
)

const machines = `{"data":[{"grand_total":{"total_seconds":90},"range":{"start":"2026-11-16T06:00:00Z"},
"languages":[{"name":"Go","total_seconds":60.4},{"name":"Go","total_seconds":20},{"name":"","total_seconds":3},{"name":"HTML","total_seconds":0.2},
 {"name":"Long","total_seconds":1e9},{"name":"Bad","total_seconds":"7"},{"name":"Minus","total_seconds":-7},{"name":7,"total_seconds":5}],
"machines":[{"name":"Adas-MacBook 10.0.0.7","total_seconds":50,"machine_name_id":"f1d2"},{"name":"lab-3","total_seconds":40},{"total_seconds":9}]}]}`

func TestSummaries_Shares(t *testing.T) {
	t.Parallel()
	r := days(t, "2026-11-16", "2026-11-16")
	got, err := fetch(t, machines, zone, r)
	if err != nil {
		t.Fatal(err)
	}
	want := []domain.Share{
		{Dimension: domain.ByLanguage, Name: "Go", Seconds: 80}, {Dimension: domain.ByLanguage, Name: "7", Seconds: 5},
	}
	if diff := cmp.Diff(want, slices.DeleteFunc(slices.Clone(got.Days[0].Shares), isMachine)); diff != "" {
		t.Error(diff)
	}
}

func isMachine(s domain.Share) bool { return s.Dimension == domain.ByMachine }

func TestSummaries_HidesMachineNames(t *testing.T) {
	t.Parallel()
	names := func(of domain.UserID, body string, keep bool) []string {
		c := newClient(t, "https://wakatime.example", func(cfg *wakatime.Config) { cfg.KeepMachineNames = keep })
		c.SetTransport(transport(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, body), nil }))
		got, err := c.Summaries(t.Context(), domain.Credential{User: of, Kind: domain.ConnectedByOAuth}, zone, days(t, "2026-11-16", "2026-11-16"))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, s := range got.Days[0].Shares {
			if isMachine(s) {
				out = append(out, s.Name)
			}
		}
		return out
	}
	mine := names(user, machines, false)
	if diff := cmp.Diff([]string{"machine 5b8f08", "machine b115b5"}, mine); diff != "" {
		t.Error(diff)
	}
	if second := names(user, strings.ReplaceAll(machines, "Adas-MacBook 10.0.0.7", "Adas-MacBook 10.0.0.8"), false); !slices.Equal(mine, second) {
		t.Errorf("a machine with an ID changed from %q to %q when its address changed", mine, second)
	}
	if theirs := names(domain.UserID{9}, machines, false); slices.Contains(theirs, mine[0]) || slices.Contains(theirs, mine[1]) {
		t.Errorf("a machine has the same name for two users: %q, %q", mine, theirs)
	}
	if diff := cmp.Diff([]string{"Adas-MacBook 10.0.0.7", "lab-3"}, names(user, machines, true)); diff != "" {
		t.Error(diff)
	}
}

func TestSummaries_AbsentDimensions(t *testing.T) {
	t.Parallel()
	const all = `"languages":[],"projects":[],"editors":[],"operating_systems":[],"categories":[],"dependencies":[],"machines":[]`
	without := func(list ...domain.Dimension) []domain.Dimension {
		return slices.DeleteFunc(slices.Clone(domain.Dimensions), func(d domain.Dimension) bool { return slices.Contains(list, d) })
	}
	for name, tc := range map[string]struct {
		lists        string
		empty, coded []domain.Dimension // on a day without and with time
	}{
		"empty lists":                        {all, nil, without(domain.ByDependency)},
		"no lists":                           {`"new":1`, domain.Dimensions, domain.Dimensions},
		"null instead of a list":             {strings.Replace(all, `"editors":[]`, `"editors":null`, 1), []domain.Dimension{domain.ByEditor}, without(domain.ByDependency)},
		"an object instead of a list":        {strings.Replace(all, `"machines":[]`, `"machines":{}`, 1), []domain.Dimension{domain.ByMachine}, without(domain.ByDependency)},
		"projects only":                      {`"projects":[{"name":"x","total_seconds":5}]`, without(domain.ByProject), without(domain.ByProject)},
		"projects only, and all other lists": {strings.Replace(all, `"projects":[]`, `"projects":[{"name":"x","total_seconds":5}]`, 1), nil, without(domain.ByProject, domain.ByDependency)},
	} {
		for total, want := range map[string][]domain.Dimension{"0": tc.empty, "60": tc.coded} {
			t.Run(name+", total "+total, func(t *testing.T) {
				t.Parallel()
				body := strings.Replace(one("2026-11-16T06:00:00Z", "", total), `"range"`, tc.lists+`,"range"`, 1)
				got, err := fetch(t, body, zone, days(t, "2026-11-16", "2026-11-16"))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got.Days[0].Absent); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestSummaries_AISeconds(t *testing.T) {
	t.Parallel()
	seconds := func(n int) *int { return &n }
	for name, tc := range map[string]struct {
		total, categories string
		want              *int
	}{
		"some":                                   {"600", `[{"name":"Coding","total_seconds":400},{"name":"ai coding","total_seconds":200.4}]`, seconds(200)},
		"none":                                   {"600", `[{"name":"coding","total_seconds":600}]`, seconds(0)},
		"an empty list":                          {"600", `[]`, nil},
		"an empty list on a day without time":    {"0", `[]`, seconds(0)},
		"no list":                                {"600", `null`, nil},
		"a list of the wrong type":               {"600", `"ai coding"`, nil},
		"no list on a day without time":          {"0", `null`, seconds(0)},
		"case and spaces are ignored":            {"600", `[{"name":" AI  Coding","total_seconds":100},{"name":"AICoding","total_seconds":50},{"name":"ai\u00a0coding","total_seconds":25}]`, seconds(175)},
		"other categories with AI in their name": {"600", `[{"name":"ai coding review","total_seconds":100},{"name":"ai","total_seconds":50}]`, seconds(0)},
		"more than the total":                    {"600", `[{"name":"ai coding","total_seconds":601}]`, seconds(600)},
		"time on a day without time":             {"0", `[{"name":"ai coding","total_seconds":100}]`, seconds(0)},
		"more than a day":                        {"600", `[{"name":"ai coding","total_seconds":1e9}]`, seconds(0)},
		"negative":                               {"600", `[{"name":"ai coding","total_seconds":-5}]`, seconds(0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(one("2026-11-16T06:00:00Z", "", tc.total), `"range"`, `"categories":`+tc.categories+`,"range"`, 1)
			got, err := fetch(t, body, zone, days(t, "2026-11-16", "2026-11-16"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Days[0].AISeconds); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSummaries_AISecondsRecordedFromWakapi(t *testing.T) {
	t.Parallel()
	got, err := fetch(t, recorded(t, "summaries-2026-11-16-to-2026-11-23-america-chicago.json"), zone, days(t, "2026-11-16", "2026-11-16"))
	if err != nil {
		t.Fatal(err)
	}
	if ai := got.Days[0].AISeconds; ai == nil || *ai != 463 || got.Days[0].Absent != nil {
		t.Errorf("got %+v", got.Days[0])
	}
}

func TestSummaries_WakapiOffersNoDependencies(t *testing.T) {
	t.Parallel()
	body := strings.Replace(one("2026-11-16T06:00:00Z", "", "60"), `"range"`, `"dependencies":[],"range"`, 1)
	for base, want := range map[string]bool{"https://waka.example/api/compat/wakatime/v1": true, "https://waka.example/api/v1": false} {
		c := newClient(t, "https://wakatime.example", func(cfg *wakatime.Config) { cfg.AllowedBaseURLs = []string{base} })
		c.SetTransport(transport(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, body), nil }))
		got, err := c.Summaries(t.Context(), domain.Credential{User: user, Kind: domain.ConnectedByKey, BaseURL: base, Token: "key"}, zone, days(t, "2026-11-16", "2026-11-16"))
		if err != nil {
			t.Fatal(err)
		}
		if absent := slices.Contains(got.Days[0].Absent, domain.ByDependency); absent != want {
			t.Errorf("%s: dependencies are absent: %t, want %t", base, absent, want)
		}
	}
}
