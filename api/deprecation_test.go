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

// window is the minimum number of days between the deprecation and the removal of an operation.
const window = 180

func TestDeprecations_GiveTimeAndASuccessor(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for _, o := range operations(doc) {
		for _, err := range deprecationErrors(doc, o) {
			t.Errorf("%s %s (docs/versioning.md, \"Deprecate an operation\")", o, err)
		}
	}
}

// deprecationErrors returns what is missing from the deprecation of an operation.
func deprecationErrors(doc *openapi3.T, o operation) []string {
	at, sunset := o.Extensions["x-deprecated-at"], o.Extensions["x-sunset"]
	if !o.Deprecated {
		if at != nil || sunset != nil {
			return []string{"has deprecation dates; add deprecated: true"}
		}
		return nil
	}
	var missing []string
	start, err := time.Parse(time.DateOnly, fmt.Sprint(at))
	if err != nil {
		missing = append(missing, "is deprecated; add x-deprecated-at, the date YYYY-MM-DD of the release that deprecates it")
	}
	end, err2 := time.Parse(time.DateOnly, fmt.Sprint(sunset))
	if err2 != nil {
		missing = append(missing, "is deprecated; add x-sunset, the date YYYY-MM-DD from which it can be removed")
	}
	if err == nil && err2 == nil && end.Before(start.AddDate(0, 0, window)) {
		missing = append(missing, fmt.Sprintf("is removed in less than %d days; set x-sunset to %s or later", window, start.AddDate(0, 0, window).Format(time.DateOnly)))
	}
	if !namesSuccessor(doc, o.Description) {
		missing = append(missing, "is deprecated; add a paragraph \"Deprecated: use `METHOD /path` instead.\" to its description, with an operation that is not deprecated, or \"Deprecated: nothing replaces it.\" and why")
	}
	return missing
}

var (
	deprecatedParagraph = regexp.MustCompile(`(?m)^Deprecated: (.*(?:\n.+)*)`)
	quotedOperation     = regexp.MustCompile("`([A-Z]+ /[^`]*)`")
)

// namesSuccessor reports whether a description says what to use instead.
func namesSuccessor(doc *openapi3.T, description string) bool {
	paragraph := deprecatedParagraph.FindStringSubmatch(description)
	if paragraph == nil {
		return false
	}
	successors := quotedOperation.FindAllStringSubmatch(paragraph[1], -1)
	if len(successors) == 0 {
		return strings.HasPrefix(paragraph[1], "nothing replaces it")
	}
	exists := func(name string) bool {
		return slices.ContainsFunc(operations(doc), func(o operation) bool { return o.String() == name && !o.Deprecated })
	}
	return !slices.ContainsFunc(successors, func(m []string) bool { return !exists(m[1]) })
}

func TestDeprecationErrors(t *testing.T) {
	t.Parallel()
	const successor = "Deprecated: use `GET /users/{user_id}` instead."
	tests := map[string]struct {
		lines []string // added next to the operationId of GET /me
		added string   // added to its description
		want  string   // part of the errors; empty if there are none
	}{
		"a complete deprecation":                {[]string{"deprecated: true", `x-deprecated-at: "2026-10-01"`, `x-sunset: "2027-03-30"`}, successor, ""},
		"dates can be unquoted":                 {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, successor, ""},
		"nothing replaces it":                   {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, "Deprecated: nothing replaces it, because nobody uses it.", ""},
		"x-deprecated-at is missing":            {[]string{"deprecated: true", "x-sunset: 2027-03-30"}, successor, "x-deprecated-at"},
		"x-sunset is missing":                   {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01"}, successor, "x-sunset"},
		"the date is a timestamp":               {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", `x-sunset: "2027-03-30T00:00:00Z"`}, successor, "x-sunset"},
		"the sunset is a day too early":         {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-29"}, successor, "2027-03-30 or later"},
		"the successor is missing":              {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, "", "METHOD /path"},
		"the successor does not exist":          {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, "Deprecated: use `GET /nowhere` instead.", "METHOD /path"},
		"the successor is deprecated":           {[]string{"deprecated: true", "x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, "Deprecated: use `GET /me` instead.", "METHOD /path"},
		"dates without deprecated are rejected": {[]string{"x-deprecated-at: 2026-10-01", "x-sunset: 2027-03-30"}, successor, "deprecated: true"},
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
			got := strings.Join(deprecationErrors(doc, me), "\n")
			if !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("errors = %q; want %q in them", got, tt.want)
			}
		})
	}
}

// The version is defined once, as info.version. The path has its major version, and the
// clients embed it.
func TestVersion_MatchesTheServerURL(t *testing.T) {
	t.Parallel()
	doc := load(t)
	m := regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-z.-]+)?$`).FindStringSubmatch(doc.Info.Version)
	if m == nil {
		t.Fatalf("info.version is %q; write it as 1.2.3", doc.Info.Version)
	}
	if want := "/api/v" + m[1]; doc.Servers[0].URL != want {
		t.Errorf("the server URL is %s and info.version is %s; change one of them to match", doc.Servers[0].URL, doc.Info.Version)
	}
}
