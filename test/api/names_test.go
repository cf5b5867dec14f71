package api_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/alexedwards/argon2id"
)

func TestTimeZone_OldNamesAreAccepted(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch, _ := e.batch("Evening", "Asia/Calcutta")
	zone := func(body object) string { return body["time_zone"].(string) }
	if got := zone(get[object](e.admin, "/batches/"+batch)); got != "Asia/Kolkata" {
		t.Errorf("the batch is in %s", got)
	}
	tag := e.admin.Get("/batches/" + batch).Header.Get("ETag")
	same := e.admin.Patch("/batches/"+batch, object{"time_zone": "asia/calcutta"}).Expect(http.StatusOK)
	if got := same.Header.Get("ETag"); got != tag {
		t.Errorf("another name of the same time zone changed the batch: %s, then %s", tag, got)
	}
	ada := e.members(1)[0]
	ada.Patch("/me", object{"time_zone": "US/Pacific"}).Expect(http.StatusOK)
	if got := zone(get[object](ada, "/me")); got != "America/Los_Angeles" {
		t.Errorf("the account is in %s", got)
	}
	ada.Patch("/me", object{"time_zone": "GMT+5"}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
}

// A batch or a user whose time zone nobody knows must not affect the others.
func TestTimeZone_UnknownOnesCountAsUTC(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	odd, oddKey := e.batch("Odd", "UTC")
	_, key := e.batch("Plain", "Asia/Kathmandu")
	ada, bo := e.student("Ada", oddKey), e.student("Bo", key)
	e.Exec(t, `UPDATE batches SET time_zone = 'Mars/Olympus' WHERE name = 'Odd'`)
	e.Exec(t, `UPDATE users SET time_zone = 'Mars/Olympus' WHERE id = $1`, ada.ID)
	for _, path := range []string{
		"/batches", "/batches?status=active", "/batches/" + odd, "/batches/" + odd + "/progress", "/batches/" + odd + "/coverage", "/students", "/students/" + ada.ID,
		"/students/" + ada.ID + "/days", "/students/" + ada.ID + "/coverage", "/students/" + bo.ID, "/users", "/admin/dashboard",
	} {
		e.admin.Get(path).Expect(http.StatusOK)
	}
	for _, path := range []string{"/me", "/me/days", "/me/today", "/me/wakatime"} {
		ada.Get(path).Expect(http.StatusOK)
	}
	if got := get[object](e.admin, "/batches/"+odd)["time_zone"]; got != "UTC" {
		t.Errorf("the response shows %v, but the days are those of UTC", got)
	}
	e.wakatimeUser("ada", "UTC")
	e.connect(ada, "ada")
	e.firstSync(ada)
	if r := get[report](ada, "/me/days"); r.TimeZone != "UTC" || len(r.Days) < 7 {
		t.Errorf("%d days of %s", len(r.Days), r.TimeZone)
	}
	e.admin.Patch("/batches/"+odd, object{"time_zone": "Europe/Kiev"}).Expect(http.StatusOK)
	if got := get[object](e.admin, "/batches/"+odd)["time_zone"]; got != "Europe/Kyiv" {
		t.Errorf("after a change, the batch is in %v", got)
	}
}

func TestNames_AreCleanedAndFound(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.members(1)[0]
	ada.Patch("/me", object{"name": "\u2068Zoe\u0308\u00a0Mu\u0308ller\ufeff\u2069"}).Expect(http.StatusOK)
	if got := get[object](ada, "/me")["name"]; got != "Zo\u00eb M\u00fcller" {
		t.Errorf("the name is %q", got)
	}
	for _, search := range []string{"zoe", "ZOË", "Zoe\u0308", "muller", "zoe muller", "\u200bzoe"} {
		found := get[struct{ Items []object }](e.admin, "/users?search="+url.QueryEscape(search)).Items
		if len(found) != 1 || found[0]["name"] != "Zo\u00eb M\u00fcller" {
			t.Errorf("%q finds %v", search, found)
		}
	}
	ada.Patch("/me", object{"name": "Zoe\u202eadmin"}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	ada.Patch("/me", object{"name": "Zoe\u0000"}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
}

// A keyboard sends an accent alone or with its letter. Older programs hashed what they got.
func TestPasswords_MatchInEveryForm(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	const apart, composed = "se\u0301ven blue otters sing", "s\u00e9ven blue\u00a0otters sing"
	signIn := func(email, password string) int {
		return e.anonymous.Post("/auth/login", object{"email": email, "password": password}).Status
	}
	e.anonymous.Post("/auth/register", object{"email": "ada@school.example", "name": "Ada", "password": apart}).Expect(http.StatusCreated)
	for _, password := range []string{apart, composed} {
		if got := signIn("\u200bada@school.example ", password); got != http.StatusOK {
			t.Errorf("%q: %d", password, got)
		}
	}
	bo := e.members(1)[0]
	hash, err := argon2id.CreateHash(apart, &argon2id.Params{Memory: 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	e.Exec(t, `UPDATE users SET password_hash = $1 WHERE id = $2`, hash, bo.ID)
	for i, step := range []struct {
		password string
		want     int
	}{{composed, http.StatusUnauthorized}, {apart, http.StatusOK}, {composed, http.StatusOK}} {
		if got := signIn(bo.Email, step.password); got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}
