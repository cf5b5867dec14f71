package httpapi_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// guessable is a password policy like that of the server.
func guessable(c *httpapi.Config) {
	c.Passwords = domain.PasswordPolicy{MinLength: 15, Common: func(lower string) bool { return lower == "correcthorsebatterystaple" }}
}

// A form reports the violations of the contract and of the rules in one pass, in one style.
func TestForms_ReportEverythingAtOnce(t *testing.T) {
	t.Parallel()
	batch := "/batches/" + operations.BatchID
	tests := map[string]struct {
		call call
		want []string
	}{
		"a registration, by contract, rule and form": {
			servertest.Post("/auth/register", `{"email": "ada", "name": 7, "password": "correcthorsebatterystaple"}`),
			[]string{"/email email_invalid", "/name wrong_type", "/password password_too_common"},
		},
		"a registration with every field invalid": {
			servertest.Post("/auth/register", `{"email": "ada@example.com", "name": " \u202e ", "password": "short", "time_zone": "Mars", "registration_key": "", "carrier": "pigeon", "role": "admin"}`),
			[]string{"/carrier unknown_value", "/name characters", "/password password_too_short", "/registration_key length", "/role unknown_property", "/time_zone time_zone_unknown"},
		},
		"a registration with an invalid name is not told about the missing one": {
			servertest.Post("/auth/register", `{"name": "`+strings.Repeat("x", 101)+`", "password": "x"}`),
			[]string{"/email required", "/name length", "/password password_too_short"},
		},
		"a password with the email address": {
			servertest.Post("/auth/register", `{"email": "ada.brandt@example.com", "name": null, "password": "ada.brandt likes tea"}`),
			[]string{"/name not_null", "/password password_contains_personal_info"},
		},
		"a new batch": {
			servertest.Post("/batches", `{"name": "\u0007", "starts_on": "2026-09-07", "ends_on": "2026-09-01", "time_zone": "Chicago", "weekly_goal_seconds": 0}`),
			[]string{"/ends_on range_reversed", "/name characters", "/time_zone time_zone_unknown", "/weekly_goal_seconds out_of_range"},
		},
		"a new batch with one date": {
			servertest.Post("/batches", `{"name": "\u0007", "starts_on": "2026-13-07", "ends_on": "2026-09-01"}`),
			[]string{"/name characters", "/starts_on day_invalid", "/time_zone required"},
		},
		"a batch": {
			servertest.Patch(batch, `{"name": "\u0007", "ends_on": "soon", "time_zone": "Chicago"}`),
			[]string{"/ends_on day_invalid", "/name characters", "/time_zone time_zone_unknown"},
		},
		"a batch, and a header": {
			servertest.Patch(batch, `{"time_zone": "Chicago"}`).With("If-Match", `"`),
			[]string{"/time_zone time_zone_unknown", "If-Match malformed"},
		},
		"the caller's account": {
			servertest.Patch("/me", `{"name": 7, "time_zone": "Mars"}`),
			[]string{"/name wrong_type", "/time_zone time_zone_unknown"},
		},
		"a registration key": {
			servertest.Patch(batch+"/registration-key", `{"enabled": "yes", "seats": 0, "expires_at": "tomorrow"}`),
			[]string{"/enabled wrong_type", "/expires_at timestamp_invalid", "/seats out_of_range"},
		},
		"an API key": {
			servertest.Put("/me/wakatime/api-key", `{"api_key": "not a key", "base_url": 7}`),
			[]string{"/api_key api_key_malformed", "/base_url wrong_type"},
		},
		"a fraction and a rule": {
			servertest.Patch(batch, `{"weekly_goal_seconds": 1.5, "time_zone": "Chicago"}`),
			[]string{"/time_zone time_zone_unknown", "/weekly_goal_seconds wrong_type"},
		},
		"half a surrogate pair and a rule": {
			servertest.Patch(batch, `{"name": "a\ud83d", "time_zone": "Chicago"}`),
			[]string{"/name characters", "/time_zone time_zone_unknown"},
		},
		"a body that is no object has no fields": {servertest.Patch("/me", `[]`), []string{" wrong_type"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := servertest.Start(t, guessable).SignedIn().Do(t, tt.call).WantProblem(t, 422, "invalid_request")
			if diff := cmp.Diff(tt.want, p.Fields()); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			for _, f := range p.Errors {
				if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(f.Code) || f.Detail == "" {
					t.Errorf("the error is %+v", f)
				}
			}
		})
	}
}

// withoutRules are the operations whose bodies of several fields have no rule that could be
// checked with some of the fields alone.
var withoutRules = []string{
	"CompleteSignIn",                // must not tell what is wrong
	"CompleteWakaTimeAuthorization", // WakaTime decides
	"SignIn",                        // must not tell what is wrong
	"SyncMyDays", "SyncStudentDays", // their rule compares both fields
}

func TestForms_HaveRules(t *testing.T) {
	t.Parallel()
	rules := httpapi.Forms()
	for _, item := range servertest.Spec(t).Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			for _, m := range op.RequestBody.Value.Content {
				several := len(m.Schema.Value.Properties) > 1
				if want := several && !slices.Contains(withoutRules, op.OperationID); want != slices.Contains(rules, op.OperationID) {
					t.Errorf("%s: add its rules to forms.go, or add it to withoutRules: a body with several invalid fields should be rejected once", op.OperationID)
				}
			}
		}
	}
}
