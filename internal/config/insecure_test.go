package config_test

import (
	"encoding/base64"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/config"
)

const remote = "postgres://gradus:pw@db.example.org:5432/gradus"

// faults loads settings and returns the faults of each setting by its name.
func faults(t *testing.T, environment []string) map[string]string {
	t.Helper()
	_, err := config.Load(environment, everything...)
	out := map[string]string{}
	if err == nil {
		return out
	}
	for line := range strings.SplitSeq(err.Error(), "\n  - ") {
		if name, text, ok := strings.Cut(line, ": "); ok {
			out[name] += text
		}
	}
	if strings.Contains(err.Error(), "pw") {
		t.Errorf("%q shows a password", err)
	}
	return out
}

// Passwords, tokens and personal data do not leave the machine unencrypted.
func TestInsecure_Database(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		url      string
		rejected bool
	}{
		"another host without sslmode":         {remote, true},
		"another host with disable":            {remote + "?sslmode=disable", true},
		"another host with allow":              {remote + "?sslmode=allow", true},
		"another host with prefer":             {remote + "?sslmode=prefer", true},
		"another host with require":            {remote + "?sslmode=require", false},
		"another host with verify-full":        {remote + "?sslmode=verify-full", false},
		"another host with ssl":                {remote + "?ssl=true", false},
		"an address on the local network":      {"postgres://gradus:pw@10.0.0.5/gradus", true},
		"a host in a parameter":                {"postgres://gradus:pw@localhost/gradus?host=db.example.org", true},
		"a host only in a parameter":           {"postgres:///gradus?host=db.example.org&user=gradus&password=pw", true},
		"an address in a parameter":            {"postgres://gradus:pw@localhost/gradus?hostaddr=192.0.2.7", true},
		"one of several hosts is another host": {"postgres://gradus:pw@localhost:5432,db.example.org:5432/gradus", true},
		"several hosts with verify-full":       {"postgres://gradus:pw@a.example.org:5432,b.example.org:5432/gradus?sslmode=verify-full", false},
		"localhost":                            {"postgres://gradus:pw@localhost/gradus", false},
		"localhost in capitals":                {"postgres://gradus:pw@LOCALHOST/gradus", false},
		"a loopback address":                   {"postgres://gradus:pw@127.0.0.2/gradus?sslmode=disable", false},
		"an IPv6 loopback address":             {"postgres://gradus:pw@[::1]/gradus?sslmode=disable", false},
		"several loopback hosts":               {"postgres://gradus:pw@localhost:5432,127.0.0.1:5433/gradus", false},
		"a Unix socket":                        {"postgres:///gradus?host=/var/run/postgresql&user=gradus", false},
		"a name that starts like localhost":    {"postgres://gradus:pw@localhost.example.org/gradus", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := faults(t, production("GRADUS_DATABASE_URL="+tt.url))
			if fault := got["GRADUS_DATABASE_URL"]; (fault != "") != tt.rejected || len(got) > 1 {
				t.Errorf("faults %q, want one of GRADUS_DATABASE_URL: %v", got, tt.rejected)
			}
			if got := faults(t, []string{"GRADUS_MODE=development", "GRADUS_DATABASE_URL=" + tt.url}); tt.rejected && len(got) > 0 && !strings.Contains(tt.url, "hostaddr") {
				t.Errorf("in development mode: %q", got)
			}
		})
	}
}

// Rate limits in Redis contain addresses, and the URL has a password.
func TestInsecure_Redis(t *testing.T) {
	t.Parallel()
	for address, rejected := range map[string]bool{
		"redis://:pw@localhost:6379":                      false,
		"redis://:pw@127.0.0.1:6379/2":                    false,
		"redis://:pw@redis.example.org":                   true,
		"rediss://gradus:pw@redis.example.org:6380/1":     false,
		"rediss://:pw@redis.example.org?skip_verify=true": true,
		"http://:pw@localhost":                            true,
	} {
		got := faults(t, production("GRADUS_REDIS_URL="+address))
		if fault := got["GRADUS_REDIS_URL"]; (fault != "") != rejected || len(got) > 1 {
			t.Errorf("%s has the faults %q, want one: %t", address, got, rejected)
		}
	}
}

// pgx reads the host and the TLS mode from the environment if the URL does not name them.
func TestInsecure_DatabaseHostOfTheEnvironment(t *testing.T) {
	t.Setenv("PGHOST", "db.example.org")
	of := production("GRADUS_DATABASE_URL=postgres:///gradus?user=gradus&password=pw")
	if got := faults(t, of); !strings.Contains(got["GRADUS_DATABASE_URL"], "db.example.org") {
		t.Errorf("PGHOST: %q", got)
	}
	t.Setenv("PGSSLMODE", "verify-full")
	if got := faults(t, of); len(got) != 0 {
		t.Errorf("PGHOST and PGSSLMODE: %q", got)
	}
	service := filepath.Join(t.TempDir(), "services")
	if err := os.WriteFile(service, []byte("[school]\nhost=db.example.org\nsslmode=disable\nuser=gradus\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGSERVICEFILE", service)
	t.Setenv("PGHOST", "")
	t.Setenv("PGSSLMODE", "")
	if got := faults(t, production("GRADUS_DATABASE_URL=postgres:///gradus?service=school")); !strings.Contains(got["GRADUS_DATABASE_URL"], "db.example.org") {
		t.Errorf("a service: %q", got)
	}
}

func TestInsecure_SecretKeys(t *testing.T) {
	t.Parallel()
	encode := func(of func(i int) byte) string {
		b := make([]byte, 32)
		for i := range b {
			b[i] = of(i)
		}
		return base64.StdEncoding.EncodeToString(b)
	}
	tests := map[string]string{
		"zeros":                    encode(func(int) byte { return 0 }),
		"one repeated byte":        encode(func(int) byte { return 'k' }),
		"a short repeated pattern": encode(func(i int) byte { return []byte{1, 200, 3, 99}[i%4] }),
		"counting up":              encode(func(i int) byte { return byte(i) }),
		"counting down":            encode(func(i int) byte { return byte(255 - 3*i) }),
		"text":                     base64.StdEncoding.EncodeToString([]byte("correct horse battery staple now")),
		"the key of development":   "Z3JhZHVzLWRldmVsb3BtZW50LW9ubHktMzItYnl0ZXM=",
	}
	for name, weak := range tests {
		for _, list := range []string{"k1:" + weak, key + ",old:" + weak} {
			got := faults(t, production("GRADUS_SECRET_KEYS="+list))
			if fault := got["GRADUS_SECRET_KEYS"]; fault == "" || strings.Contains(fault, weak) {
				t.Errorf("%s: %q", name, got)
			}
			if got := faults(t, []string{"GRADUS_MODE=development", "GRADUS_DATABASE_URL=" + remote, "GRADUS_SECRET_KEYS=" + list}); len(got) != 0 {
				t.Errorf("%s in development mode: %q", name, got)
			}
		}
	}
}

func TestInsecure_TrustedProxies(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{ // whether it is rejected
		"0.0.0.0/0":                 true,
		"::/0":                      true,
		"0.0.0.0/1,128.0.0.0/1":     true,
		"10.0.0.0/8,0.0.0.0/0":      true,
		"64.0.0.0/2":                true,
		"2000::/3":                  true,
		"::ffff:0:0/96":             true, // all of IPv4
		"::ffff:0.0.0.0/97":         true,
		"::/8":                      true,
		"10.0.0.0/8":                false,
		"10.9.8.7/8":                false,
		"172.16.0.0/12":             false,
		"fc00::/7":                  false, // private addresses
		"fe80::/10":                 false,
		"104.16.0.0/13":             false,
		"2a06:98c0::/29,127.0.0.1":  false,
		"192.0.2.1,2001:db8::1,::1": false,
	}
	for list, rejected := range tests {
		got := faults(t, production("GRADUS_TRUSTED_PROXIES="+list))
		if (got["GRADUS_TRUSTED_PROXIES"] != "") != rejected {
			t.Errorf("%s: %q, want rejected: %v", list, got, rejected)
		}
	}
}

// insecure is the fault of each setting that production mode rejects, all at once.
func insecure() map[string]string {
	return map[string]string{
		"GRADUS_DATABASE_URL":               remote,
		"GRADUS_SECRET_KEYS":                "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"GRADUS_TRUSTED_PROXIES":            "0.0.0.0/0",
		"GRADUS_PUBLIC_URL":                 "http://gradus.example.org",
		"GRADUS_INSECURE_COOKIES":           "true",
		"GRADUS_ALLOWED_ORIGINS":            "http://app.example.org",
		"GRADUS_WAKATIME_API_URL":           "http://api.example.org/api/v1",
		"GRADUS_WAKATIME_OAUTH_URL":         "http://api.example.org/oauth",
		"GRADUS_WAKATIME_REDIRECT_URL":      "http://gradus.example.org/callback",
		"GRADUS_WAKATIME_ALLOWED_BASE_URLS": "https://ok.example.org,http://wakapi.example.org",
	}
}

func environmentOf(settings map[string]string, more ...string) []string {
	for name, value := range settings {
		more = append(more, name+"="+value)
	}
	return more
}

// A misspelled mode hides none of them.
func TestInsecure_AllFaultsAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"production", "prod"} {
		got := faults(t, environmentOf(insecure(), "GRADUS_MODE="+mode))
		delete(got, "GRADUS_MODE")
		if diff := cmp.Diff(slices.Sorted(maps.Keys(insecure())), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("mode %s: %s", mode, diff)
		}
	}
	got := faults(t, environmentOf(insecure()))
	for name, fault := range got {
		if !strings.Contains(fault, "GRADUS_ALLOW_INSECURE="+name) {
			t.Errorf("%s: %q does not say how to allow it", name, fault)
		}
	}
}

// Each setting has an override of its own, which is logged.
func TestInsecure_IsAllowedByTheNameOfTheSetting(t *testing.T) {
	t.Parallel()
	for name := range insecure() {
		got := faults(t, environmentOf(insecure(), "GRADUS_ALLOW_INSECURE="+name))
		if got[name] != "" || len(got) != len(insecure())-1 {
			t.Errorf("%s: %q", name, got)
		}
	}
	names := slices.Sorted(maps.Keys(insecure()))
	c, err := config.Load(environmentOf(insecure(), "GRADUS_ALLOW_INSECURE="+strings.Join(names, ", ")), everything...)
	if err != nil {
		t.Fatal(err)
	}
	warnings := strings.Join(c.Warnings(), "\n")
	for _, name := range names {
		if !strings.Contains(warnings, name+" is allowed to be insecure: ") {
			t.Errorf("no warning about %s in:\n%s", name, warnings)
		}
	}
	if strings.Contains(warnings, "pw") {
		t.Errorf("a warning shows a password:\n%s", warnings)
	}
	if got := faults(t, production("GRADUS_ALLOW_INSECURE=GRADUS_DATABASE_URI,database")); !strings.Contains(got["GRADUS_ALLOW_INSECURE"], "GRADUS_DATABASE_URI") || !strings.Contains(got["GRADUS_ALLOW_INSECURE"], `"database"`) {
		t.Errorf("unknown names: %q", got)
	}
}

// The default of the redirect is below the public URL, so there is one fault, not two.
func TestInsecure_LoopbackNeedsNoOverride(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"localhost:8080", "127.0.0.1:8080", "[::1]:8080", "gradus.localhost", "[::ffff:127.0.0.1]"} {
		of := production("GRADUS_INSECURE_COOKIES=true")
		for _, name := range []string{"PUBLIC_URL", "ALLOWED_ORIGINS", "WAKATIME_API_URL", "WAKATIME_OAUTH_URL", "WAKATIME_REDIRECT_URL", "WAKATIME_ALLOWED_BASE_URLS"} {
			of = append(of, "GRADUS_"+name+"=http://"+host)
		}
		if got := faults(t, of); len(got) != 0 {
			t.Errorf("%s: %q", host, got)
		}
	}
	if got := faults(t, production("GRADUS_PUBLIC_URL=http://gradus.example.org")); len(got) != 1 {
		t.Errorf("faults %q, want only that of the public URL", got)
	}
}

// The error names what pgx rejects without quoting the URL.
func TestDatabaseURL_IsValidated(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://gradus:pw@db.example.org/gradus?sslmode=verify-full&sslrootcert=/nowhere/ca.pem": "open /nowhere/ca.pem: no such file",
		"postgres://gradus:pw@db.example.org/gradus?sslmode=encrypted":                               "must have the form",
		"postgres://gradus:p w%@db.example.org/gradus":                                               "must have the form",
		"host=db.example.org password=pw":                                                            "must have the form",
	} {
		for _, name := range []string{"GRADUS_DATABASE_URL", "GRADUS_DATABASE_DIRECT_URL"} {
			if fault := faults(t, production(name+"="+url))[name]; !strings.Contains(fault, want) {
				t.Errorf("%s=%s: %q, want %q", name, url, fault, want)
			}
		}
	}
}
