// Package config loads and validates the settings of the program from environment
// variables.
package config

import (
	"log/slog"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
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
	Mode          Mode     `env:"MODE"       envDefault:"production"`
	AllowInsecure []string `env:"ALLOW_INSECURE"`

	LogLevel slog.Level `env:"LOG_LEVEL"  envDefault:"info"`
	LogText  bool       `env:"LOG_TEXT"   envDefault:"false"`

	Listen         string        `env:"LISTEN"          envDefault:"127.0.0.1:8080"`
	MetricsListen  string        `env:"METRICS_LISTEN"  envDefault:"127.0.0.1:9090"`
	PublicURL      string        `env:"PUBLIC_URL"`
	InsecureCookie bool          `env:"INSECURE_COOKIES" envDefault:"false"`
	TrustedProxies []string      `env:"TRUSTED_PROXIES"`
	AddressHeader  string        `env:"CLIENT_ADDRESS_HEADER"`
	RequestTimeout time.Duration `env:"REQUEST_TIMEOUT" envDefault:"25s"`
	MaxBody        int64         `env:"MAX_BODY_BYTES"  envDefault:"262144"`
	DrainDelay     time.Duration `env:"DRAIN_DELAY"     envDefault:"2s"`
	AllowedOrigins []string      `env:"ALLOWED_ORIGINS"`
	RateLimits     []string      `env:"RATE_LIMITS"`

	ValidateResponses httpapi.ResponseCheck `env:"VALIDATE_RESPONSES" envDefault:"off"`
	Now               time.Time             `env:"NOW"`

	DatabaseURL      domain.Secret `env:"DATABASE_URL"`
	DirectURL        domain.Secret `env:"DATABASE_DIRECT_URL"`
	DatabaseMaxConns int32         `env:"DATABASE_MAX_CONNS" envDefault:"12"`
	DataDir          string        `env:"DATA_DIR"           envDefault:".gradus"`

	RedisURL domain.Secret `env:"REDIS_URL"`

	SecretKeys          domain.Secret `env:"SECRET_KEYS"`
	AccessTokenLifetime time.Duration `env:"ACCESS_TOKEN_LIFETIME" envDefault:"15m"`
	SessionIdle         time.Duration `env:"SESSION_IDLE"        envDefault:"168h"`
	SessionLifetime     time.Duration `env:"SESSION_LIFETIME"    envDefault:"720h"`
	SessionsPerUser     int           `env:"SESSIONS_PER_USER"   envDefault:"100"`
	PasswordMinLength   int           `env:"PASSWORD_MIN_LENGTH" envDefault:"15"`
	TOTPRequiredRoles   []string      `env:"TOTP_REQUIRED_ROLES"`
	BreachedPasswords   string        `env:"BREACHED_PASSWORDS_DIR"`
	HashConcurrency     int           `env:"HASH_CONCURRENCY"    envDefault:"0"`

	BootstrapAdminEmail    string        `env:"BOOTSTRAP_ADMIN_EMAIL"`
	BootstrapAdminName     string        `env:"BOOTSTRAP_ADMIN_NAME"     envDefault:"Administrator"`
	BootstrapAdminPassword domain.Secret `env:"BOOTSTRAP_ADMIN_PASSWORD"`

	SMTPURL      domain.Secret `env:"SMTP_URL"`
	MailFrom     string        `env:"MAIL_FROM"`
	MailLinksURL string        `env:"MAIL_LINKS_URL"`

	Workers  int      `env:"WORKERS" envDefault:"4"`
	WakaTime WakaTime `envPrefix:"WAKATIME_"`

	DemoWakaTimeListen string `env:"DEMO_WAKATIME_LISTEN" envDefault:"127.0.0.1:8081"`
	DemoMailListen     string `env:"DEMO_MAIL_LISTEN"     envDefault:"127.0.0.1:8082"`

	// The proxy for requests to WakaTime, from HTTPS_PROXY and NO_PROXY.
	Proxy   domain.Secret
	NoProxy string

	accepted []string // the risks that AllowInsecure accepts
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

// Load reads the settings from environment, a list of NAME=value, and validates those that
// a command with the given needs uses. The error is an *Error with all faults.
func Load(environment []string, needs ...Need) (Config, error) {
	var c Config
	k := &checker{Config: &c, broken: map[string]bool{}}
	k.parse(k.values(environment))
	k.readProxy(environment)
	c.normalize()
	k.check(needs)
	k.findUnknown(environment)
	if len(k.faults) > 0 {
		return Config{}, &Error{k.faults}
	}
	return c, nil
}

// normalize rewrites values to the spelling in which they are compared, and derives defaults
// from other settings. It leaves invalid values alone.
func (c *Config) normalize() {
	if c.MetricsListen == "off" {
		c.MetricsListen = ""
	}
	if c.PublicURL == "" && c.Mode == Development {
		c.PublicURL = "http://" + c.Listen
		if strings.HasPrefix(c.Listen, ":") {
			c.PublicURL = "http://localhost" + c.Listen
		}
	}
	urls := []*string{&c.PublicURL, &c.MailLinksURL, &c.WakaTime.APIURL, &c.WakaTime.OAuthURL}
	for i := range c.WakaTime.AllowedBaseURLs {
		urls = append(urls, &c.WakaTime.AllowedBaseURLs[i])
	}
	for _, s := range urls {
		if u, err := webURL(*s); err == nil {
			*s = u.String()
		}
	}
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
