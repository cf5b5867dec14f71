package httpapi_test

import "testing"

// writes are how a write with a cookie can say where it comes from, and whether it
// is let through.
var writes = map[string]struct {
	headers map[string]string
	passes  bool
}{
	"the site itself":                               {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": origin}, true},
	"the site itself, without Origin":               {map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
	"the site itself, in an old browser":            {map[string]string{"Origin": origin}, true},
	"the person alone":                              {map[string]string{"Sec-Fetch-Site": "none"}, true},
	"another site":                                  {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, false},
	"another site, without Origin":                  {map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
	"another site, in an old browser":               {map[string]string{"Origin": "https://evil.example"}, false},
	"another site that claims to be this one":       {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": origin}, false},
	"a subdomain":                                   {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://app.gradus.example"}, false},
	"a subdomain that claims to be this one":        {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": origin}, false},
	"a site of the same beginning":                  {map[string]string{"Origin": origin + ".evil.example"}, false},
	"a site of the same end":                        {map[string]string{"Origin": "https://evilgradus.example"}, false},
	"the site without TLS":                          {map[string]string{"Origin": "http://gradus.example"}, false},
	"the site on another port":                      {map[string]string{"Origin": origin + ":8443"}, false},
	"an origin that hides itself":                   {map[string]string{"Origin": "null"}, false},
	"an origin that hides itself, in a new browser": {map[string]string{"Origin": "null", "Sec-Fetch-Site": "cross-site"}, false},
	"a word that is none":                           {map[string]string{"Sec-Fetch-Site": "SAME-ORIGIN"}, false},
	"nobody":                                        {nil, false},
}

// Every write with a cookie, from everywhere: only the site itself gets through.
func TestWritesWithACookie(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(mutates) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn()
			for from, w := range writes {
				c := r.signedOut().with("Cookie", cookie).with("Host", "gradus.example")
				for name, value := range w.headers {
					c = c.with(name, value)
				}
				if !w.passes {
					s.do(t, c).refused(t, 403, "cross_origin")
					continue
				}
				r.port(s)
				if got := s.do(t, c); got.StatusCode != r.status {
					t.Errorf("%s is answered with %d %s", from, got.StatusCode, got.body)
				}
			}
		})
	}
}

// A proxy may call us by another name than people do, and people by another than the
// operator said.
func TestWritesWithACookie_underAnotherName(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	s.Sessions.EXPECT().SignOut(anything, s.Actor).Return(nil).Times(2)
	out := post("/auth/logout", "").signedOut().with("Cookie", cookie)
	s.do(t, out.with("Host", "gradus.internal:8080").with("Origin", origin)).is(t, 204, "")
	s.do(t, out.with("Host", "www.gradus.example").with("Origin", "https://www.gradus.example")).is(t, 204, "")
	s.do(t, out.with("Host", "gradus.internal:8080").with("Origin", "https://evil.example")).refused(t, 403, "cross_origin")
}

// A form on another site cannot sign a browser in or make an account, cookie or not.
func TestSigningIn_fromElsewhere(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(public) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			for from, w := range writes {
				c := r.call
				for name, value := range w.headers {
					c = c.with(name, value)
				}
				if !w.passes && from != "nobody" {
					s.do(t, c.with("Content-Type", "text/plain")).refused(t, 403, "cross_origin")
					s.do(t, c).refused(t, 403, "cross_origin")
				}
			}
			r.port(s) // a program sends none of these headers
			if got := s.do(t, r.call); got.StatusCode != r.status {
				t.Errorf("a program is answered with %d %s", got.StatusCode, got.body)
			}
		})
	}
}

// No browser adds a bearer token by itself, so where the write comes from is nothing to us.
func TestWritesWithAToken_comeFromAnywhere(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(func(r row) bool { return mutates(r) && !public(r) }) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn()
			for from, w := range writes {
				c := r.call
				for name, value := range w.headers {
					c = c.with(name, value)
				}
				r.port(s)
				if got := s.do(t, c); got.StatusCode != r.status {
					t.Errorf("%s is answered with %d %s", from, got.StatusCode, got.body)
				}
			}
		})
	}
}

// Reading is no write: links from elsewhere work, and pages of elsewhere cannot see
// the answer.
func TestReading_fromElsewhere(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	s.Accounts.EXPECT().Me(anything, s.Actor).Return(me(), nil)
	got := s.do(t, get("/me").signedOut().with("Cookie", cookie).with("Origin", "https://evil.example").with("Sec-Fetch-Site", "cross-site"))
	got.is(t, 200, meJSON)
	for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
		if v := got.Header.Get(name); v != "" {
			t.Errorf("%s is %q", name, v)
		}
	}
	if v := got.Header.Get("Cross-Origin-Resource-Policy"); v != "same-origin" {
		t.Errorf("Cross-Origin-Resource-Policy is %q", v)
	}
}
