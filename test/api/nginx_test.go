package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/nginx"
)

// gzipping compresses every response, as guides for nginx recommend.
const gzipping = `
	gzip on;
	gzip_proxied any;
	gzip_min_length 1;
	gzip_types *;
`

// through returns the client of a user whose requests go through nginx. prefix is the path
// of the server at nginx.
func (e *env) through(proxy *http.Client, prefix string, c client) client {
	e.t.Helper()
	return apiclient.New(e.t, "http://"+nginx.Host+prefix+"/api/v1", func(testing.TB) *http.Client { return proxy }).As(c.Session)
}

// nginx marks the ETag of a response that it compresses as weak.
func TestNginx_EditsSucceedWithTheETagOfACompressedResponse(t *testing.T) {
	t.Parallel()
	configurations := map[string]struct{ headers, mark string }{
		"compressed by nginx":  {`proxy_set_header Accept-Encoding "";`, `W/"`},
		"compressed by either": {``, ``}, // large responses by Gradus
	}
	for name, tt := range configurations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			batch := e.admin.CreateBatch(autumn)
			user := e.member("Uma")
			proxy := nginx.Start(t, gzipping+`location / { proxy_pass `+e.Root+`; `+tt.headers+` }`)
			edits := map[string]struct {
				caller               client
				resource, edit, verb string
				body                 object
			}{
				"a batch":                  {e.admin, "/batches/" + batch, "/batches/" + batch, "PATCH", object{"description": strings.Repeat("Compressed by the server itself. ", 60)}},
				"a registration key":       {e.admin, "/batches/" + batch + "/registration-key", "/batches/" + batch + "/registration-key", "PATCH", object{"seats": 5}},
				"a role":                   {e.admin, "/users/" + user.ID, "/users/" + user.ID + "/role", "PUT", object{"role": "instructor"}},
				"the caller's account":     {e.member("Own"), "/me", "/me", "PATCH", object{"name": "One"}},
				"a connection to WakaTime": {e.connectable("Con"), "/me/wakatime", "/me/wakatime/api-key", "PUT", e.apiKey("con")},
			}
			for name, edit := range edits {
				c := e.through(proxy, "", edit.caller)
				read := c.Get(edit.resource).Expect(http.StatusOK)
				if !strings.HasPrefix(read.ETag(), tt.mark) {
					t.Fatalf("the ETag of %s is %s; does nginx compress?", name, read.ETag())
				}
				change := apiclient.Request{Method: edit.verb, Path: edit.edit, Body: edit.body}
				c.IfMatch(read.ETag()).Do(change).Expect(http.StatusOK)
				c.IfMatch(read.ETag()).Do(change).ExpectProblem(http.StatusPreconditionFailed, "version_mismatch")
				c.IfMatch(`W/"0", ` + c.Get(edit.resource).ETag()).Do(change).Expect(http.StatusOK)
			}
		})
	}
}

// Tools revalidate the contract with the ETag that the proxy gave them.
func TestNginx_RevalidatesTheContract(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	proxy := nginx.Start(t, gzipping+`location / { proxy_pass `+e.Root+`; proxy_set_header Accept-Encoding ""; }`)
	first := fetch(t, proxy, "/openapi.json", nil)
	tag := first.Header.Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) {
		t.Fatalf("the ETag is %s; does nginx compress?", tag)
	}
	if again := fetch(t, proxy, "/openapi.json", http.Header{"If-None-Match": {tag}}); again.StatusCode != http.StatusNotModified {
		t.Errorf("with the ETag %s, the contract returned %d", tag, again.StatusCode)
	}
}

func fetch(t *testing.T, proxy *http.Client, path string, header http.Header) fetched {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+nginx.Host+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	res, err := proxy.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fetched{res, string(text)}
}

// fetched is a response with its body.
type fetched struct {
	*http.Response

	text string
}

// Below a path, everything works, whether the proxy removes the path or keeps it.
func TestNginx_ServesBelowAPath(t *testing.T) {
	t.Parallel()
	proxies := map[string]string{
		"the proxy removes the path": `location /gradus/ { proxy_pass ROOT/; }`,
		"the proxy keeps the path":   `location /gradus/ { proxy_pass ROOT; }`,
	}
	for name, location := range proxies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t, func(c *config.Config) { c.PublicURL = "http://" + nginx.Host + "/gradus" })
			proxy := nginx.Start(t, strings.ReplaceAll(location, "ROOT", e.Root))
			admin := e.through(proxy, "/gradus", e.admin)

			created := admin.Post("/batches", autumn).Expect(http.StatusCreated)
			at := created.Header.Get("Location")
			if !strings.HasPrefix(at, "/gradus/api/v1/batches/") {
				t.Fatalf("the batch is at %s", at)
			}
			admin.Get(strings.TrimPrefix(at, "/gradus/api/v1")).Expect(http.StatusOK)

			p := fetch(t, proxy, "/gradus/api/v1/me", nil)
			var problem struct{ Type, Instance string }
			if err := json.Unmarshal([]byte(p.text), &problem); err != nil {
				t.Fatal(err)
			}
			if problem.Instance != "/gradus/api/v1/me" || fetch(t, proxy, problem.Type, nil).StatusCode != http.StatusOK {
				t.Errorf("the problem is %s", p.text)
			}
			for _, path := range []string{"/gradus/", "/gradus/docs", "/gradus/docs/start.js", "/gradus/docs/guides/errors", "/gradus/openapi.json", "/gradus/wakatime", "/gradus/readyz"} {
				if got := fetch(t, proxy, path, nil); got.StatusCode != http.StatusOK {
					t.Errorf("%s returned %d", path, got.StatusCode)
				}
			}
			e.cookieBelow(proxy)
			e.oauthBelow(proxy)
		})
	}
}

// cookieBelow signs in with a cookie, as a page below the path does.
func (e *env) cookieBelow(proxy *http.Client) {
	e.t.Helper()
	anonymous := e.through(proxy, "/gradus", e.anonymous).With("Origin", "http://"+nginx.Host)
	in := anonymous.Post("/auth/login", object{"email": "admin@school.example", "password": apiclient.Password, "carrier": "cookie"}).Expect(http.StatusOK)
	cookies, err := http.ParseSetCookie(in.Header.Get("Set-Cookie"))
	if err != nil || cookies.Path != "/" {
		e.t.Fatalf("signing in below /gradus sets %v: %v", in.Header["Set-Cookie"], err)
	}
	page := anonymous.With("Cookie", cookies.Name+"="+cookies.Value)
	page.Patch("/me", object{"name": "Admina"}).Expect(http.StatusOK)
	page.With("Origin", "http://evil.example").Patch("/me", object{"name": "Eve"}).ExpectProblem(http.StatusForbidden, "cross_origin")
	page.Post("/auth/logout", nil).Expect(http.StatusNoContent)
}

// oauthBelow connects a member by OAuth: WakaTime redirects to the page below the path.
func (e *env) oauthBelow(proxy *http.Client) {
	e.t.Helper()
	e.wakatimeUser("ola", "UTC")
	ola := e.through(proxy, "/gradus", e.member("Ola"))
	started := apiclient.Decode[struct {
		URL string `json:"authorization_url"`
	}](ola.Post("/me/wakatime/authorization", nil).Expect(http.StatusCreated))
	consent := e.anonymous.Get(started.URL + "&login=ola").Expect(http.StatusFound)
	back, err := url.Parse(consent.Header.Get("Location"))
	if err != nil || back.Path != "/gradus/wakatime/callback" {
		e.t.Fatalf("WakaTime redirects to %v: %v", back, err)
	}
	landed := fetch(e.t, proxy, back.RequestURI(), nil)
	page, err := back.Parse(landed.Header.Get("Location"))
	if err != nil || fetch(e.t, proxy, page.RequestURI(), nil).StatusCode != http.StatusOK {
		e.t.Errorf("the callback redirects to %v: %v", page, err)
	}
	ola.Post("/me/wakatime/callback", object{"code": back.Query().Get("code"), "state": back.Query().Get("state")}).Expect(http.StatusOK)
}
