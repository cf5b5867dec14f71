package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/config"
)

// Kubernetes describes every service of the namespace in the environment of every pod.
func TestServiceLinks_AreNotSettings(t *testing.T) {
	t.Parallel()
	links := []string{
		"GRADUS_SERVICE_HOST=10.43.7.1", "GRADUS_SERVICE_PORT=8080", "GRADUS_SERVICE_PORT_HTTP=8080", "GRADUS_SERVICE_PORT_HTTP_METRICS=9090",
		"GRADUS_PORT=tcp://10.43.7.1:8080", "GRADUS_PORT_8080_TCP=tcp://10.43.7.1:8080", "GRADUS_PORT_8080_TCP_PROTO=tcp",
		"GRADUS_PORT_8080_TCP_PORT=8080", "GRADUS_PORT_8080_TCP_ADDR=10.43.7.1",
		"GRADUS_DB_SERVICE_HOST=10.43.7.2", "GRADUS_DB_SERVICE_PORT=5432", "GRADUS_DB_PORT=tcp://10.43.7.2:5432", "GRADUS_DB_PORT_5432_TCP_ADDR=10.43.7.2",
		"GRADUS_API_V2_PORT=udp://10.43.7.2:53", "GRADUS_API_V2_PORT_53_UDP=udp://10.43.7.2:53", "GRADUS_API_V2_PORT_53_UDP_PROTO=udp",
		"GRADUS_SIX_SERVICE_HOST=fd00:10:96::1", "GRADUS_SIX_PORT=tcp://[fd00:10:96::1]:8080", "GRADUS_SIX_PORT_8080_TCP_ADDR=fd00:10:96::1",
		"GRADUS_MEDIA_PORT_5060_SCTP=sctp://10.43.7.3:5060",
	}
	if _, err := config.Load(production(links...), everything...); err != nil {
		t.Error(err)
	}
}

// What looks like a setting remains an error.
func TestServiceLinks_DoNotHideTypos(t *testing.T) {
	t.Parallel()
	typos := []string{
		"GRADUS_PORT=8080", "GRADUS_PORT=:8080", "GRADUS_HOST=10.0.0.1", "GRADUS_SERVICE_HOST=gradus.example.org", "GRADUS_SERVICE_PORT=http",
		"GRADUS_PUBLIC_PORT=443", "GRADUS_PORT_8080_TCP=yes", "GRADUS_PORT_8080_TCP_PROTO=https", "GRADUS_PORT_HTTP=tcp://10.43.7.1:8080",
		"GRADUS_SERVICE_HOST=", "GRADUS_SERVICE_HOSTS=10.43.7.1", "GRADUS_LISTN=127.0.0.1:8080", "GRADUS_LISTEN_FILES=x", "GRADUS__FILE=x", "GRADUS_=x",
	}
	for _, typo := range typos {
		name, _, _ := strings.Cut(typo, "=")
		if _, err := config.Load(production(typo), everything...); err == nil || !strings.Contains(err.Error(), name+": unknown setting") {
			t.Errorf("%s: %v", typo, err)
		}
	}
}

// White space around a value comes from editors and YAML, and is never meant.
func TestLoad_TrimsWhiteSpace(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{
		"GRADUS_DATABASE_URL= postgres://gradus:pw@localhost:5432/gradus\n",
		"GRADUS_PUBLIC_URL=\thttps://gradus.example.org \r\n",
		"GRADUS_SECRET_KEYS= " + key + " , k2:" + otherKey + "\n",
		"GRADUS_WORKERS= 7 ", "GRADUS_LOG_LEVEL=debug\n", "GRADUS_SESSION_IDLE= 1h", "GRADUS_INSECURE_COOKIES= false ", "GRADUS_MODE= production",
		"GRADUS_METRICS_LISTEN=off ", "GRADUS_LISTEN=   ",
		"GRADUS_TRUSTED_PROXIES= 10.0.0.0/8 ,\t192.0.2.7 ,, ",
		"GRADUS_ALLOWED_ORIGINS=https://a.example, https://b.example ,",
		"GRADUS_WAKATIME_ALLOWED_BASE_URLS= https://a.example , https://b.example\n",
		"GRADUS_WAKATIME_CLIENT_ID= id ", "GRADUS_WAKATIME_CLIENT_SECRET=secret\r\n",
		"GRADUS_BOOTSTRAP_ADMIN_EMAIL= a@b.example ", "GRADUS_BOOTSTRAP_ADMIN_PASSWORD=  three blue teapots  \r\n",
	}, everything...)
	if err != nil {
		t.Fatal(err)
	}
	w := c.WakaTimeClient()
	got := []string{
		c.PublicURL, c.DatabaseURL.Reveal(), c.Listen, c.MetricsListen, c.LogLevel.String(), c.SessionIdle.String(), strings.Join(c.TrustedProxies, "|"),
		strings.Join(c.AllowedOrigins, "|"), strings.Join(w.AllowedBaseURLs, "|"), w.ClientID, w.ClientSecret.Reveal(), c.BootstrapAdminEmail,
	}
	want := []string{
		"https://gradus.example.org", "postgres://gradus:pw@localhost:5432/gradus", "127.0.0.1:8080", "", "DEBUG", "1h0m0s", "10.0.0.0/8|192.0.2.7",
		"https://a.example|https://b.example", "https://a.example|https://b.example", "id", "secret", "a@b.example",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
	// Spaces can be part of a password, but line ends cannot.
	if p := c.BootstrapAdminPassword.Reveal(); p != "  three blue teapots  " {
		t.Errorf("the password is %q", p)
	}
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Docker and Kubernetes provide secrets as files.
func TestFiles_HoldTheValueOfAnySetting(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{
		"GRADUS_DATABASE_URL_FILE=" + file(t, "postgres://gradus:pw@localhost:5432/gradus\n"),
		"GRADUS_PUBLIC_URL_FILE=" + file(t, "https://gradus.example.org\r\n"),
		"GRADUS_SECRET_KEYS_FILE= " + file(t, key) + " ",
		"GRADUS_SECRET_KEYS=", // as Compose passes a variable that is not set
		"GRADUS_WORKERS_FILE=" + file(t, "7\n"),
		"GRADUS_WAKATIME_CLIENT_ID=id",
		"GRADUS_WAKATIME_CLIENT_SECRET_FILE=" + file(t, "secret\n"),
		"GRADUS_BOOTSTRAP_ADMIN_EMAIL=a@b.example",
		"GRADUS_BOOTSTRAP_ADMIN_PASSWORD_FILE=" + file(t, " three blue teapots\n"),
		"GRADUS_TRUSTED_PROXIES_FILE=" + file(t, "10.0.0.0/8, 192.0.2.7\n"),
		"GRADUS_LISTEN_FILE=",
	}, everything...)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.DatabaseURL.Reveal(), c.PublicURL, c.SecretKeys.Reveal(), c.WakaTime.ClientSecret.Reveal(), c.BootstrapAdminPassword.Reveal(), strings.Join(c.TrustedProxies, "|"), c.Listen}
	want := []string{"postgres://gradus:pw@localhost:5432/gradus", "https://gradus.example.org", key, "secret", " three blue teapots", "10.0.0.0/8|192.0.2.7", "127.0.0.1:8080"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
	if c.Workers != 7 {
		t.Errorf("%d workers", c.Workers)
	}
}

func TestFiles_RejectsUnusableFiles(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	tests := map[string]struct {
		environment []string
		want        []string // parts of the one fault
	}{
		"a missing file":           {[]string{"GRADUS_SECRET_KEYS_FILE=" + missing, "GRADUS_SECRET_KEYS="}, []string{"GRADUS_SECRET_KEYS_FILE: ", missing, "no such file"}},
		"a folder":                 {[]string{"GRADUS_SECRET_KEYS_FILE=" + filepath.Dir(missing), "GRADUS_SECRET_KEYS="}, []string{"GRADUS_SECRET_KEYS_FILE: ", filepath.Dir(missing), "is a directory"}},
		"an empty file":            {[]string{"GRADUS_WAKATIME_API_URL_FILE=" + file(t, "\n")}, []string{"GRADUS_WAKATIME_API_URL_FILE: ", "is empty"}},
		"a file that is not small": {[]string{"GRADUS_WAKATIME_API_URL_FILE=" + file(t, strings.Repeat("x", 1<<17))}, []string{"GRADUS_WAKATIME_API_URL_FILE: ", "larger than"}},
		"a value and a file":       {[]string{"GRADUS_SECRET_KEYS_FILE=" + file(t, key)}, []string{"GRADUS_SECRET_KEYS_FILE: ", "GRADUS_SECRET_KEYS"}},
		"an invalid value":         {[]string{"GRADUS_WORKERS_FILE=" + file(t, "many")}, []string{"GRADUS_WORKERS: must be an integer"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(production(tt.environment...), everything...)
			if err == nil || strings.Count(err.Error(), "\n") != 1 {
				t.Fatalf("got %v, want one fault", err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
		})
	}
}

// Names for files and of service links must not be names of settings.
func TestNames_AreNotAmbiguous(t *testing.T) {
	t.Parallel()
	names, err := config.Names()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for _, suffix := range []string{"_FILE", "_PORT", "_SERVICE_HOST", "_SERVICE_PORT"} {
			if strings.HasSuffix(name, suffix) {
				t.Errorf("%s ends in %s", name, suffix)
			}
		}
	}
}

// The variables are those that curl, Python and Node read.
func TestProxy_ComesFromTheStandardVariables(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		environment []string
		url, none   string
		host        string
	}{
		"none":             {nil, "", "", ""},
		"upper case":       {[]string{"HTTPS_PROXY=http://u:pw@proxy.example:3128", "NO_PROXY=10.0.0.0/8"}, "http://u:pw@proxy.example:3128", "10.0.0.0/8", "proxy.example:3128"},
		"lower case":       {[]string{"https_proxy= proxy.example:3128 ", "no_proxy=a,b"}, "proxy.example:3128", "a,b", "proxy.example:3128"},
		"both":             {[]string{"https_proxy=http://lower:1", "HTTPS_PROXY=http://upper:1"}, "http://lower:1", "", "lower:1"},
		"only another one": {[]string{"HTTP_PROXY=http://proxy.example:3128", "ALL_PROXY=http://proxy.example:3128"}, "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := config.Load(production(tt.environment...), everything...)
			if err != nil {
				t.Fatal(err)
			}
			w := c.WakaTimeClient()
			if w.ProxyURL.Reveal() != tt.url || w.NoProxy != tt.none || c.ProxyHost() != tt.host {
				t.Errorf("proxy %q, not for %q, host %q", w.ProxyURL.Reveal(), w.NoProxy, c.ProxyHost())
			}
		})
	}
	if fault := faults(t, production("HTTPS_PROXY=socks5://u:pw@proxy.example:1080"))["HTTPS_PROXY"]; !strings.Contains(fault, "must have the form") {
		t.Errorf("an invalid proxy: %q", fault)
	}
}
