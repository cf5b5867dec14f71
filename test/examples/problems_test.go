package examples_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// problems has a request for the example of each way to fail.
var problems = map[string]func(*testing.T, *room) answer{
	"ProblemBadRequest": func(t *testing.T, r *room) answer {
		t.Helper()
		return r.as(t, "").sendText(http.MethodPost, "/auth/login", "application/json", `{"email": `)
	},
	"ProblemUnauthenticated": func(t *testing.T, r *room) answer {
		t.Helper()
		return r.as(t, "").send(http.MethodGet, "/me", nil)
	},
	"ProblemForbidden": func(t *testing.T, r *room) answer {
		t.Helper()
		return r.as(t, "ada").send(http.MethodGet, "/users", nil)
	},
	"ProblemNotFound": func(t *testing.T, r *room) answer {
		t.Helper()
		const jun = "019b76dc-3e40-78f0-8b5a-0a372469e7ae" // whom Ines does not teach
		return r.as(t, "ines").send(http.MethodGet, "/students/"+jun, nil)
	},
	"ProblemConflict": func(t *testing.T, r *room) answer {
		t.Helper()
		key := r.Keys[0]
		r.as(t, "mira").send(http.MethodPatch, "/batches/"+key.BatchID+"/registration-key", map[string]any{"seats": 12}).is(http.StatusOK)
		return r.as(t, "hana").send(http.MethodPost, "/me/enrolment", map[string]any{"registration_key": key.Key})
	},
	"ProblemPreconditionFailed": func(t *testing.T, r *room) answer {
		t.Helper()
		c := r.as(t, "tomas")
		c.header.Set("If-Match", `"99"`)
		return c.send(http.MethodPatch, "/batches/"+r.Keys[0].BatchID, map[string]any{"name": "Web"})
	},
	"ProblemTooLarge": func(t *testing.T, r *room) answer {
		t.Helper()
		return r.as(t, "mira").send(http.MethodPost, "/batches", map[string]any{"description": strings.Repeat("x", 300_000)})
	},
	"ProblemMediaType": func(t *testing.T, r *room) answer {
		t.Helper()
		return r.as(t, "ada").sendText(http.MethodPatch, "/me", "application/json", `{"name": "Ada"}`)
	},
	"ProblemInvalid": func(t *testing.T, r *room) answer {
		t.Helper()
		return r.as(t, "mira").send(http.MethodPost, "/batches", map[string]any{
			"name": "Web Development 2027 Winter", "starts_on": "2027-01-04", "ends_on": "2026-03-26", "time_zone": "Chicago",
		})
	},
}

// needFaults are the problems that only a server in trouble answers with; of these the
// examples are held to their schema alone.
var needFaults = []string{"ProblemDefault", "ProblemUnavailable"}

func TestProblemExamples_EqualTheResponsesOfTheServer(t *testing.T) {
	t.Parallel()
	doc, _ := load(t)
	want := slices.Sorted(maps.Keys(doc.Components.Responses))
	if got := slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(problems)), needFaults...))); !slices.Equal(got, want) {
		t.Errorf("the table of this test has the problems %q, the contract has %q", got, want)
	}
	for name, ask := range problems {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := doc.Components.Responses[name]
			if response == nil {
				t.Fatal("the contract has no such problem; take it out of this test")
			}
			documented, _ := copyOf(t, response.Value.Content.Get("application/problem+json").Example).(map[string]any)
			got, _ := ask(t, newRoom(t)).value(t).(map[string]any)
			if got["request_id"] == "" || got["request_id"] == documented["request_id"] {
				t.Errorf("the request id is %q", got["request_id"])
			}
			got["request_id"] = documented["request_id"]
			if diff := cmp.Diff(documented, got); diff != "" {
				t.Errorf("the example of api/components/problem.yaml is not what the server answers (-documented +answered):\n%s", diff)
			}
		})
	}
}
