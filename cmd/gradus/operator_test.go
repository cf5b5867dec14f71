package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// withKeys returns settings with other keys.
func withKeys(env []string, keys ...string) []string {
	return append(env[:1:1], "GRADUS_SECRET_KEYS="+strings.Join(keys, ","), "GRADUS_PUBLIC_URL=https://gradus.example.org")
}

func newKey(id string) string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return id + ":" + base64.StdEncoding.EncodeToString(b[:])
}

// works starts a worker with the settings until it works, and returns its output.
func works(t *testing.T, env []string) string {
	t.Helper()
	stop, output := background(t, env, "work")
	await(t, func() error {
		if !strings.Contains(output(), `"working"`) {
			return fmt.Errorf("not working yet: %s", output())
		}
		return nil
	})
	code, out := stop()
	if code != exitOK {
		t.Fatalf("code %d: %s", code, out)
	}
	return out
}

func TestStart_RejectsKeysThatDoNotOpenTheSecrets(t *testing.T) {
	t.Parallel()
	env := productionWith(pgtest.URL(t))
	k1, k2 := newKey("k1"), newKey("k2")
	works(t, withKeys(env, k1))
	for name, keys := range map[string][]string{"lost": {k2}, "another key with the same ID": {newKey("k1")}} {
		for _, command := range []string{"serve", "work"} {
			code, _, stderr := gradus(t, withKeys(env, keys...), "", command)
			if code != exitFault || !strings.Contains(stderr, "gradus: GRADUS_SECRET_KEYS does not open the secrets in this database. Add the key that sealed them") {
				t.Errorf("%s: %s: code %d: %s", name, command, code, stderr)
			}
		}
	}
	works(t, withKeys(env, k2, k1))
	works(t, withKeys(env, k2)) // the rotation is finished
	if code, _, stderr := gradus(t, withKeys(env, k1), "", "work"); code != exitFault {
		t.Errorf("the old key: code %d: %s", code, stderr)
	}
	if code, stdout, stderr := gradus(t, withKeys(env, k1), "", "admin", "accept-keys"); code != exitOK || !strings.Contains(stdout, "accepted") {
		t.Errorf("accept-keys: code %d: %s%s", code, stdout, stderr)
	}
	works(t, withKeys(env, k1))
}

func TestStart_LogsTheVersionFirst(t *testing.T) {
	t.Parallel()
	out := works(t, productionWith(pgtest.URL(t)))
	if first, _, _ := strings.Cut(out, "\n"); !strings.Contains(first, `"version":"dev"`) {
		t.Errorf("the first line is %s", first)
	}
}

func TestAdminResetPassword(t *testing.T) {
	t.Parallel()
	address, listen := pgtest.URL(t), free(t)
	env := append(productionWith(address), "GRADUS_LISTEN="+listen, "GRADUS_METRICS_LISTEN=off", "GRADUS_DRAIN_DELAY=0s")
	const before, after = "seven quiet paper boats", "eleven loud copper kites"
	if code, _, stderr := gradus(t, env, before, "admin", "create", "--email", "mira@school.example", "--name", "Mira Okafor"); code != exitOK {
		t.Fatal(stderr)
	}
	stop, output := background(t, env, "serve")
	base := "http://" + listen
	await(t, func() error {
		if code, _, stderr := gradus(t, env, "", "healthcheck", base+"/readyz"); code != exitOK {
			return fmt.Errorf("healthcheck: %s%s", stderr, output())
		}
		return nil
	})
	signIn(t, base, "mira@school.example", before)
	reset := []string{"admin", "reset-password", "--email", "Mira@School.example"}
	if code, _, stderr := gradus(t, env, "short\n", reset...); code != exitFault || !strings.Contains(stderr, "at least 15") {
		t.Errorf("a short password: code %d: %s", code, stderr)
	}
	if n := count(t, address, `SELECT count(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions after a rejected password", n)
	}
	code, stdout, stderr := gradus(t, env, after+"\n", reset...)
	if code != exitOK || !strings.Contains(stdout, "sessions and tokens ended: 1") {
		t.Errorf("code %d: %s%s", code, stdout, stderr)
	}
	if n := count(t, address, `SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions remain", n)
	}
	if n := count(t, address, `SELECT count(*) FROM audit_entries WHERE action = 'user.reset_password' AND actor_role = 'system' AND subject = (SELECT id::text FROM users)`); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	signIn(t, base, "mira@school.example", after)
	if res, err := http.Post(base+"/api/v1/auth/login", "application/json", strings.NewReader(`{"email":"mira@school.example","password":"`+before+`"}`)); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the old password: %v, %v", res, err)
	} else {
		_ = res.Body.Close()
	}
	unknown := []string{"admin", "reset-password", "--email", "nobody@school.example"}
	if code, _, stderr := gradus(t, env, after, unknown...); code != exitFault || !strings.Contains(stderr, "no user has the email address nobody@school.example") {
		t.Errorf("an unknown address: code %d: %s", code, stderr)
	}
	_, _ = stop()
}

func TestConnectionErrors_NameTheCauseAndTheSetting(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	server, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(u *url.URL, q url.Values)) string {
		u, q := *server, server.Query()
		change(&u, q)
		u.RawQuery = q.Encode()
		return u.String()
	}
	tests := map[string]struct{ url, want string }{
		"an unknown database":  {with(func(u *url.URL, _ url.Values) { u.Path = "/nowhere" }), `has no database "nowhere"`},
		"an unknown role":      {with(func(u *url.URL, _ url.Values) { u.User = url.UserPassword("nobody", "secretpw") }), `"nobody"`},
		"no TLS":               {with(func(_ *url.URL, q url.Values) { q.Set("sslmode", "require") }), "does not support TLS, which sslmode requires"},
		"a refused connection": {with(func(u *url.URL, _ url.Values) { u.Host = "127.0.0.1:1" }), "connection refused"},
		"an unknown host":      {with(func(u *url.URL, q url.Values) { u.Host = "nowhere.invalid"; q.Set("sslmode", "verify-full") }), `the host "nowhere.invalid" of the database has no address`},
	}
	for name, tt := range tests {
		for _, args := range [][]string{{"migrate", "status"}, {"serve"}} {
			t.Run(name+"/"+args[0], func(t *testing.T) {
				t.Parallel()
				env := append(productionWith(tt.url), "GRADUS_ALLOW_INSECURE=GRADUS_DATABASE_URL", "GRADUS_LISTEN="+free(t), "GRADUS_METRICS_LISTEN=off")
				code, _, stderr := gradus(t, env, "", args...)
				last := stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:]
				if code != exitFault || !strings.Contains(last, tt.want) || !strings.Contains(last, "Check GRADUS_DATABASE_URL") || strings.Contains(stderr, "secretpw") {
					t.Errorf("code %d: %s", code, stderr)
				}
			})
		}
	}
}

func TestMigrateDown_AsksFirst(t *testing.T) {
	t.Parallel()
	env := []string{"GRADUS_DATABASE_URL=" + pgtest.URL(t)}
	code, _, stderr := gradus(t, env, "y\n", "migrate", "down")
	if code != exitFault || !strings.Contains(stderr, "This rolls back 0") || !strings.Contains(stderr, "add --yes") {
		t.Errorf("without a terminal: code %d: %s", code, stderr)
	}
	if _, stdout, _ := gradus(t, env, "", "migrate", "status"); strings.Contains(stdout, "pending") {
		t.Errorf("it was rolled back: %s", stdout)
	}
	for _, answer := range []string{"y\n", " YES \n", "y", "\n", "", "no\n", "yep\n"} {
		want := strings.EqualFold(strings.TrimSpace(answer), "y") || strings.EqualFold(strings.TrimSpace(answer), "yes")
		if err := answered(strings.NewReader(answer)); (err == nil) != want {
			t.Errorf("%q: %v", answer, err)
		}
	}
}
