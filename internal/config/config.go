// Package config loads and validates the settings of the program from environment
// variables.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
)

// Mode decides which settings are required.
type Mode string

// The modes.
const (
	Production  Mode = "production"
	Development Mode = "development" // for trials and tests: has public defaults for secrets
)

// Prefix is the prefix of all environment variables.
const Prefix = "GRADUS_"

// Config is all settings. The tags are the names without Prefix; .env.example describes
// each setting.
type Config struct {
	Mode     Mode       `env:"MODE"       envDefault:"production"`
	LogLevel slog.Level `env:"LOG_LEVEL"  envDefault:"info"`
	LogText  bool       `env:"LOG_TEXT"   envDefault:"false"`

	Listen         string        `env:"LISTEN"          envDefault:"127.0.0.1:8080"`
	MetricsListen  string        `env:"METRICS_LISTEN"  envDefault:"127.0.0.1:9090"`
	PublicURL      string        `env:"PUBLIC_URL"`
	InsecureCookie bool          `env:"INSECURE_COOKIES" envDefault:"false"`
	TrustedProxies []string      `env:"TRUSTED_PROXIES"`
	RequestTimeout time.Duration `env:"REQUEST_TIMEOUT" envDefault:"25s"`
	MaxBody        int64         `env:"MAX_BODY_BYTES"  envDefault:"262144"`
	DrainDelay     time.Duration `env:"DRAIN_DELAY"     envDefault:"2s"`
	AllowedOrigins []string      `env:"ALLOWED_ORIGINS"`

	ValidateResponses httpapi.ResponseCheck `env:"VALIDATE_RESPONSES" envDefault:"off"`
	Now               time.Time             `env:"NOW"`

	DatabaseURL      domain.Secret `env:"DATABASE_URL"`
	DatabaseMaxConns int32         `env:"DATABASE_MAX_CONNS" envDefault:"12"`
	DataDir          string        `env:"DATA_DIR"           envDefault:".gradus"`

	SecretKeys        domain.Secret `env:"SECRET_KEYS"`
	SessionIdle       time.Duration `env:"SESSION_IDLE"        envDefault:"168h"`
	SessionLifetime   time.Duration `env:"SESSION_LIFETIME"    envDefault:"720h"`
	PasswordMinLength int           `env:"PASSWORD_MIN_LENGTH" envDefault:"15"`
	HashConcurrency   int           `env:"HASH_CONCURRENCY"    envDefault:"0"`

	BootstrapAdminEmail    string        `env:"BOOTSTRAP_ADMIN_EMAIL"`
	BootstrapAdminName     string        `env:"BOOTSTRAP_ADMIN_NAME"     envDefault:"Administrator"`
	BootstrapAdminPassword domain.Secret `env:"BOOTSTRAP_ADMIN_PASSWORD"`

	Workers  int      `env:"WORKERS" envDefault:"4"`
	WakaTime WakaTime `envPrefix:"WAKATIME_"`

	DemoWakaTimeListen string `env:"DEMO_WAKATIME_LISTEN" envDefault:"127.0.0.1:8081"`
}

// WakaTime is the settings of the WakaTime client.
type WakaTime struct {
	ClientID           string        `env:"CLIENT_ID"`
	ClientSecret       domain.Secret `env:"CLIENT_SECRET"`
	RedirectURL        string        `env:"REDIRECT_URL"`
	APIURL             string        `env:"API_URL"             envDefault:"https://api.wakatime.com/api/v1"`
	OAuthURL           string        `env:"OAUTH_URL"           envDefault:"https://wakatime.com/oauth"`
	AllowedBaseURLs    []string      `env:"ALLOWED_BASE_URLS"`
	PKCE               bool          `env:"PKCE"                envDefault:"false"`
	RequestsPerSec     float64       `env:"REQUESTS_PER_SECOND" envDefault:"8"`
	UserRequestsPerSec float64       `env:"USER_REQUESTS_PER_SECOND" envDefault:"2"`
	KeepMachineNames   bool          `env:"KEEP_MACHINE_NAMES"  envDefault:"false"`
	// Source overrides the source recorded with each day, for fake servers. It is not an
	// environment variable.
	Source string
}

// Need is a part of the program that requires settings.
type Need uint8

// The needs.
const (
	NeedDatabase Need = iota + 1
	NeedSecrets
	NeedServer
)

// Load parses the settings from environment, a list of NAME=value, and validates those
// that a command with the given needs uses. The error is an *Error with all faults.
func Load(environment []string, needs ...Need) (Config, error) {
	var c Config
	parseErr := env.ParseWithOptions(&c, env.Options{Prefix: Prefix, Environment: env.ToMap(environment)})
	var faults []error
	if all, ok := errors.AsType[env.AggregateError](parseErr); ok {
		for _, err := range all.Errors {
			faults = append(faults, readable(err))
		}
	} else if parseErr != nil {
		faults = append(faults, parseErr)
	}
	if c.MetricsListen == "off" {
		c.MetricsListen = ""
	}
	if c.PublicURL == "" && c.Mode == Development {
		c.PublicURL = "http://" + c.Listen
	}
	// A setting that cannot be parsed has no value to validate.
	unparsed := slices.Clone(faults)
	for _, f := range c.check(needs) {
		name, _, _ := strings.Cut(f.Error(), ":")
		if !slices.ContainsFunc(unparsed, func(u error) bool { return strings.HasPrefix(u.Error(), name+":") }) {
			faults = append(faults, f)
		}
	}
	faults = append(faults, unknown(environment)...)
	if len(faults) > 0 {
		return Config{}, &Error{faults}
	}
	return c, nil
}

// Error lists all invalid settings.
type Error struct{ Faults []error }

// Error returns one line per fault.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("invalid settings:")
	for _, f := range e.Faults {
		b.WriteString("\n  - " + f.Error())
	}
	return b.String()
}

// Names returns the names of all settings.
func Names() ([]string, error) {
	params, err := env.GetFieldParamsWithOptions(&Config{}, env.Options{Prefix: Prefix})
	if err != nil {
		return nil, err
	}
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Key
	}
	return names, nil
}

// unknown returns settings that do not exist. Most are typos, which would otherwise be
// ignored.
func unknown(environment []string) []error {
	names, err := Names()
	if err != nil {
		return []error{err}
	}
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	var faults []error
	for _, e := range environment {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, Prefix) && !known[name] && !isForTests(name) {
			faults = append(faults, fmt.Errorf("%s: unknown setting", name))
		}
	}
	return faults
}

// isForTests reports whether a variable configures tests. Tests of a deployment share their
// environment with the program.
func isForTests(name string) bool {
	return slices.ContainsFunc([]string{"TEST_", "BENCH_", "TARGET_", "TOKEN_"}, func(kind string) bool {
		return strings.HasPrefix(name, Prefix+kind)
	})
}

// readable replaces the struct field in an error of env by the name of the setting.
func readable(err error) error {
	p, ok := errors.AsType[env.ParseError](err)
	if !ok {
		return err
	}
	want := map[reflect.Type]string{
		reflect.TypeFor[time.Duration](): "must be a duration such as 30s, 15m or 12h",
		reflect.TypeFor[slog.Level]():    "must be debug, info, warn or error",
		reflect.TypeFor[bool]():          "must be true or false",
		reflect.TypeFor[float64]():       "must be a number",
		reflect.TypeFor[time.Time]():     "must be a timestamp such as 2026-10-14T18:30:00Z",
	}[p.Type]
	return fmt.Errorf("%s: %s", keys(reflect.TypeFor[Config](), Prefix)[p.Name], cmp.Or(want, "must be an integer"))
}

// keys maps struct fields to the names of settings.
func keys(t reflect.Type, prefix string) map[string]string {
	out := map[string]string{}
	for f := range t.Fields() {
		if nested, ok := f.Tag.Lookup("envPrefix"); ok {
			maps.Copy(out, keys(f.Type, prefix+nested))
		} else {
			out[f.Name] = prefix + f.Tag.Get("env")
		}
	}
	return out
}

func (c *Config) check(needs []Need) []error {
	var faults []error
	add := func(name, format string, args ...any) {
		faults = append(faults, fmt.Errorf(Prefix+name+": "+format, args...))
	}
	if c.Mode != Production && c.Mode != Development {
		add("MODE", "must be production or development, not %q", c.Mode)
	}
	if c.PasswordMinLength < 8 || c.PasswordMinLength > 64 {
		add("PASSWORD_MIN_LENGTH", "must be 8 to 64, not %d", c.PasswordMinLength)
	}
	if c.SessionIdle <= 0 || c.SessionLifetime < c.SessionIdle {
		add("SESSION_LIFETIME", "must be at least GRADUS_SESSION_IDLE, and both must be greater than zero")
	}
	if c.DatabaseMaxConns < 2 {
		add("DATABASE_MAX_CONNS", "must be at least 2, not %d", c.DatabaseMaxConns)
	}
	if c.Workers < 1 || c.Workers > 100 {
		add("WORKERS", "must be 1 to 100, not %d", c.Workers)
	}
	if c.RequestTimeout <= 0 {
		add("REQUEST_TIMEOUT", "must be greater than zero")
	}
	if c.MaxBody < 1024 {
		add("MAX_BODY_BYTES", "must be at least 1024, not %d", c.MaxBody)
	}
	switch c.ValidateResponses {
	case httpapi.CheckOff, httpapi.CheckLog, httpapi.CheckFail:
	default:
		add("VALIDATE_RESPONSES", "must be off, log or fail, not %q", c.ValidateResponses)
	}
	if !c.Now.IsZero() && c.Mode == Production {
		add("NOW", "a fixed clock is not allowed in production mode")
	}
	if c.HashConcurrency < 0 {
		add("HASH_CONCURRENCY", "must not be negative")
	}
	if (c.BootstrapAdminEmail == "") != (c.BootstrapAdminPassword == "") {
		add("BOOTSTRAP_ADMIN_EMAIL", "must be set together with GRADUS_BOOTSTRAP_ADMIN_PASSWORD")
	}
	for _, n := range needs {
		switch n {
		case NeedDatabase:
			c.checkDatabase(add)
		case NeedSecrets:
			c.checkSecrets(add)
		case NeedServer:
			c.checkServer(add)
		}
	}
	return faults
}

type addFault func(name, format string, args ...any)

func (c *Config) checkDatabase(add addFault) {
	u, err := url.Parse(c.DatabaseURL.Reveal())
	switch {
	case c.DatabaseURL == "":
		add("DATABASE_URL", "is required, for example postgres://gradus:password@localhost:5432/gradus")
	case err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql"):
		add("DATABASE_URL", "must have the form postgres://user:password@host:port/database")
	case c.Mode == Production && u.Query().Get("sslmode") == "disable" && !local(u.Hostname()):
		add("DATABASE_URL", "sslmode=disable would send passwords unencrypted over the network; use sslmode=require or stricter")
	}
}

func (c *Config) checkSecrets(add addFault) {
	if c.SecretKeys == "" && c.Mode != Development {
		add("SECRET_KEYS", "is required in production mode. Generate a key with: echo \"k1:$(openssl rand -base64 32)\"")
		return
	}
	if _, err := secrets.NewSealer(c.Secrets()); err != nil {
		add("SECRET_KEYS", "%v", err)
	}
}

func (c *Config) checkServer(add addFault) {
	c.checkAddresses(add)
	c.checkOrigins(add)
	if _, err := c.proxies(); err != nil {
		add("TRUSTED_PROXIES", "%v", err)
	}
	if (c.WakaTime.ClientID == "") != (c.WakaTime.ClientSecret == "") {
		add("WAKATIME_CLIENT_ID", "must be set together with GRADUS_WAKATIME_CLIENT_SECRET")
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case c.PublicURL == "":
		add("PUBLIC_URL", "is required, for example https://gradus.example.org")
		return
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		add("PUBLIC_URL", "must be a URL such as https://gradus.example.org")
		return
	case u.Scheme == "http" && c.Mode == Production && !local(u.Hostname()):
		add("PUBLIC_URL", "must use https in production mode")
	}
	if c.InsecureCookie && !local(u.Hostname()) {
		add("INSECURE_COOKIES", "is only allowed if the public URL is on this machine, not on %s", u.Hostname())
	}
}

// checkAddresses validates the listen addresses and the URLs of WakaTime.
func (c *Config) checkAddresses(add addFault) {
	listens := map[string]string{"LISTEN": c.Listen, "METRICS_LISTEN": c.MetricsListen}
	for _, name := range slices.Sorted(maps.Keys(listens)) {
		if _, _, err := net.SplitHostPort(listens[name]); listens[name] != "" && err != nil {
			add(name, "must be an address such as 127.0.0.1:8080, not %q", listens[name])
		}
	}
	web := func(name, s string) {
		if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			add(name, "must be a URL, not %q", s)
		}
	}
	web("WAKATIME_API_URL", c.WakaTime.APIURL)
	web("WAKATIME_OAUTH_URL", c.WakaTime.OAuthURL)
	for _, s := range c.WakaTime.AllowedBaseURLs {
		web("WAKATIME_ALLOWED_BASE_URLS", s)
	}
}

// origin matches a serialized origin: lower case, without a path. checkOrigins also rejects
// the default port.
var origin = regexp.MustCompile(`^(http|https)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$`)

func (c *Config) checkOrigins(add addFault) {
	for _, s := range c.AllowedOrigins {
		u, err := url.Parse(s)
		defaultPort := map[string]string{"http": "80", "https": "443"}
		switch {
		case err != nil || !origin.MatchString(s) || u.Port() == defaultPort[u.Scheme]:
			add("ALLOWED_ORIGINS", "%q is not an origin such as https://app.example.org or http://localhost:5173: use lower case, without a path, a wildcard or the default port", s)
		case u.Scheme == "http" && c.Mode == Production && !local(u.Hostname()):
			add("ALLOWED_ORIGINS", "%s must use https in production mode: plain HTTP pages can be tampered with", s)
		}
	}
}

// proxies parses TrustedProxies.
func (c *Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return nil, fmt.Errorf("%q is neither an IP address nor a CIDR range such as 10.0.0.0/8", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

// local reports whether a host is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasPrefix(host, "/") || host == "" || ip != nil && ip.IsLoopback()
}
