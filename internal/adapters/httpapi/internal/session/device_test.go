package session_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

const deviceToken = domain.Secret("AQJrMWZrM3ZRMW1Y")

// A device receives its token in the way in which it receives its session, and sends it back so.
func TestDevice(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		carrier     string
		send        servertest.Call // with headers
		received    domain.Secret   // by the port
		header      string          // of the response
		cookieNames string
	}{
		"with a token, it is a header": {carrier: "token", send: servertest.Call{}, header: deviceToken.Reveal()},
		"with a cookie, it is a cookie": {
			carrier: "cookie", send: servertest.Call{}, cookieNames: "__Host-gradus_session __Host-gradus_device",
		},
		"the header is read": {
			carrier: "token", send: servertest.Call{}.With("Gradus-Device", "earlier"), received: "earlier", header: deviceToken.Reveal(),
		},
		"the cookie is read": {
			carrier: "token", send: servertest.Call{}.With("Cookie", "__Host-gradus_device=earlier"), received: "earlier", header: deviceToken.Reveal(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			in := operations.NewSession()
			in.Device = deviceToken
			s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything,
				ports.Device{UserAgent: "curl/8", Token: tt.received, Cookie: tt.carrier == "cookie"}).Return(domain.SignIn{SignedIn: in}, nil)
			c := servertest.Post("/auth/login", operations.Credentials+`, "carrier": "`+tt.carrier+`"}`).SignedOut().With("User-Agent", "curl/8")
			for name, value := range tt.send.Header {
				c = c.With(name, value)
			}
			got := s.Do(t, c)
			if got.StatusCode != http.StatusOK || got.Header.Get("Gradus-Device") != tt.header {
				t.Errorf("the response is %d with Gradus-Device %q", got.StatusCode, got.Header.Get("Gradus-Device"))
			}
			var names []string
			for _, cookie := range got.Cookies() {
				names = append(names, cookie.Name)
				if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge <= 0 {
					t.Errorf("insecure cookie %v", cookie)
				}
			}
			if strings.Join(names, " ") != tt.cookieNames {
				t.Errorf("the cookies are %q, want %q", names, tt.cookieNames)
			}
		})
	}
}

// A sign-in that fails leaves no token.
func TestDevice_OfAFailure(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).
		Return(domain.SignIn{}, domain.ErrInvalidCredentials)
	got := s.Do(t, servertest.Post("/auth/login", operations.Credentials+"}").SignedOut())
	if got.Header.Get("Gradus-Device") != "" || len(got.Cookies()) > 0 {
		t.Errorf("the response has the headers %v", got.Header)
	}
}
