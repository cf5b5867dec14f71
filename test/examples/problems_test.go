package examples_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/contract"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// problems has a request for the example of each problem response.
var problems = map[string]func(*testing.T, *server) apiclient.Response{
	"ProblemBadRequest": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		return s.as(t, "").Post("/auth/login", `{"email": `)
	},
	"ProblemUnauthenticated": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		return s.as(t, "").Get("/me")
	},
	"ProblemForbidden": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		return s.as(t, "ada").Get("/users")
	},
	"ProblemNotFound": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		const jun = "019b76dc-3e40-78f0-8b5a-0a372469e7ae" // a student of another instructor
		return s.as(t, "ines").Get("/students/" + jun)
	},
	"ProblemConflict": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		key := s.Keys[0]
		s.as(t, "mira").Patch("/batches/"+key.BatchID+"/registration-key", apiclient.Object{"seats": 12}).Expect(http.StatusOK)
		return s.as(t, "hana").Post("/me/enrolment", apiclient.Object{"registration_key": key.Key})
	},
	"ProblemPreconditionFailed": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		return s.as(t, "tomas").IfMatch(`"99"`).Patch("/batches/"+s.Keys[0].BatchID, apiclient.Object{"name": "Web"})
	},
	"ProblemTooLarge": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		return s.as(t, "mira").Post("/batches", apiclient.Object{"description": strings.Repeat("x", 300_000)})
	},
	"ProblemMediaType": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		return s.as(t, "ada").With("Content-Type", "application/json").Patch("/me", `{"name": "Ada"}`)
	},
	"ProblemRateLimited": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		testserver.TightLimits(&s.Config)
		limited := apiclient.New(t, s.Replica(t).URL, contract.Client)
		limited.Post("/auth/login", apiclient.Object{})
		return limited.Post("/auth/login", apiclient.Object{})
	},
	"ProblemInvalid": func(t *testing.T, s *server) apiclient.Response {
		t.Helper()
		return s.as(t, "mira").Post("/batches", apiclient.Object{
			"name": "Web Development 2027 Winter", "starts_on": "2027-01-04", "ends_on": "2026-03-26", "time_zone": "Chicago",
		})
	},
}

// internalProblems need a failing dependency. Their examples are only checked against the
// schema.
var internalProblems = []string{"ProblemDefault", "ProblemUnavailable"}

func TestProblemExamples_EqualTheResponsesOfTheServer(t *testing.T) {
	t.Parallel()
	doc, _ := load(t)
	want := slices.Sorted(maps.Keys(doc.Components.Responses))
	if got := slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(problems)), internalProblems...))); !slices.Equal(got, want) {
		t.Errorf("problems in test/examples/problems_test.go has %q, the contract has %q. Add or remove a request", got, want)
	}
	for name, request := range problems {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := doc.Components.Responses[name]
			if response == nil {
				t.Fatal("the contract has no such problem. Remove it from test/examples/problems_test.go")
			}
			documented, _ := copyOf(t, response.Value.Content.Get("application/problem+json").Example).(map[string]any)
			server := newServer(t)
			got, _ := server.value(t, request(t, server)).(map[string]any)
			if got["request_id"] == "" || got["request_id"] == documented["request_id"] {
				t.Errorf("the request ID is %q", got["request_id"])
			}
			got["request_id"] = documented["request_id"]
			if diff := cmp.Diff(documented, got); diff != "" {
				t.Errorf("the example in api/components/problem.yaml differs from the response (-example +response):\n%s", diff)
			}
		})
	}
}
