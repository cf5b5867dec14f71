package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain"
)

// checker loads a configuration and collects all of its faults.
type checker struct {
	*Config
	faults []error
	broken map[string]bool // settings that have a fault already, and no value to validate
}

// addNamed adds a fault of a variable.
func (k *checker) addNamed(variable, format string, args ...any) {
	k.faults = append(k.faults, errors.New(variable+": "+fmt.Sprintf(format, args...)))
}

// add adds a fault of a setting, named without Prefix.
func (k *checker) add(name, format string, args ...any) {
	if !k.broken[Prefix+name] {
		k.addNamed(Prefix+name, format, args...)
	}
}

// risk adds a fault of a setting that works but is insecure, unless GRADUS_ALLOW_INSECURE
// names the setting.
func (k *checker) risk(name, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if slices.Contains(k.AllowInsecure, Prefix+name) {
		k.accepted = append(k.accepted, Prefix+name+" is allowed to be insecure: "+text)
		return
	}
	k.add(name, "%s; or accept the risk with %sALLOW_INSECURE=%[2]s%s", text, Prefix, name)
}

func (k *checker) check(needs []Need) {
	if k.Mode != Production && k.Mode != Development {
		k.add("MODE", "must be production or development, not %q", k.Mode)
	}
	k.checkAllowInsecure()
	k.checkRanges()
	switch k.ValidateResponses {
	case httpapi.CheckOff, httpapi.CheckLog, httpapi.CheckFail:
	default:
		k.add("VALIDATE_RESPONSES", "must be off, log or fail, not %q", k.ValidateResponses)
	}
	if !k.Now.IsZero() && k.Mode != Development {
		k.add("NOW", "a fixed clock is not allowed in production mode")
	}
	if (k.BootstrapAdminEmail == "") != (k.BootstrapAdminPassword == "") {
		k.add("BOOTSTRAP_ADMIN_EMAIL", "must be set together with GRADUS_BOOTSTRAP_ADMIN_PASSWORD")
	}
	for _, n := range needs {
		switch n {
		case NeedDatabase:
			k.checkDatabase("DATABASE_URL", k.DatabaseURL)
			if k.DirectURL != "" {
				k.checkDatabase("DATABASE_DIRECT_URL", k.DirectURL)
			}
		case NeedSecrets:
			k.checkSecrets()
		case NeedServer:
			k.checkServer()
		}
	}
}

func (k *checker) checkAllowInsecure() {
	names, err := Names()
	if err != nil {
		k.faults = append(k.faults, err)
	}
	for _, name := range k.AllowInsecure {
		if !slices.Contains(names, name) {
			k.add("ALLOW_INSECURE", "%q is not the name of a setting such as GRADUS_DATABASE_URL", name)
		}
	}
}

// totpRoles are the roles that can require TOTP.
var totpRoles = []domain.Role{domain.RoleMember, domain.RoleStudent, domain.RoleInstructor, domain.RoleAdmin}

func (k *checker) checkRanges() {
	if k.SessionsPerUser < 1 || k.SessionsPerUser > 1000 {
		k.add("SESSIONS_PER_USER", "must be 1 to 1000, not %d", k.SessionsPerUser)
	}
	if k.PasswordMinLength < 8 || k.PasswordMinLength > 64 {
		k.add("PASSWORD_MIN_LENGTH", "must be 8 to 64, not %d", k.PasswordMinLength)
	}
	for _, role := range k.TOTPRequiredRoles {
		if !slices.Contains(totpRoles, domain.Role(role)) {
			k.add("TOTP_REQUIRED_ROLES", "%q is not a role: use member, student, instructor and admin, separated by commas", role)
		}
	}
	if k.BreachedPasswords != "" {
		if err := secrets.CheckBreachedPasswords(k.BreachedPasswords); err != nil {
			k.add("BREACHED_PASSWORDS_DIR", "has no files of Pwned Passwords: %v", err)
		}
	}
	if k.AccessTokenLifetime < time.Minute || k.AccessTokenLifetime > k.SessionIdle {
		k.add("ACCESS_TOKEN_LIFETIME", "must be at least 1m and at most GRADUS_SESSION_IDLE")
	}
	if k.SessionIdle <= 0 || k.SessionLifetime < k.SessionIdle {
		k.add("SESSION_LIFETIME", "must be at least GRADUS_SESSION_IDLE, and both must be greater than zero")
	}
	if k.DatabaseMaxConns < 2 {
		k.add("DATABASE_MAX_CONNS", "must be at least 2, not %d", k.DatabaseMaxConns)
	}
	if k.Workers < 1 || k.Workers > 100 {
		k.add("WORKERS", "must be 1 to 100, not %d", k.Workers)
	}
	if k.RequestTimeout <= 0 {
		k.add("REQUEST_TIMEOUT", "must be greater than zero")
	}
	if k.MaxBody < 1024 {
		k.add("MAX_BODY_BYTES", "must be at least 1024, not %d", k.MaxBody)
	}
	k.checkRateLimits()
	if k.HashConcurrency < 0 {
		k.add("HASH_CONCURRENCY", "must not be negative")
	}
}

// checkDatabase validates a setting with the URL of a database.
func (k *checker) checkDatabase(name string, url domain.Secret) {
	scheme, _, _ := strings.Cut(url.Reveal(), "://")
	if url == "" {
		k.add(name, "is required, for example postgres://gradus:password@localhost:5432/gradus")
		return
	}
	if scheme != "postgres" && scheme != "postgresql" {
		k.add(name, "must have the form postgres://user:password@host:port/database")
		return
	}
	hosts, err := postgres.Config{URL: url}.UnencryptedHosts()
	if err != nil {
		k.add(name, "is invalid: %v", err)
		return
	}
	hosts = slices.DeleteFunc(hosts, isLocal)
	if len(hosts) > 0 && k.Mode != Development {
		k.risk(name, "would send passwords and data to %s without encryption: add sslmode=verify-full (or at least sslmode=require)", strings.Join(hosts, " and "))
	}
}

func (k *checker) checkSecrets() {
	if k.SecretKeys == "" && k.Mode != Development {
		k.add("SECRET_KEYS", "is required in production mode. Generate a key with: echo \"k1:$(openssl rand -base64 32)\"")
		return
	}
	weak, err := k.Secrets().WeakKeys()
	if err != nil {
		k.add("SECRET_KEYS", "%v", err)
		return
	}
	for _, position := range weak {
		if k.Mode != Development {
			k.risk("SECRET_KEYS", "key %d can be guessed, because it is not random: generate one with: openssl rand -base64 32", position)
		}
	}
}

func (k *checker) checkServer() {
	listens := map[string]string{"LISTEN": k.Listen, "METRICS_LISTEN": k.MetricsListen}
	for _, name := range slices.Sorted(maps.Keys(listens)) {
		if _, _, err := net.SplitHostPort(listens[name]); listens[name] != "" && err != nil {
			k.add(name, "must be an address such as 127.0.0.1:8080, not %q", listens[name])
		}
	}
	k.checkProxies()
	k.checkPublicURL()
	k.checkOrigins()
	k.checkWakaTime()
	k.checkMail()
}

func (k *checker) checkMail() {
	if (k.SMTPURL == "") != (k.MailFrom == "") {
		k.add("SMTP_URL", "must be set together with GRADUS_MAIL_FROM")
		return
	}
	if k.MailLinksURL != "" {
		k.checkURL("MAIL_LINKS_URL", k.MailLinksURL, "the tokens of links")
	}
	if !k.Mail().On() {
		return
	}
	if _, err := k.Mail().Server(); err != nil {
		k.add("SMTP_URL", "%v", err)
	}
	if _, err := k.Mail().Sender(); err != nil {
		k.add("MAIL_FROM", "%v", err)
	}
}

func (k *checker) checkPublicURL() {
	if k.PublicURL == "" {
		k.add("PUBLIC_URL", "is required, for example https://gradus.example.org")
		return
	}
	u := k.checkURL("PUBLIC_URL", k.PublicURL, "passwords and session tokens")
	if k.InsecureCookie && u != nil && !isLocal(u.Hostname()) {
		k.risk("INSECURE_COOKIES", "would send session cookies to %s over plain HTTP: it is only for a public URL on this machine", u.Hostname())
	}
}

func (k *checker) checkWakaTime() {
	if (k.WakaTime.ClientID == "") != (k.WakaTime.ClientSecret == "") {
		k.add("WAKATIME_CLIENT_ID", "must be set together with GRADUS_WAKATIME_CLIENT_SECRET")
	}
	if _, err := wakatime.ParseProxyURL(k.Proxy); err != nil {
		k.addNamed("HTTPS_PROXY", "%v", err)
	}
	k.checkURL("WAKATIME_API_URL", k.WakaTime.APIURL, "tokens and API keys")
	k.checkURL("WAKATIME_OAUTH_URL", k.WakaTime.OAuthURL, "tokens and the client secret")
	for _, s := range k.WakaTime.AllowedBaseURLs {
		k.checkURL("WAKATIME_ALLOWED_BASE_URLS", s, "API keys")
	}
	k.checkRedirect("WAKATIME_REDIRECT_URL", k.WakaTime.RedirectURL)
}
