package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

// batchWith is a NewBatch with one field replaced or added.
func batchWith(field, value string) string {
	fields := map[string]string{"name": `"Autumn"`, "starts_on": `"2026-09-07"`, "ends_on": `"2026-12-18"`, "time_zone": `"UTC"`}
	fields[field] = value
	var parts []string
	for name, v := range fields {
		parts = append(parts, `"`+name+`": `+v)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// What can be read and is wrong is 422, and every wrong thing is named at once. No
// port is called: a mock without expectations fails the test.
func TestInvalidRequests_nameEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	key := "/batches/" + batchID + "/registration-key"
	tests := map[string]struct {
		call   call
		fields []string
	}{
		"an id that is none, in a path":            {get("/users/1"), []string{"user_id format"}},
		"an id in upper case":                      {get("/users/" + strings.ToUpper(adaID)), []string{"user_id format"}},
		"an id that is percent-encoded":            {get("/users/%30" + adaID[1:]), []string{"user_id format"}},
		"an id of full-width digits":               {get("/users/%EF%BC%90" + adaID[1:]), []string{"user_id format"}},
		"two ids that are none":                    {del("/batches/x/instructors/y"), []string{"batch_id format", "user_id format"}},
		"an id that is none, in a query":           {get("/students?batch_id=1"), []string{"batch_id format"}},
		"a day that is none":                       {get("/me/days?from=2023-02-29"), []string{"from format"}},
		"an instant for a day":                     {get("/me/days?to=2026-11-23T00:00:00Z"), []string{"to format"}},
		"a day of five-digit years":                {get("/me/days?to=10000-01-01"), []string{"to format"}},
		"an empty day":                             {get("/me/days?to="), []string{"to format"}},
		"a day for an instant":                     {get("/audit-log?from=2026-11-23"), []string{"from format"}},
		"a leap second":                            {get("/audit-log?from=2026-12-31T23:59:60Z"), []string{"from format"}},
		"an hour too many":                         {get("/audit-log?from=2026-12-31T24:00:00Z"), []string{"from format"}},
		"a limit of nothing":                       {get("/users?limit=0"), []string{"limit minimum"}},
		"a limit below":                            {get("/users?limit=-1"), []string{"limit minimum"}},
		"a limit beyond":                           {get("/users?limit=101"), []string{"limit maximum"}},
		"a limit that no computer holds":           {get("/users?limit=99999999999999999999"), []string{"limit invalid"}},
		"a limit that is no number":                {get("/users?limit=ten"), []string{"limit invalid"}},
		"a limit with a fraction":                  {get("/users?limit=1.0"), []string{"limit invalid"}},
		"a limit that is empty":                    {get("/users?limit="), []string{"limit empty"}},
		"a word that is not in the list":           {get("/users?role=root"), []string{"role enum"}},
		"a truth that is neither":                  {get("/students?connected=maybe"), []string{"connected invalid"}},
		"a search that is too long":                {get("/users?search=" + strings.Repeat("a", 101)), []string{"search maxLength"}},
		"a parameter that does not exist":          {get("/users?rol=admin"), []string{"rol unknown_parameter"}},
		"a parameter in upper case":                {get("/users?Limit=1"), []string{"Limit unknown_parameter"}},
		"a parameter on an operation without any":  {get("/me?x=1&x=2&a=1"), []string{"a unknown_parameter", "x unknown_parameter"}},
		"a parameter with an endless name":         {get("/me?" + strings.Repeat("a", 500) + "=1"), []string{strings.Repeat("a", 63) + "… unknown_parameter"}},
		"parameters and body together":             {post("/batches?dry_run=1", `{"name": ""}`), []string{"dry_run unknown_parameter", "/ends_on required", "/name minLength", "/starts_on required", "/time_zone required"}},
		"all parameters at once":                   {get("/students?limit=0&connected=2&batch_id=x&status=y"), []string{"batch_id format", "connected invalid", "limit minimum", "status enum"}},
		"an address that is none":                  {post("/auth/register", `{"email": "ada", "name": "A", "password": "p"}`), []string{"/email format"}},
		"an address of look-alikes":                {post("/auth/register", `{"email": "аda@example.com", "name": "A", "password": "p"}`), []string{"/email format"}},
		"a body without what it needs":             {post("/batches", `{}`), []string{"/ends_on required", "/name required", "/starts_on required", "/time_zone required"}},
		"a body that is a list":                    {post("/batches", `[]`), []string{" type"}},
		"a body that is null":                      {post("/batches", `null`), []string{" nullable"}},
		"a field that does not exist":              {post("/batches", batchWith("id", `"x"`)), []string{"/id properties"}},
		"a field with a slash and a tilde":         {post("/batches", batchWith("a/b~c", `1`)), []string{"/a~1b~0c properties"}},
		"fields that only the server sets":         {post("/auth/register", registration+`, "role": "admin", "Role": "admin", "is_admin": true, "id": 1}`), []string{"/Role properties", "/id properties", "/is_admin properties", "/role properties"}},
		"fields of oneself that only others set":   {patch("/me", `{"role": "admin", "batch_id": null, "password_hash": "x", "created_at": "x"}`), []string{"/batch_id properties", "/created_at properties", "/password_hash properties", "/role properties"}},
		"a name in the wrong case":                 {post("/batches", batchWith("NAME", `"x"`)), []string{"/NAME properties"}},
		"a field of another type":                  {post("/batches", batchWith("name", `7`)), []string{"/name type"}},
		"null where nothing may be missing":        {post("/batches", batchWith("name", `null`)), []string{"/name nullable"}},
		"a day in a body that is none":             {post("/batches", batchWith("starts_on", `"2023-02-29"`)), []string{"/starts_on format"}},
		"a number beyond":                          {post("/batches", batchWith("weekly_goal_seconds", `604801`)), []string{"/weekly_goal_seconds maximum"}},
		"a number that no computer holds":          {post("/batches", batchWith("weekly_goal_seconds", `1e400`)), []string{"/weekly_goal_seconds type"}},
		"a whole number beyond 2^63":               {post("/batches", batchWith("weekly_goal_seconds", `9223372036854775808`)), []string{"/weekly_goal_seconds maximum"}},
		"a negative zero":                          {post("/batches", batchWith("weekly_goal_seconds", `-0`)), []string{"/weekly_goal_seconds minimum"}},
		"a fraction for a whole number":            {post("/batches", batchWith("weekly_goal_seconds", `1.5`)), []string{"/weekly_goal_seconds type"}},
		"a fraction that is whole":                 {patch("/batches/"+batchID, `{"weekly_goal_seconds": 1.0}`), []string{"/weekly_goal_seconds type"}},
		"an instant in a merge patch that is none": {patch(key, `{"expires_at": "2026-02-30T00:00:00Z"}`), []string{"/expires_at format"}},
		"an instant in a merge patch without zone": {patch(key, `{"expires_at": "2026-02-20T00:00:00"}`), []string{"/expires_at format"}},
		"an instant in a merge patch, leaping":     {patch(key, `{"expires_at": "2026-12-31T23:59:60Z"}`), []string{"/expires_at format"}},
		"seats that are text":                      {patch(key, `{"seats": "10"}`), []string{"/seats type"}},
		"two fields of a merge patch":              {patch(key, `{"seats": 0, "enabled": null}`), []string{"/enabled nullable", "/seats minimum"}},
		"a merge patch that is null":               {patch("/me", `null`), []string{" nullable"}},
		"NUL in a text":                            {post("/batches", batchWith("name", `"a\u0000b"`)), []string{"/name characters"}},
		"half a surrogate pair":                    {post("/batches", batchWith("name", `"a\ud83d"`)), []string{"/name characters"}},
		"NUL deep in a body":                       {post("/batches", batchWith("name", `[{"a/b": "\u0000"}]`)), []string{"/name/0/a~1b characters"}},
		"a key that is too long":                   {post("/me/enrolment", `{"registration_key": "`+strings.Repeat("k", 65)+`"}`), []string{"/registration_key maxLength"}},
		"a password that is empty":                 {post("/auth/login", `{"email": "a@b.cc", "password": ""}`), []string{"/password minLength"}},
		"a field with an endless name":             {post("/batches", batchWith(strings.Repeat("a", 500), `1`)), []string{"/" + strings.Repeat("a", 254) + "… properties"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t).SignedIn().do(t, tt.call).refused(t, 422, "invalid_request")
			// The validator walks maps, so the order is not fixed.
			if diff := cmp.Diff(sortedCopy(tt.fields), sortedCopy(p.fields())); diff != "" {
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

// What cannot be read is 400.
func TestUnreadableRequests(t *testing.T) {
	t.Parallel()
	fine := batchWith("name", `"x"`)
	tests := map[string]call{
		"a query value twice":                 get("/users?limit=1&limit=999"),
		"a query with bad percent-encoding":   get("/users?search=%zz"),
		"a query with a semicolon":            get("/users?limit=1;role=admin"),
		"a query that is not UTF-8":           get("/users?search=%ff"),
		"NUL in a query":                      get("/users?search=a%00"),
		"NUL in the name of a parameter":      get("/users?a%00=1"),
		"NUL in a path":                       get("/users/1%00"),
		"a path that is not UTF-8":            get("/users/%ff"),
		"no body":                             post("/batches", ""),
		"a body of white space":               post("/batches", " \n\t "),
		"half a body":                         post("/batches", `{"name": "x"`),
		"a body that is not JSON":             post("/batches", `name=x`),
		"a key twice":                         post("/batches", batchWith("name", `"x", "name": "y"`)),
		"a key twice, once escaped":           post("/batches", batchWith("name", `"x", "n\u0061me": "y"`)),
		"a key twice, deep":                   post("/batches", batchWith("name", `{"a": [{"b": 1, "b": 2}]}`)),
		"two values":                          post("/batches", fine+fine),
		"something after the value":           post("/batches", fine+"x"),
		"a comment":                           post("/batches", "/* x */"+fine),
		"a trailing comma":                    post("/batches", strings.Replace(fine, "}", ",}", 1)),
		"a mark of byte order":                post("/batches", "\ufeff"+fine),
		"text that is not UTF-8":              post("/batches", batchWith("name", "\"\xff\"")),
		"not a number":                        post("/batches", batchWith("weekly_goal_seconds", "NaN")),
		"a number with a plus":                post("/batches", batchWith("weekly_goal_seconds", "+1")),
		"lists 100,000 deep":                  post("/batches", strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)),
		"objects 20,000 deep":                 post("/batches", strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)),
		"lists that never end":                post("/batches", strings.Repeat("[", 100_000)),
		"a control character in a text":       post("/batches", batchWith("name", "\"\n\"")),
		"a credential in the address":         get("/me?access_token=" + token).signedOut(),
		"a password in the address":           get("/me?Password=x"),
		"a session in the address, signed in": get("/me?session=" + token),
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := serve(t).SignedIn().do(t, c)
			if p := got.refused(t, 400, "malformed_request"); p.Detail == "" || strings.Contains(got.body, token) {
				t.Errorf("the answer is %s", got.body)
			}
		})
	}
}

func TestQueryValuesTwice_areNamed(t *testing.T) {
	t.Parallel()
	if p := serve(t).SignedIn().do(t, get("/users?limit=1&limit=1")).refused(t, 400, "malformed_request"); !strings.Contains(p.Detail, `"limit"`) {
		t.Errorf("the detail is %s", p.Detail)
	}
}

// Many faults make a short answer.
func TestInvalidRequests_nameAHundredThingsAtMost(t *testing.T) {
	t.Parallel()
	var parts []string
	for i := range 5_000 {
		parts = append(parts, `"`+strings.Repeat("a", 1+i%40)+string(rune(0x4e00+i))+`": 1`)
	}
	got := serve(t).SignedIn().do(t, post("/batches", "{"+strings.Join(parts, ",")+"}"))
	if p := got.refused(t, 422, "invalid_request"); len(p.Errors) != 100 {
		t.Errorf("the answer names %d fields", len(p.Errors))
	}
}

// Whatever is wrong with a secret, or beside it, the answer does not repeat it, and
// neither does the log.
func TestSecrets_areNotEchoed(t *testing.T) {
	t.Parallel()
	const canary = "canary-7b3f"
	long := strings.Repeat(canary, 200)
	tests := map[string]call{
		"a password that is a list":     post("/auth/login", `{"email": "a@b.cc", "password": ["`+canary+`"]}`),
		"a password that is too long":   post("/auth/login", `{"email": "a@b.cc", "password": "`+long+`"}`),
		"a password with NUL":           post("/auth/login", `{"email": "a@b.cc", "password": "`+canary+`\u0000"}`),
		"a password beside a fault":     post("/auth/login", `{"email": 1, "password": "`+canary+`"}`),
		"a password in broken JSON":     post("/auth/login", `{"email": "a@b.cc", "password": "`+canary),
		"a password twice":              post("/auth/login", `{"password": "`+canary+`", "password": "`+canary+`2"}`),
		"a password in a form":          post("/auth/login", "password="+canary).with("Content-Type", "application/x-www-form-urlencoded"),
		"an API key that is an object":  put("/me/wakatime/api-key", `{"api_key": {"x": "`+canary+`"}}`),
		"an API key that is too long":   put("/me/wakatime/api-key", `{"api_key": "`+long+`"}`),
		"an OAuth code that is a list":  post("/me/wakatime/callback", `{"code": ["`+canary+`"], "state": "`+canary+`"}`),
		"an OAuth state that is a list": post("/me/wakatime/callback", `{"code": "`+canary+`", "state": ["`+canary+`"]}`),
		"a registration key as a list":  post("/me/enrolment", `{"registration_key": ["`+canary+`"]}`),
		"a token in the address":        get("/me?token=" + canary),
		"a search for a person":         get("/users?limit=0&search=" + canary),
		"a cookie of another program":   get("/me").with("Cookie", "other="+canary).signedOut(),
		"a scheme that is not taken":    get("/me").with("Authorization", "Basic "+canary),
		"two credentials":               get("/me").with("Cookie", "__Host-gradus_session="+canary),
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn()
			got := s.do(t, c)
			if got.StatusCode < 400 || strings.Contains(got.body, canary) {
				t.Errorf("the answer is %d %s", got.StatusCode, got.body)
			}
			s.logLines(t)
			if log := s.Log.String(); strings.Contains(log, canary) || strings.Contains(log, token) {
				t.Errorf("the log says %s", log)
			}
		})
	}
}

// Headers that would change the method are nothing to us.
func TestMethodOverride_isIgnored(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	s.Accounts.EXPECT().Suspend(anything, s.Actor, id[domain.User](adaID), nil).Return(suspended(ada()), nil)
	c := post("/users/"+adaID+"/suspension", "")
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		c = c.with(name, "DELETE")
	}
	if got := s.do(t, c); got.StatusCode != http.StatusOK {
		t.Errorf("the answer is %d %s", got.StatusCode, got.body)
	}
	s.do(t, post("/users/"+adaID+"/suspension?_method=DELETE", "")).refused(t, 422, "invalid_request")
}

// The check of bodies refuses fractions everywhere, because no request has any.
func TestRequests_haveNoFractions(t *testing.T) {
	t.Parallel()
	for path, item := range loadSpec(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			for _, media := range op.RequestBody.Value.Content {
				for name, field := range media.Schema.Value.Properties {
					if field.Value.Type.Is("number") {
						t.Errorf("%s %s: %s is a number; teach checkJSON to let fractions through", method, path, name)
					}
				}
			}
		}
	}
}
