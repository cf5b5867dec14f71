package connect_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// The prefix __Host- makes browsers reject the cookie without TLS, and from subdomains.
func TestCallback_CookieIsSecure(t *testing.T) {
	t.Parallel()
	got := servertest.Start(t).Do(t, servertest.Document("/wakatime/callback?code=c&state=s"))
	const want = "__Host-gradus_wakatime=code=c&state=s; Path=/; Max-Age=120; Secure; SameSite=Strict"
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Set-Cookie") != want {
		t.Errorf("the response is %d with the cookie %q, want %q", got.StatusCode, got.Header.Get("Set-Cookie"), want)
	}
}

// All references are relative, so that the page works below a path.
func TestPage_RefersToItsOwnFiles(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	page := s.Do(t, servertest.Document("/wakatime"))
	for _, name := range []string{`src="wakatime/connect.js"`, `href="wakatime/connect.css"`} {
		if !strings.Contains(page.Text, name) {
			t.Errorf("the page lacks %s", name)
		}
	}
	for path, mediaType := range map[string]string{"/wakatime/connect.js": "text/javascript; charset=utf-8", "/wakatime/connect.css": "text/css; charset=utf-8"} {
		if got := s.Do(t, servertest.Document(path)); got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != mediaType {
			t.Errorf("%s returned %d %s", path, got.StatusCode, got.Header.Get("Content-Type"))
		}
	}
}
