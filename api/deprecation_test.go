package api_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
)

// window is how many days a deprecated operation lives on, at least.
const window = 180

func TestDeprecations_giveClientsTimeAndAWayOut(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for _, o := range operations(doc) {
		for _, fault := range deprecationFaults(doc, o) {
			t.Errorf("%s %s (docs/versioning.md, \"Deprecate an operation\")", o, fault)
		}
	}
}

// deprecationFaults says what an operation lacks to be deprecated as was promised.
func deprecationFaults(doc *openapi3.T, o operation) []string {
	at, sunset := o.Extensions["x-deprecated-at"], o.Extensions["x-sunset"]
	if !o.Deprecated {
		if at != nil || sunset != nil {
			return []string{"has dates of a deprecation; add deprecated: true"}
		}
		return nil
	}
	var faults []string
	began, err := time.Parse(time.DateOnly, fmt.Sprint(at))
	if err != nil {
		faults = append(faults, "is deprecated; add x-deprecated-at, the day YYYY-MM-DD of the release that says so")
	}
	ends, err2 := time.Parse(time.DateOnly, fmt.Sprint(sunset))
	if err2 != nil {
		faults = append(faults, "is deprecated; add x-sunset, the day YYYY-MM-DD from which it may be gone")
	}
	if err == nil && err2 == nil && ends.Before(began.AddDate(0, 0, window)) {
		faults = append(faults, fmt.Sprintf("lives on for less than %d days; make x-sunset %s or later", window, began.AddDate(0, 0, window).Format(time.DateOnly)))
	}
	if !namesSuccessor(doc, o.Description) {
		faults = append(faults, "is deprecated; add a paragraph \"Deprecated: use `METHOD /path` instead.\" to its description, with an operation that stays, or \"Deprecated: nothing replaces it.\" and why")
	}
	return faults
}

var (
	farewell = regexp.MustCompile(`(?m)^Deprecated: (.*(?:\n.+)*)`)
	quoted   = regexp.MustCompile("`([A-Z]+ /[^`]*)`")
)

// namesSuccessor reports whether a description says what to do instead.
func namesSuccessor(doc *openapi3.T, description string) bool {
	said := farewell.FindStringSubmatch(description)
	if said == nil {
		return false
	}
	named := quoted.FindAllStringSubmatch(said[1], -1)
	if len(named) == 0 {
		return strings.HasPrefix(said[1], "nothing replaces it")
	}
	stays := func(name string) bool {
		return slices.ContainsFunc(operations(doc), func(o operation) bool { return o.String() == name && !o.Deprecated })
	}
	return !slices.ContainsFunc(named, func(m []string) bool { return !stays(m[1]) })
}

func TestDeprecations_thatBreakThePromiseAreNamed(t *testing.T) {
	t.Parallel()
	const successor = "Deprecated: use `GET /users/{user_id}` instead."
	tests := map[string]struct {
		lines []string // beside the operationId of GET /me
		added string   // to its description
		want  string   // a part of what is said; empty when nothing is wrong
	}{
		"all is said":                    {[]string{"deprecated: true", `x-deprecated-at: "2026-10-01"`, `x-sunset: "2027-03-30"`}, successor, ""},
		"dates without quotes":           {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, successor, ""},
		"nothing comes instead":          {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, "Deprecated: nothing replaces it, because nobody asked.", ""},
		"it does not say since when":     {[]string{"deprecated: true", "x-sunset: 2027-03-30"}, successor, "x-deprecated-at"},
		"it does not say until when":     {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01"}, successor, "x-sunset"},
		"the date is an instant":         {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", `x-sunset: "2027-03-30T00:00:00Z"`}, successor, "x-sunset"},
		"the end comes a day too soon":   {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-29"}, successor, "2027-03-30 or later"},
		"it does not say what instead":   {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, "", "METHOD /path"},
		"there is no such operation":     {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, "Deprecated: use `GET /nowhere` instead.", "METHOD /path"},
		"what comes instead goes too":    {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, "Deprecated: use `GET /me` instead.", "METHOD /path"},
		"there are dates without a word": {[]string{"x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, successor, "deprecated: true"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const id = "            operationId: GetMe\n" // of a link first, then of the operation
			components, paths, _ := strings.Cut(string(api.Spec), "\npaths:\n")
			text := components + "\npaths:\n" + strings.Replace(paths, id, id+"            "+strings.Join(tt.lines, "\n            ")+"\n", 1)
			doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			me := operation{doc.Paths.Value("/me").Get, "GET", "/me", nil}
			if tt.added != "" {
				me.Description = strings.Replace(me.Description, "\n\nRoles:", "\n\n"+tt.added+"\n\nRoles:", 1)
			}
			said := strings.Join(deprecationFaults(doc, me), "\n")
			if !strings.Contains(said, tt.want) || (tt.want == "") != (said == "") {
				t.Errorf("it says %q; want %q in it", said, tt.want)
			}
		})
	}
}

// The version stands in one place, info.version: the address carries its first number,
// and the clients are stamped with it.
func TestVersion_isTheOneOfTheAddress(t *testing.T) {
	t.Parallel()
	doc := load(t)
	m := regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-z.-]+)?$`).FindStringSubmatch(doc.Info.Version)
	if m == nil {
		t.Fatalf("info.version is %q; write it as 1.2.3", doc.Info.Version)
	}
	if want := "/api/v" + m[1]; doc.Servers[0].URL != want {
		t.Errorf("the server's URL is %s and info.version is %s; one of the two should be another", doc.Servers[0].URL, doc.Info.Version)
	}
}
