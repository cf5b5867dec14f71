package contract_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// An expired session is rejected by all operations.
func testExpiredSessions(t *testing.T) {
	t.Helper()
	e := fresh(t)
	e.server.Clock.Advance(e.server.Config.SessionLifetime)
	e.each(signedIn, func(op operation, caller session) {
		e.rejected(op.OperationID, caller, e.plain(op, caller), "session_expired")
	})
}

// A user whose role needs TOTP can do nothing before they enable it but what enrolling needs.
func testTOTPRequired(t *testing.T) {
	t.Helper()
	e := fresh(t)
	e.client = e.client.At(e.server.Replica(t, func(c *config.Config) {
		c.TOTPRequiredRoles = []string{"member", "student", "instructor", "admin"}
	}).URL)
	allowed := []string{"EnableTotp", "GetMe", "GetTotp", "Reauthenticate", "SignOut", "StartTotp"}
	e.each(signedIn, func(op operation, caller session) {
		if !slices.Contains(allowed, op.OperationID) {
			e.rejected(op.OperationID, caller, e.plain(op, caller), "totp_required")
		} else if res := e.do(op.OperationID, e.again(caller), e.plain(op, caller)); res.Code() == "totp_required" {
			e.errorf("%s returned totp_required", op.OperationID)
		}
	})
	e.as(e.users["admin"]).EnableTOTP()
	e.must("ListUsers", e.users["admin"], request{})
}

// An expired access token is rejected by all operations.
func testExpiredTokens(t *testing.T) {
	t.Helper()
	e := fresh(t)
	e.server.Exec(t, `UPDATE sessions SET token_expires_at = $1`, e.server.Clock.Now())
	e.server.Clock.Advance(postgres.SessionMaxAge) // no session is in memory any more
	e.each(signedIn, func(op operation, caller session) {
		e.rejected(op.OperationID, caller, e.plain(op, caller), "token_expired")
	})
}

// API tokens that are mistyped, and those without the scope of the operation, are rejected by all
// operations.
func testAPITokens(t *testing.T) {
	t.Helper()
	e := fresh(t)
	tokens := map[string]session{}
	token := func(user session, scope string) session {
		key := user.ID + scope
		if tokens[key].Token == "" {
			res := e.do("CreateApiToken", user, request{body: object{"name": "Contract Test", "scopes": []string{scope}, "expires_in_days": 1}})
			tokens[key] = session{Token: apiclient.Decode[struct{ Token string }](res).Token, ID: user.ID, Email: user.Email, Role: user.Role}
		}
		return tokens[key]
	}
	e.each(signedIn, func(op operation, caller session) {
		mistyped := caller
		mistyped.Token = "gradus_pat_mistyped"
		e.rejected(op.OperationID, mistyped, e.plain(op, caller), "api_token_invalid")
		scope, code := "write", "session_required"
		if op.Extensions["x-scope"] != nil {
			code = "insufficient_scope"
		}
		if op.method != http.MethodGet {
			scope = "read"
		}
		e.rejected(op.OperationID, token(caller, scope), e.plain(op, caller), code)
	})
}

// Without a database all operations return 503.
func testWithoutDatabase(t *testing.T) {
	t.Helper()
	p := &proxy{}
	t.Cleanup(p.close)
	e := fresh(t, func(c *config.Config) { c.DatabaseURL = domain.Secret(p.listen(t, c.DatabaseURL.Reveal())) })
	p.close()
	e.server.Clock.Advance(postgres.SessionMaxAge) // no session is in memory any more
	e.each(all, func(op operation, caller session) {
		if op.public() {
			caller = session{}
		}
		res := e.rejected(op.OperationID, caller, e.plain(op, caller), "unavailable")
		if res.Header.Get("Retry-After") == "" {
			e.errorf("%s returned 503 without Retry-After", op.OperationID)
		}
	})
}

// proxy forwards connections to the database until it is closed.
type proxy struct {
	mu     sync.Mutex
	open   []io.Closer
	closed bool
}

// listen returns the URL of a database behind the proxy.
func (p *proxy) listen(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.add(listener)
	target := u.Host
	u.Host = listener.Addr().String()
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return // closed
			}
			out, err := new(net.Dialer).DialContext(context.Background(), "tcp", target)
			if err != nil {
				_ = in.Close()
				continue
			}
			p.add(in)
			p.add(out)
			go forward(in, out)
			go forward(out, in)
		}
	}()
	return u.String()
}

func forward(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

func (p *proxy) add(c io.Closer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close()
		return
	}
	p.open = append(p.open, c)
}

func (p *proxy) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.open {
		_ = c.Close()
	}
}

// More requests than the queue for password hashes holds are rejected.
func testBusy(t *testing.T) {
	t.Helper()
	e := fresh(t, func(c *config.Config) { c.HashConcurrency = 1 })
	token := e.confirmation(domain.ConfirmPasswordReset)
	for path, send := range map[string]struct {
		method string
		caller session
		body   func() object
	}{
		"/auth/register":         {"POST", session{}, func() object { return registration("") }},
		"/auth/login":            {"POST", session{}, func() object { return object{"email": "nobody@school.example", "password": password} }},
		"/auth/reauthentication": {"POST", e.users["member"], func() object { return object{"current_password": "not my password at all"} }},
		"/auth/password-resets/confirmation": {"POST", session{}, func() object {
			return object{"token": token, "password": "nine grey herons wading home"}
		}},
		"/me/password": {"PUT", e.users["member"], func() object {
			return object{"current_password": "not my password at all", "password": "nine grey herons wading home"}
		}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		client := e.client.As(send.caller)
		client.Context = ctx
		rejected := make(chan struct{}, 1)
		var sending sync.WaitGroup
		for range 120 {
			sending.Go(func() {
				res, err := client.Try(apiclient.Request{Method: send.method, Path: path, Body: send.body()})
				if err == nil && res.Code() == "busy" {
					select {
					case rejected <- struct{}{}:
						cancel() // the others need not hash a password
					default:
					}
				}
			})
		}
		sending.Wait()
		cancel()
		if len(rejected) == 0 {
			e.errorf("%s %s rejected none of 120 concurrent requests", send.method, path)
		}
	}
}

// An internal error is a problem without details.
func testInternalError(t *testing.T) {
	t.Helper()
	e := fresh(t)
	e.server.Exec(t, `ALTER TABLE batches RENAME COLUMN description TO blurb`)
	e.rejected("ListBatches", e.users["admin"], request{}, "internal")
}
