package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// batchWith returns a NewBatch with one field replaced or added.
func batchWith(field, value string) string {
	fields := map[string]string{"name": `"Autumn"`, "starts_on": `"2026-09-07"`, "ends_on": `"2026-12-18"`, "time_zone": `"UTC"`}
	fields[field] = value
	var parts []string
	for name, v := range fields {
		parts = append(parts, `"`+name+`": `+v)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Invalid requests are 422 and list everything that is invalid. No port is called: a mock
// without expectations fails the test.
func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	key := "/batches/" + operations.BatchID + "/registration-key"
	tests := map[string]struct {
		call   servertest.Call
		fields []string
	}{
		"an invalid ID in a path":                     {servertest.Get("/users/1"), []string{"user_id id_invalid"}},
		"an ID with full-width digits":                {servertest.Get("/users/%EF%BC%90" + operations.AdaID[1:]), []string{"user_id id_invalid"}},
		"two invalid IDs":                             {servertest.Delete("/batches/x/instructors/y"), []string{"batch_id id_invalid", "user_id id_invalid"}},
		"an invalid ID in a query":                    {servertest.Get("/students?batch_id=1"), []string{"batch_id id_invalid"}},
		"an invalid day":                              {servertest.Get("/me/days?from=2023-02-29"), []string{"from day_invalid"}},
		"a timestamp instead of a day":                {servertest.Get("/me/days?to=2026-11-23T00:00:00Z"), []string{"to day_invalid"}},
		"a day with a five-digit year":                {servertest.Get("/me/days?to=10000-01-01"), []string{"to day_invalid"}},
		"an empty day":                                {servertest.Get("/me/days?to="), []string{"to day_invalid"}},
		"a day instead of a timestamp":                {servertest.Get("/audit-log?from=2026-11-23"), []string{"from timestamp_invalid"}},
		"a leap second":                               {servertest.Get("/audit-log?from=2026-12-31T23:59:60Z"), []string{"from timestamp_invalid"}},
		"hour 24":                                     {servertest.Get("/audit-log?from=2026-12-31T24:00:00Z"), []string{"from timestamp_invalid"}},
		"a limit of zero":                             {servertest.Get("/users?limit=0"), []string{"limit out_of_range"}},
		"a negative limit":                            {servertest.Get("/users?limit=-1"), []string{"limit out_of_range"}},
		"a limit above the maximum":                   {servertest.Get("/users?limit=101"), []string{"limit out_of_range"}},
		"a limit that overflows":                      {servertest.Get("/users?limit=99999999999999999999"), []string{"limit wrong_type"}},
		"a limit that is not a number":                {servertest.Get("/users?limit=ten"), []string{"limit wrong_type"}},
		"a limit with a fraction":                     {servertest.Get("/users?limit=1.0"), []string{"limit wrong_type"}},
		"an empty limit":                              {servertest.Get("/users?limit="), []string{"limit empty"}},
		"a value outside of an enum":                  {servertest.Get("/users?role=root"), []string{"role unknown_value"}},
		"an invalid boolean":                          {servertest.Get("/students?connected=maybe"), []string{"connected wrong_type"}},
		"a search that is too long":                   {servertest.Get("/users?search=" + strings.Repeat("a", 101)), []string{"search length"}},
		"an unknown parameter":                        {servertest.Get("/users?rol=admin"), []string{"rol unknown_parameter"}},
		"a parameter in upper case":                   {servertest.Get("/users?Limit=1"), []string{"Limit unknown_parameter"}},
		"parameters of an operation without any":      {servertest.Get("/me?x=1&x=2&a=1"), []string{"a unknown_parameter", "x unknown_parameter"}},
		"a parameter with a long name":                {servertest.Get("/me?" + strings.Repeat("a", 500) + "=1"), []string{strings.Repeat("a", 63) + "… unknown_parameter"}},
		"invalid parameters and body":                 {servertest.Post("/batches?dry_run=1", `{"name": ""}`), []string{"dry_run unknown_parameter", "/ends_on required", "/name length", "/starts_on required", "/time_zone required"}},
		"several invalid parameters":                  {servertest.Get("/students?limit=0&connected=2&batch_id=x&status=y"), []string{"batch_id id_invalid", "connected wrong_type", "limit out_of_range", "status unknown_value"}},
		"an invalid email address":                    {servertest.Post("/auth/register", `{"email": "ada", "name": "A", "password": "correct horse battery staple"}`), []string{"/email email_invalid"}},
		"an email address with homoglyphs":            {servertest.Post("/auth/register", `{"email": "аda@example.com", "name": "A", "password": "correct horse battery staple"}`), []string{"/email email_invalid"}},
		"a body without required fields":              {servertest.Post("/batches", `{}`), []string{"/ends_on required", "/name required", "/starts_on required", "/time_zone required"}},
		"a list as body":                              {servertest.Post("/batches", `[]`), []string{" wrong_type"}},
		"null as body":                                {servertest.Post("/batches", `null`), []string{" not_null"}},
		"an unknown field":                            {servertest.Post("/batches", batchWith("id", `"x"`)), []string{"/id unknown_property"}},
		"a field with a slash and a tilde":            {servertest.Post("/batches", batchWith("a/b~c", `1`)), []string{"/a~1b~0c unknown_property"}},
		"fields that only the server sets":            {servertest.Post("/auth/register", operations.Registration+`, "role": "admin", "Role": "admin", "is_admin": true, "id": 1}`), []string{"/Role unknown_property", "/id unknown_property", "/is_admin unknown_property", "/role unknown_property"}},
		"fields of a user that an admin sets":         {servertest.Patch("/me", `{"role": "admin", "batch_id": null, "password_hash": "x", "created_at": "x"}`), []string{"/batch_id unknown_property", "/created_at unknown_property", "/password_hash unknown_property", "/role unknown_property"}},
		"a field name in another case":                {servertest.Post("/batches", batchWith("NAME", `"x"`)), []string{"/NAME unknown_property"}},
		"a field of another type":                     {servertest.Post("/batches", batchWith("name", `7`)), []string{"/name wrong_type"}},
		"null for a required field":                   {servertest.Post("/batches", batchWith("name", `null`)), []string{"/name not_null"}},
		"an invalid day in a body":                    {servertest.Post("/batches", batchWith("starts_on", `"2023-02-29"`)), []string{"/starts_on day_invalid"}},
		"a number above the maximum":                  {servertest.Post("/batches", batchWith("weekly_goal_seconds", `604801`)), []string{"/weekly_goal_seconds out_of_range"}},
		"a number that overflows":                     {servertest.Post("/batches", batchWith("weekly_goal_seconds", `1e400`)), []string{"/weekly_goal_seconds wrong_type"}},
		"a whole number above 2^63":                   {servertest.Post("/batches", batchWith("weekly_goal_seconds", `9223372036854775808`)), []string{"/weekly_goal_seconds out_of_range"}},
		"a negative zero":                             {servertest.Post("/batches", batchWith("weekly_goal_seconds", `-0`)), []string{"/weekly_goal_seconds out_of_range"}},
		"a fraction instead of a whole number":        {servertest.Post("/batches", batchWith("weekly_goal_seconds", `1.5`)), []string{"/weekly_goal_seconds wrong_type"}},
		"a whole number with a decimal point":         {servertest.Patch("/batches/"+operations.BatchID, `{"weekly_goal_seconds": 1.0}`), []string{"/weekly_goal_seconds wrong_type"}},
		"an invalid timestamp in a merge patch":       {servertest.Patch(key, `{"expires_at": "2026-02-30T00:00:00Z"}`), []string{"/expires_at timestamp_invalid"}},
		"a timestamp without offset in a merge patch": {servertest.Patch(key, `{"expires_at": "2026-02-20T00:00:00"}`), []string{"/expires_at timestamp_invalid"}},
		"a leap second in a merge patch":              {servertest.Patch(key, `{"expires_at": "2026-12-31T23:59:60Z"}`), []string{"/expires_at timestamp_invalid"}},
		"a string instead of a number":                {servertest.Patch(key, `{"seats": "10"}`), []string{"/seats wrong_type"}},
		"two invalid fields of a merge patch":         {servertest.Patch(key, `{"seats": 0, "enabled": null}`), []string{"/enabled not_null", "/seats out_of_range"}},
		"null as merge patch":                         {servertest.Patch("/me", `null`), []string{" not_null"}},
		"NUL in a string":                             {servertest.Post("/batches", batchWith("name", `"a\u0000b"`)), []string{"/name characters"}},
		"half a surrogate pair":                       {servertest.Post("/batches", batchWith("name", `"a\ud83d"`)), []string{"/name characters"}},
		"NUL in a nested string":                      {servertest.Post("/batches", batchWith("name", `[{"a/b": "\u0000"}]`)), []string{"/name wrong_type", "/name/0/a~1b characters"}},
		"a registration key that is too long":         {servertest.Post("/me/enrolment", `{"registration_key": "`+strings.Repeat("k", 65)+`"}`), []string{"/registration_key length"}},
		"null instead of an optional body":            {servertest.Post("/me/wakatime/sync", `null`), []string{" not_null"}},
		"an unknown field of an optional body":        {servertest.Post("/me/wakatime/sync", `{"until": "2026-11-21"}`), []string{"/until unknown_property"}},
		"invalid days of an optional body":            {servertest.Post("/me/wakatime/sync", `{"from": "2026-02-30", "to": null}`), []string{"/from day_invalid", "/to not_null"}},
		"a timestamp without an offset":               {servertest.Get("/me/days?changed_since=2026-11-21T00:00:00"), []string{"changed_since timestamp_invalid"}},
		"an empty password":                           {servertest.Post("/auth/login", `{"email": "a@b.cc", "password": ""}`), []string{"/password length"}},
		"a field with a long name":                    {servertest.Post("/batches", batchWith(strings.Repeat("a", 500), `1`)), []string{"/" + strings.Repeat("a", 254) + "… unknown_property"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := servertest.Start(t).SignedIn().Do(t, tt.call).WantProblem(t, 422, "invalid_request")
			// The validator iterates over maps, so the order varies.
			if diff := cmp.Diff(slices.Sorted(slices.Values(tt.fields)), slices.Sorted(slices.Values(p.Fields()))); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			for _, f := range p.Errors {
				if f.Detail == "" {
					t.Errorf("%s has no detail", f)
				}
			}
		})
	}
}

// Requests that cannot be parsed are 400.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	fine := batchWith("name", `"x"`)
	tests := map[string]servertest.Call{
		"a repeated parameter":                  servertest.Get("/users?limit=1&limit=999"),
		"a query with invalid percent-encoding": servertest.Get("/users?search=%zz"),
		"a query with a semicolon":              servertest.Get("/users?limit=1;role=admin"),
		"a query that is not UTF-8":             servertest.Get("/users?search=%ff"),
		"NUL in a query":                        servertest.Get("/users?search=a%00"),
		"NUL in a parameter name":               servertest.Get("/users?a%00=1"),
		"NUL in a path":                         servertest.Get("/users/1%00"),
		"a path that is not UTF-8":              servertest.Get("/users/%ff"),
		"no body":                               servertest.Post("/batches", ""),
		"a body of whitespace":                  servertest.Post("/batches", " \n\t "),
		"a truncated body":                      servertest.Post("/batches", `{"name": "x"`),
		"a body that is not JSON":               servertest.Post("/batches", `name=x`),
		"a duplicate key":                       servertest.Post("/batches", batchWith("name", `"x", "name": "y"`)),
		"a duplicate key, once escaped":         servertest.Post("/batches", batchWith("name", `"x", "n\u0061me": "y"`)),
		"a nested duplicate key":                servertest.Post("/batches", batchWith("name", `{"a": [{"b": 1, "b": 2}]}`)),
		"two values":                            servertest.Post("/batches", fine+fine),
		"text after the value":                  servertest.Post("/batches", fine+"x"),
		"a comment":                             servertest.Post("/batches", "/* x */"+fine),
		"a trailing comma":                      servertest.Post("/batches", strings.Replace(fine, "}", ",}", 1)),
		"a byte order mark":                     servertest.Post("/batches", "\ufeff"+fine),
		"a string that is not UTF-8":            servertest.Post("/batches", batchWith("name", "\"\xff\"")),
		"NaN":                                   servertest.Post("/batches", batchWith("weekly_goal_seconds", "NaN")),
		"a number with a plus sign":             servertest.Post("/batches", batchWith("weekly_goal_seconds", "+1")),
		"lists nested 100,000 deep":             servertest.Post("/batches", strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)),
		"objects nested 20,000 deep":            servertest.Post("/batches", strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)),
		"unterminated lists":                    servertest.Post("/batches", strings.Repeat("[", 100_000)),
		"a control character in a string":       servertest.Post("/batches", batchWith("name", "\"\n\"")),
		"a credential in the URL":               servertest.Get("/me?access_token=" + servertest.Token).SignedOut(),
		"a password in the URL":                 servertest.Get("/me?Password=x"),
		"a session in the URL, signed in":       servertest.Get("/me?session=" + servertest.Token),
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := servertest.Start(t).SignedIn().Do(t, c)
			if p := got.WantProblem(t, 400, "malformed_request"); p.Detail == "" || strings.Contains(got.Text, servertest.Token) {
				t.Errorf("the response is %s", got.Text)
			}
		})
	}
}

func TestRepeatedParameters_AreNamed(t *testing.T) {
	t.Parallel()
	if p := servertest.Start(t).SignedIn().Do(t, servertest.Get("/users?limit=1&limit=1")).WantProblem(t, 400, "malformed_request"); !strings.Contains(p.Detail, `"limit"`) {
		t.Errorf("the detail is %s", p.Detail)
	}
}

// The size of the response is limited.
func TestInvalidRequests_ListAtMost100Fields(t *testing.T) {
	t.Parallel()
	var parts []string
	for i := range 5_000 {
		parts = append(parts, `"`+strings.Repeat("a", 1+i%40)+string(rune(0x4e00+i))+`": 1`)
	}
	got := servertest.Start(t).SignedIn().Do(t, servertest.Post("/batches", "{"+strings.Join(parts, ",")+"}"))
	if p := got.WantProblem(t, 422, "invalid_request"); len(p.Errors) != 100 {
		t.Errorf("the response lists %d fields", len(p.Errors))
	}
}

// Neither the response nor the log contains the secrets of an invalid request.
func TestSecrets_AreNotEchoed(t *testing.T) {
	t.Parallel()
	const canary = "canary-7b3f"
	long := strings.Repeat(canary, 200)
	tests := map[string]servertest.Call{
		"a password that is a list":           servertest.Post("/auth/login", `{"email": "a@b.cc", "password": ["`+canary+`"]}`),
		"a password that is too long":         servertest.Post("/auth/login", `{"email": "a@b.cc", "password": "`+long+`"}`),
		"a password with NUL":                 servertest.Post("/auth/login", `{"email": "a@b.cc", "password": "`+canary+`\u0000"}`),
		"a password next to an invalid field": servertest.Post("/auth/login", `{"email": 1, "password": "`+canary+`"}`),
		"a password in truncated JSON":        servertest.Post("/auth/login", `{"email": "a@b.cc", "password": "`+canary),
		"a duplicate password":                servertest.Post("/auth/login", `{"password": "`+canary+`", "password": "`+canary+`2"}`),
		"a password in a form":                servertest.Post("/auth/login", "password="+canary).With("Content-Type", "application/x-www-form-urlencoded"),
		"an API key that is an object":        servertest.Put("/me/wakatime/api-key", `{"api_key": {"x": "`+canary+`"}}`),
		"an API key that is too long":         servertest.Put("/me/wakatime/api-key", `{"api_key": "`+long+`"}`),
		"an OAuth code that is a list":        servertest.Post("/me/wakatime/callback", `{"code": ["`+canary+`"], "state": "`+canary+`"}`),
		"an OAuth state that is a list":       servertest.Post("/me/wakatime/callback", `{"code": "`+canary+`", "state": ["`+canary+`"]}`),
		"a registration key as a list":        servertest.Post("/me/enrolment", `{"registration_key": ["`+canary+`"]}`),
		"a token in the URL":                  servertest.Get("/me?token=" + canary),
		"a search for a person":               servertest.Get("/users?limit=0&search=" + canary),
		"a cookie of another program":         servertest.Get("/me").With("Cookie", "other="+canary).SignedOut(),
		"an unsupported scheme":               servertest.Get("/me").With("Authorization", "Basic "+canary),
		"two credentials":                     servertest.Get("/me").With("Cookie", "__Host-gradus_session="+canary),
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			got := s.Do(t, c)
			if got.StatusCode < 400 || strings.Contains(got.Text, canary) {
				t.Errorf("the response is %d %s", got.StatusCode, got.Text)
			}
			s.LogLines(t)
			if log := s.Log.String(); strings.Contains(log, canary) || strings.Contains(log, servertest.Token) {
				t.Errorf("the log is %s", log)
			}
		})
	}
}

// StrictJSON rejects fractions everywhere, because no request has any.
func TestStrictJSON_CanRejectFractions(t *testing.T) {
	t.Parallel()
	for path, item := range servertest.Spec(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			for _, media := range op.RequestBody.Value.Content {
				for name, field := range media.Schema.Value.Properties {
					if field.Value.Type.Is("number") {
						t.Errorf("%s %s: %s is a number; make StrictJSON accept fractions", method, path, name)
					}
				}
			}
		}
	}
}
