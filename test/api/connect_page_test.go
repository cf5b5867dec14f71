package api_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// browser sends requests as a browser does: with its cookies, and with the origin of writes.
type browser struct {
	client

	root *url.URL
	jar  *cookiejar.Jar
}

func (e *env) browser() browser {
	e.t.Helper()
	root, err := url.Parse(e.Root)
	if err != nil {
		e.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		e.t.Fatal(err)
	}
	withCookies := func(tb testing.TB) *http.Client {
		tb.Helper()
		c := apiclient.Plain(tb)
		c.Jar = jar
		return c
	}
	c := apiclient.New(e.t, e.URL, withCookies).With("Origin", e.Root).With("Sec-Fetch-Site", "same-origin")
	return browser{c, root, jar}
}

func (b browser) signIn(email string) {
	b.Post("/auth/login", object{"email": email, "password": testserver.Password, "carrier": "cookie"}).Expect(http.StatusOK)
}

// authorize starts an authorization as the page does, gives consent at the fake WakaTime
// server and follows the redirect to this server, which it returns.
func (b browser) authorize(username string) response {
	to := decode[struct {
		URL string `json:"authorization_url"`
	}](b.Post("/me/wakatime/authorization", nil).Expect(http.StatusCreated)).URL
	return b.Get(b.Get(to + "&login=" + username).Expect(http.StatusFound).Header.Get("Location"))
}

// takeResult returns the result that the redirect left for the page, and deletes it.
func (b browser) takeResult(t *testing.T) url.Values {
	t.Helper()
	for _, c := range b.jar.Cookies(b.root) {
		if c.Name == "gradus_wakatime" {
			b.jar.SetCookies(b.root, []*http.Cookie{{Name: c.Name, Path: "/", MaxAge: -1}})
			result, err := url.ParseQuery(c.Value)
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
	}
	return nil
}

// The default redirect URL is a page of the server, so OAuth works without a frontend.
func TestConnectPage_FinishesAConnection(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada, b := e.members(1)[0], e.browser()
	e.wakatimeUser("ada", "UTC")
	b.signIn(ada.Email)
	redirect := b.authorize("ada").Expect(http.StatusSeeOther)
	if got := redirect.Header.Get("Location"); got != "../wakatime" {
		t.Errorf("the redirect is to %q, which should be the page without code and state", got)
	}
	set := redirect.Header.Get("Set-Cookie")
	if !strings.Contains(set, "SameSite=Strict") || !strings.Contains(set, "Max-Age=120") || redirect.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the redirect has the headers %v", redirect.Header)
	}
	if got := get[connection](b.client, "/me/wakatime"); got.State != "not_connected" {
		t.Errorf("the redirect itself changed the connection to %s", got.State)
	}
	result := b.takeResult(t)
	body := object{"code": result.Get("code"), "state": result.Get("state")}

	// A page of another site cannot finish it, and neither can another session.
	b.With("Origin", "https://evil.example").With("Sec-Fetch-Site", "cross-site").Post(callback, body).ExpectProblem(http.StatusForbidden, "cross_origin")
	e.browser().Post(callback, body).ExpectProblem(http.StatusUnauthorized, "unauthenticated")

	b.Post(callback, body).Expect(http.StatusOK)
	if got := get[connection](b.client, "/me/wakatime"); got.State != "connected" {
		t.Errorf("the connection is %s", got.State)
	}
	if strings.Contains(e.Log.String(), result.Get("code")) || strings.Contains(e.Log.String(), result.Get("state")) {
		t.Error("the log has the code or the state")
	}
}

// All paths of the page are relative, so that it works below the path of a public URL.
func TestConnectPage_WorksBelowAPath(t *testing.T) {
	t.Parallel()
	e := newEnv(t, func(c *config.Config) { c.PublicURL += "/gradus" })
	ada, b := e.members(1)[0], e.browser()
	e.wakatimeUser("ada", "UTC")
	b.signIn(ada.Email)
	to := decode[struct {
		URL string `json:"authorization_url"`
	}](b.Post("/me/wakatime/authorization", nil).Expect(http.StatusCreated)).URL
	back := b.Get(to + "&login=ada").Expect(http.StatusFound).Header.Get("Location")
	if !strings.HasPrefix(back, e.Root+"/gradus/wakatime/callback?code=") {
		t.Fatalf("WakaTime redirects to %s", back)
	}
	at, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	page, err := at.Parse(b.Get(back).Expect(http.StatusSeeOther).Header.Get("Location"))
	if err != nil || page.String() != e.Root+"/gradus/wakatime" {
		t.Fatalf("the redirect is to %s, %v", page, err)
	}
	b.Get(page.String()).Expect(http.StatusOK)
	result := b.takeResult(t)
	b.At(e.Root+"/gradus/api/v1").Post(callback, object{"code": result.Get("code"), "state": result.Get("state")}).Expect(http.StatusOK)
}

// An attacker who makes a victim open the redirect URL with the attacker's code connects
// nothing.
func TestConnectPage_RejectsAnotherSessionsResult(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	users := e.members(2)
	attacker, victim := e.browser(), e.browser()
	attacker.signIn(users[0].Email)
	victim.signIn(users[1].Email)
	e.wakatimeUser("mallory", "UTC")
	attacker.authorize("mallory")
	stolen := attacker.takeResult(t)
	victim.Get(e.Root + "/wakatime/callback?" + stolen.Encode()).Expect(http.StatusSeeOther)
	result := victim.takeResult(t)
	victim.Post(callback, object{"code": result.Get("code"), "state": result.Get("state")}).
		ExpectProblem(http.StatusUnprocessableEntity, "wakatime_state_invalid")
	if got := get[connection](victim.client, "/me/wakatime"); got.State != "not_connected" {
		t.Errorf("the victim is %s", got.State)
	}
}

func TestConnectPage_PassesOnOnlyTheResult(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	const xss = "%3Cscript%3Ealert(1)%3C/script%3E"
	tests := map[string]struct{ query, want string }{
		"a code and its state":                     {"?code=c&state=s", "code=c&state=s"},
		"a denial, without its description":        {"?error=access_denied&state=s&error_description=" + xss + "&error_uri=javascript:x", "error=access_denied&state=s"},
		"markup stays encoded":                     {"?error=" + xss, "error=%3Cscript%3Ealert%281%29%3C%2Fscript%3E"},
		"other parameters are not a result":        {"?next=https://evil.example", ""},
		"nothing":                                  {"", ""},
		"the first of two codes":                   {"?code=a&code=b&state=s", "code=a&state=s"},
		"a line break cannot add a header":         {"?error=a%0D%0ASet-Cookie:%20x=y", "error=a%0D%0ASet-Cookie%3A+x%3Dy"},
		"a result that does not fit into a cookie": {"?code=" + strings.Repeat("c", 4000), "error=invalid_request"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := e.in(t).browser()
			got := b.Get(e.Root + "/wakatime/callback" + tt.query).Expect(http.StatusSeeOther)
			if result := b.takeResult(t).Encode(); result != tt.want || len(got.Body) != 0 || got.Header.Get("Location") != "../wakatime" {
				t.Errorf("the result is %q, want %q; the response is %v %s", result, tt.want, got.Header, got.Body)
			}
		})
	}
}

func TestConnectPage_HasAStrictPolicy(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	page := e.browser().Get(e.Root + "/wakatime?error_description=%3Cscript%3E").Expect(http.StatusOK)
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=UTF-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
			"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
	} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, bad := range []string{"<style", " style=", " onclick", "<script>", "error_description", "://"} {
		if strings.Contains(string(page.Body), bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
}

// The page is told about a denial, and about failures of WakaTime, by the API.
func TestConnectPage_IsToldWhatFailed(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	users := e.members(2)
	e.wakatimeUser("ada", "UTC")
	b := e.browser()
	b.signIn(users[0].Email)
	e.Fake.SetScenario("ada", fakewaka.Scenario{AccessDenied: true})
	b.authorize("ada")
	if got := b.takeResult(t); got.Get("error") != "access_denied" || got.Get("code") != "" {
		t.Errorf("after a denial the result is %v", got)
	}
	e.Fake.SetScenario("ada", fakewaka.Scenario{})
	e.connect(users[1], "ada")
	b.authorize("ada")
	result := b.takeResult(t)
	b.Post(callback, object{"code": result.Get("code"), "state": result.Get("state")}).ExpectProblem(http.StatusConflict, "wakatime_account_taken")
}
