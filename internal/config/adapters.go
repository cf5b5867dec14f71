package config

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/adapters/mail"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
)

// callbackPath is the default path that WakaTime redirects to. The frontend serves it.
const callbackPath = "/wakatime/callback"

// accountPath is the default path below which the links of mails lead to pages of this server.
const accountPath = "/account"

// developmentKeys seals secrets in development mode if no key is set. It is public.
const developmentKeys domain.Secret = "development:Z3JhZHVzLWRldmVsb3BtZW50LW9ubHktMzItYnl0ZXM="

// HTTP returns the settings of the HTTP adapter.
func (c Config) HTTP() (httpapi.Config, error) {
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Host == "" {
		// Only commands that run a server require a public URL.
		public = &url.URL{Scheme: "http", Host: c.Listen}
	}
	proxies, err := c.proxies()
	if err != nil {
		return httpapi.Config{}, fmt.Errorf("%sTRUSTED_PROXIES: %w", Prefix, err)
	}
	limits, err := c.rateLimits()
	if err != nil {
		return httpapi.Config{}, fmt.Errorf("%sRATE_LIMITS: %w", Prefix, err)
	}
	return httpapi.Config{
		PublicURL:       public,
		InsecureCookies: c.InsecureCookie,
		TrustedProxies:  proxies,
		AddressHeader:   c.AddressHeader,
		RequestTimeout:  c.RequestTimeout,
		MaxBody:         c.MaxBody,
		AllowedOrigins:  c.AllowedOrigins,
		ServerTiming:    c.Mode == Development,
		Passwords:       c.PasswordPolicy(),
		CheckResponses:  c.ValidateResponses,
		RateLimits:      limits,
	}, nil
}

// WakaTimeClient returns the settings of the WakaTime client.
func (c Config) WakaTimeClient() wakatime.Config {
	redirect := c.WakaTime.RedirectURL
	if redirect == "" {
		redirect = c.PublicURL + callbackPath
	}
	return wakatime.Config{
		ClientID:          c.WakaTime.ClientID,
		ClientSecret:      c.WakaTime.ClientSecret,
		RedirectURL:       redirect,
		APIURL:            c.WakaTime.APIURL,
		OAuthURL:          c.WakaTime.OAuthURL,
		AllowedBaseURLs:   c.WakaTime.AllowedBaseURLs,
		Source:            c.WakaTime.Source,
		PKCE:              c.WakaTime.PKCE,
		RequestsPerSecond: c.WakaTime.RequestsPerSec,
		PerUserPerSecond:  c.WakaTime.UserRequestsPerSec,
		KeepMachineNames:  c.WakaTime.KeepMachineNames,
		ProxyURL:          c.Proxy,
		NoProxy:           c.NoProxy,
	}
}

// ProxyHost returns the host of the proxy for requests to WakaTime, or nothing if there is
// none. It does not contain the password.
func (c Config) ProxyHost() string {
	u, err := wakatime.ParseProxyURL(c.Proxy)
	if err != nil || u == nil {
		return ""
	}
	return u.Host
}

// Secrets returns the settings for sealing secrets and hashing passwords.
func (c Config) Secrets() secrets.Config {
	keys := c.SecretKeys
	if keys == "" && c.Mode == Development {
		keys = developmentKeys
	}
	return secrets.Config{Keys: keys, ConcurrentHashes: c.HashConcurrency, Issuer: c.issuer()}
}

// issuer returns the name of the server in authenticator apps: users may have accounts at several.
func (c Config) issuer() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	return "Gradus " + u.Hostname()
}

// Postgres returns the settings of the database adapter.
func (c Config) Postgres() postgres.Config {
	return postgres.Config{URL: c.DatabaseURL, MaxConns: c.DatabaseMaxConns}
}

// DirectDatabase returns the URL of the database for jobs and migrations, which need sessions.
func (c Config) DirectDatabase() domain.Secret { return cmp.Or(c.DirectURL, c.DatabaseURL) }

// Jobs returns the settings of the job queue.
func (c Config) Jobs() jobs.Config { return jobs.Config{Workers: c.Workers, Mail: c.Mail().On()} }

// Mail returns the settings of mails.
func (c Config) Mail() mail.Config {
	return mail.Config{URL: c.SMTPURL, From: c.MailFrom, PublicURL: c.PublicURL, LinksURL: cmp.Or(c.MailLinksURL, c.PublicURL+accountPath)}
}

// FeaturesOff lists what users cannot do with these settings, each with the setting that turns
// it on.
func (c Config) FeaturesOff() []string {
	if c.Mail().On() {
		return nil
	}
	return []string{"resets of forgotten passwords need GRADUS_SMTP_URL", "changes of email addresses need GRADUS_SMTP_URL", "security notices by mail need GRADUS_SMTP_URL"}
}

// PasswordPolicy returns the rules for new passwords.
func (c Config) PasswordPolicy() domain.PasswordPolicy {
	return domain.PasswordPolicy{MinLength: c.PasswordMinLength, Common: secrets.CommonPasswords(), Breached: secrets.BreachedPasswords(c.BreachedPasswords)}
}

// TOTPRoles returns the roles that need TOTP.
func (c Config) TOTPRoles() domain.TOTPRoles {
	var roles domain.TOTPRoles
	for _, role := range c.TOTPRequiredRoles {
		roles = append(roles, domain.Role(role))
	}
	return roles
}

// SessionTimeouts returns the lifetime of sessions.
func (c Config) SessionTimeouts() domain.SessionLifetime {
	return domain.SessionLifetime{Access: c.AccessTokenLifetime, Idle: c.SessionIdle, Absolute: c.SessionLifetime, Max: c.SessionsPerUser}
}

// Warnings lists settings that are valid but not recommended.
func (c Config) Warnings() []string {
	w := slices.Clone(c.accepted)
	if c.Mode == Development {
		w = append(w, "GRADUS_MODE is development: do not store personal data")
	}
	if c.Mode == Development && c.SecretKeys == "" {
		w = append(w, "GRADUS_SECRET_KEYS is not set: secrets are sealed with a public key")
	}
	if c.PasswordMinLength < 15 {
		w = append(w, "GRADUS_PASSWORD_MIN_LENGTH is below 15: NIST SP 800-63B-4 requires 15 characters for single-factor authentication")
	}
	if c.InsecureCookie {
		w = append(w, "GRADUS_INSECURE_COOKIES is true: session cookies are sent over plain HTTP")
	}
	if c.RateLimitsOff() && c.Mode == Development {
		w = append(w, "GRADUS_RATE_LIMITS is off: anyone can guess passwords as fast as the server verifies them")
	}
	if !c.Now.IsZero() {
		w = append(w, "GRADUS_NOW is set: the clock is fixed at "+c.Now.UTC().Format(time.RFC3339)+"; see docs/operations.md for the consequences")
	}
	return w
}
