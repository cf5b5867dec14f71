package account_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// All references are relative, so that the pages work below a path.
func TestPages_ReferToFilesOfTheServer(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	page := s.Do(t, servertest.Document("/account/password-reset"))
	for _, reference := range []string{`src="account.js"`, `href="../wakatime/connect.css"`} {
		if page.StatusCode != http.StatusOK || !strings.Contains(page.Text, reference) {
			t.Errorf("the page returned %d and lacks %s", page.StatusCode, reference)
		}
	}
	if got := s.Do(t, servertest.Document("/account/account.js")); got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("the script returned %d %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
	if got := s.Do(t, servertest.Document("/wakatime/connect.css")); got.StatusCode != http.StatusOK {
		t.Errorf("the style returned %d", got.StatusCode)
	}
}

// A page whose URL has a token must not leak it, nor run anything but its own script.
func TestPages_KeepTheTokenToThemselves(t *testing.T) {
	t.Parallel()
	h := servertest.Start(t).Do(t, servertest.Document("/account/password-reset")).Header
	policy := h.Get("Content-Security-Policy")
	if h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" ||
		!strings.Contains(policy, "default-src 'none'; script-src 'self';") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("headers %v", h)
	}
}
