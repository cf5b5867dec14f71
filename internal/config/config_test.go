package config_test

import (
	"bufio"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/config"
)

const (
	key      = "k1:pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw="
	otherKey = "NGC+MSAeaf7aoO7ouZl/XHwpmf2v5ZMlPNZUr0361xQ="
)

// everything is the needs of `gradus serve`.
var everything = []config.Need{config.NeedDatabase, config.NeedSecrets, config.NeedServer}

func production(more ...string) []string {
	return append([]string{
		"GRADUS_DATABASE_URL=postgres://gradus:pw@localhost:5432/gradus",
		"GRADUS_PUBLIC_URL=https://gradus.example.org",
		"GRADUS_SECRET_KEYS=" + key,
	}, more...)
}

func TestLoad_Defaults(t *testing.T) {
	t.Parallel()
	c, err := config.Load(production("HOME=/root", "UNRELATED=1"), everything...)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.Mode, c.Listen, c.SessionIdle, c.PasswordMinLength, c.WakaTime.APIURL, c.WakaTime.PKCE}
	want := []any{config.Production, "127.0.0.1:8080", 168 * time.Hour, 15, "https://api.wakatime.com/api/v1", false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	h, err := c.HTTP()
	if err != nil || h.PublicURL.Host != "gradus.example.org" || h.InsecureCookies {
		t.Errorf("HTTP settings %+v, %v", h, err)
	}
	if m := c.Mail(); m.On() || m.LinksURL != "https://gradus.example.org/account" || len(c.FeaturesOff()) == 0 {
		t.Errorf("mail settings %+v, off: %q", m, c.FeaturesOff())
	}
	if got := c.WakaTimeClient().RedirectURL; got != "https://gradus.example.org/wakatime/callback" {
		t.Errorf("redirect URL %q", got)
	}
	if w := c.Warnings(); len(w) != 0 {
		t.Errorf("warnings %q", w)
	}
}

func TestLoad_RejectsInvalidSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		environment []string
		names       []string // in the error
	}{
		"production without any setting":           {nil, []string{"GRADUS_DATABASE_URL", "GRADUS_PUBLIC_URL", "GRADUS_SECRET_KEYS", "openssl rand -base64 32"}},
		"an unknown setting":                       {production("GRADUS_LISTN=:80"), []string{"GRADUS_LISTN"}},
		"several values of the wrong type":         {production("GRADUS_WORKERS=many", "GRADUS_SESSION_IDLE=week"), []string{"GRADUS_WORKERS", "GRADUS_SESSION_IDLE"}},
		"several values out of range":              {production("GRADUS_WORKERS=0", "GRADUS_PASSWORD_MIN_LENGTH=4", "GRADUS_DATABASE_MAX_CONNS=1"), []string{"GRADUS_WORKERS", "GRADUS_PASSWORD_MIN_LENGTH", "GRADUS_DATABASE_MAX_CONNS"}},
		"a role that does not exist":               {production("GRADUS_TOTP_REQUIRED_ROLES=admin,teacher"), []string{"GRADUS_TOTP_REQUIRED_ROLES", `"teacher"`}},
		"an unknown mode":                          {production("GRADUS_MODE=prod"), []string{"GRADUS_MODE"}},
		"breached passwords without files":         {production("GRADUS_BREACHED_PASSWORDS_DIR=/nowhere"), []string{"GRADUS_BREACHED_PASSWORDS_DIR", "/nowhere/00000.txt"}},
		"an idle timeout longer than the lifetime": {production("GRADUS_SESSION_IDLE=1000h"), []string{"GRADUS_SESSION_LIFETIME"}},
		"a mail server without a sender":           {production("GRADUS_SMTP_URL=smtps://mail.example.org"), []string{"GRADUS_SMTP_URL", "GRADUS_MAIL_FROM"}},
		"a mail server that is not a URL":          {production("GRADUS_SMTP_URL=mail.example.org:587", "GRADUS_MAIL_FROM=gradus@example.org"), []string{"GRADUS_SMTP_URL", "smtps://"}},
		"a mail server without a password":         {production("GRADUS_SMTP_URL=smtps://gradus@mail.example.org", "GRADUS_MAIL_FROM=gradus@example.org"), []string{"GRADUS_SMTP_URL", "password"}},
		"a sender that is not an address":          {production("GRADUS_SMTP_URL=smtps://mail.example.org", "GRADUS_MAIL_FROM=Gradus"), []string{"GRADUS_MAIL_FROM"}},
		"links in mail with plain HTTP":            {production("GRADUS_MAIL_LINKS_URL=http://app.example.org"), []string{"GRADUS_MAIL_LINKS_URL", "https"}},
		"an OAuth client without a secret":         {production("GRADUS_WAKATIME_CLIENT_ID=x"), []string{"GRADUS_WAKATIME_CLIENT_ID"}},
		"a first admin without a password":         {production("GRADUS_BOOTSTRAP_ADMIN_EMAIL=a@b.example"), []string{"GRADUS_BOOTSTRAP_ADMIN_EMAIL"}},
		"a base URL that is not a URL":             {production("GRADUS_WAKATIME_ALLOWED_BASE_URLS=wakapi.local"), []string{"wakapi.local"}},
		"a proxy that is not an address":           {production("GRADUS_TRUSTED_PROXIES=10.0.0.0/8,proxy"), []string{"GRADUS_TRUSTED_PROXIES", "proxy"}},
		"an address header that is not a header":   {production("GRADUS_TRUSTED_PROXIES=10.0.0.1", "GRADUS_CLIENT_ADDRESS_HEADER=X Real IP"), []string{"GRADUS_CLIENT_ADDRESS_HEADER"}},
		"an address header without proxies":        {production("GRADUS_CLIENT_ADDRESS_HEADER=X-Real-IP"), []string{"GRADUS_CLIENT_ADDRESS_HEADER", "GRADUS_TRUSTED_PROXIES"}},
		"a public URL with plain HTTP":             {production("GRADUS_PUBLIC_URL=http://gradus.example.org"), []string{"GRADUS_PUBLIC_URL", "https"}},
		"insecure cookies on a public URL":         {production("GRADUS_INSECURE_COOKIES=true"), []string{"GRADUS_INSECURE_COOKIES"}},
		"a database URL with another scheme":       {production("GRADUS_DATABASE_URL=mysql://x"), []string{"GRADUS_DATABASE_URL"}},
		"a remote database without TLS":            {production("GRADUS_DATABASE_URL=postgres://u:p@db.example.org/x?sslmode=disable"), []string{"sslmode"}},
		"unparsable and invalid values together": {production("GRADUS_MODE=prod", "GRADUS_WORKERS=x", "GRADUS_LISTEN=foo", "GRADUS_SECRET_KEYS=k1:abc", "GRADUS_WAKATIME_ALLOWED_BASE_URLS=ftp://x",
			"GRADUS_TRUSTED_PROXIES=zz", "GRADUS_LOG_LEVEL=loud", "GRADUS_SESSION_IDLE=1", "GRADUS_HASH_CONCURRENCY=-3", "GRADUS_TYPO=1"), []string{
			"GRADUS_MODE", "GRADUS_WORKERS: must be an integer", "GRADUS_LISTEN", "GRADUS_SECRET_KEYS", "GRADUS_WAKATIME_ALLOWED_BASE_URLS", "GRADUS_TRUSTED_PROXIES",
			"GRADUS_LOG_LEVEL: must be debug", "GRADUS_SESSION_IDLE: must be a duration", "GRADUS_HASH_CONCURRENCY", "GRADUS_TYPO",
		}},
		"a body limit that is too small":  {production("GRADUS_MAX_BODY_BYTES=10"), []string{"GRADUS_MAX_BODY_BYTES"}},
		"an unknown response check":       {production("GRADUS_VALIDATE_RESPONSES=on"), []string{"GRADUS_VALIDATE_RESPONSES", "off, log or fail"}},
		"an unknown class of rate limits": {production("GRADUS_RATE_LIMITS=signin=2"), []string{"GRADUS_RATE_LIMITS", "sign_in", "signin=2"}},
		"a rate limit without a factor":   {production("GRADUS_RATE_LIMITS=sign_in"), []string{"GRADUS_RATE_LIMITS", "factor of sign_in"}},
		"a rate limit of zero":            {production("GRADUS_RATE_LIMITS=sign_in=0"), []string{"GRADUS_RATE_LIMITS", "0.001"}},
		"a rate limit that is no number":  {production("GRADUS_RATE_LIMITS=sign_in=NaN"), []string{"GRADUS_RATE_LIMITS", "NaN"}},
		"off beside a rate limit":         {production("GRADUS_RATE_LIMITS=off,sign_in=2"), []string{"GRADUS_RATE_LIMITS", `"off"`}},
		"no rate limits in production":    {production("GRADUS_RATE_LIMITS=off"), []string{"GRADUS_RATE_LIMITS", "GRADUS_ALLOW_INSECURE"}},
		"a fixed clock in production":     {production("GRADUS_NOW=2026-10-14T18:30:00Z"), []string{"GRADUS_NOW", "production"}},
		"a time that is not a timestamp":  {production("GRADUS_NOW=yesterday"), []string{"GRADUS_NOW: must be a timestamp"}},
		"a public URL without a host":     {production("GRADUS_PUBLIC_URL=gradus"), []string{"GRADUS_PUBLIC_URL"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(tt.environment, everything...)
			if _, ok := errors.AsType[*config.Error](err); !ok {
				t.Fatalf("got %v, want a *config.Error", err)
			}
			for _, n := range tt.names {
				if !strings.Contains(err.Error(), n) {
					t.Errorf("%q does not name %s", err, n)
				}
			}
			if strings.Contains(err.Error(), "pw@") || strings.Contains(err.Error(), key) {
				t.Errorf("%q shows a secret", err)
			}
		})
	}
}

func TestLoad_RateLimits(t *testing.T) {
	t.Parallel()
	c, err := config.Load(production("GRADUS_RATE_LIMITS= sign_in=5, register=0.5 "), everything...)
	if err != nil {
		t.Fatal(err)
	}
	h, err := c.HTTP()
	if diff := cmp.Diff(map[string]float64{"sign_in": 5, "register": 0.5}, h.RateLimits.Factors); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if c, err = config.Load(production("GRADUS_RATE_LIMITS=off", "GRADUS_ALLOW_INSECURE=GRADUS_RATE_LIMITS"), everything...); err != nil || !c.RateLimitsOff() {
		t.Errorf("off: %t, %v", c.RateLimitsOff(), err)
	}
	if w := c.Warnings(); len(w) != 1 || !strings.Contains(w[0], "GRADUS_RATE_LIMITS") {
		t.Errorf("warnings %q", w)
	}
}

func TestLoad_IgnoresVariablesForTests(t *testing.T) {
	t.Parallel()
	of := []string{"GRADUS_TARGET_URL=https://gradus.example.org", "GRADUS_TOKEN_ADMIN=t", "GRADUS_TEST_POSTGRES=container", "GRADUS_BENCH_DATABASE_URL=x"}
	if _, err := config.Load(production(of...), everything...); err != nil {
		t.Error(err)
	}
}

func TestLoad_DevelopmentRequiresLess(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{"GRADUS_MODE=development", "GRADUS_LISTEN=127.0.0.1:9999", "GRADUS_INSECURE_COOKIES=true", "GRADUS_PASSWORD_MIN_LENGTH=8", "GRADUS_TRUSTED_PROXIES=10.0.0.0/8,192.0.2.7", "GRADUS_CLIENT_ADDRESS_HEADER=X-Real-IP"}, config.NeedSecrets, config.NeedServer)
	if err != nil {
		t.Fatal(err)
	}
	if c.PublicURL != "http://127.0.0.1:9999" {
		t.Errorf("public URL %q", c.PublicURL)
	}
	if c.Secrets().Keys == "" {
		t.Error("no secret key")
	}
	h, err := c.HTTP()
	if err != nil || len(h.TrustedProxies) != 2 || h.TrustedProxies[1].Bits() != 32 || h.AddressHeader != "X-Real-IP" {
		t.Errorf("trusted proxies %v, %v", h.TrustedProxies, err)
	}
	if w := c.Warnings(); len(w) != 4 {
		t.Errorf("warnings %q, want one each for the mode, the key, the password and the cookies", w)
	}
}

// An origin that no browser sends is rejected, because it would never match.
func TestLoad_AllowedOrigins(t *testing.T) {
	t.Parallel()
	valid := []string{
		"https://app.example.org", "https://app.example.org:8443", "http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:3000",
		"https://xn--bcher-kva.example", "https://a.example,https://b.example",
	}
	for _, list := range append(valid, "") {
		c, err := config.Load(production("GRADUS_ALLOWED_ORIGINS="+list), everything...)
		if err != nil {
			t.Errorf("%q: %v", list, err)
			continue
		}
		h, err := c.HTTP()
		if got := strings.Join(h.AllowedOrigins, ","); err != nil || got != list {
			t.Errorf("%q is parsed as %q, %v", list, got, err)
		}
	}
	invalid := []string{
		"*", "null", "https://*.example.org", "app.example.org", "//app.example.org", "https://", "https://app.example.org/", "https://app.example.org/x",
		"https://app.example.org?x", "https://app.example.org#x", "https://u:p@app.example.org", "HTTPS://app.example.org", "https://APP.example.org",
		"https://app.example.org:443", "http://localhost:80", "https://app.example.org:", "https://app.example.org:0", "https://app.example.org:port",
		"https://bücher.example", "ftp://app.example.org", "https://a.example https://b.example", "https://a.example,*", "http://app.example.org", "http://10.0.0.1",
	}
	for _, list := range invalid {
		if _, err := config.Load(production("GRADUS_ALLOWED_ORIGINS="+list), everything...); err == nil || !strings.Contains(err.Error(), "GRADUS_ALLOWED_ORIGINS") {
			t.Errorf("%q: %v", list, err)
		}
	}
	if _, err := config.Load([]string{"GRADUS_MODE=development", "GRADUS_ALLOWED_ORIGINS=http://10.0.0.1:5173"}, config.NeedServer); err != nil {
		t.Errorf("development mode: %v", err)
	}
}

func TestLoad_SettingsForTests(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{"GRADUS_MODE=development", "GRADUS_NOW=2026-10-14T20:30:00+02:00", "GRADUS_VALIDATE_RESPONSES=log"}, config.NeedServer)
	if err != nil {
		t.Fatal(err)
	}
	h, err := c.HTTP()
	if err != nil || h.CheckResponses != httpapi.CheckLog || !h.ServerTiming || !c.Now.Equal(time.Date(2026, 10, 14, 18, 30, 0, 0, time.UTC)) {
		t.Errorf("HTTP settings %+v, now %v, %v", h, c.Now, err)
	}
	if w := strings.Join(c.Warnings(), "\n"); !strings.Contains(w, "GRADUS_NOW is set: the clock is fixed at 2026-10-14T18:30:00Z") {
		t.Errorf("warnings %q", w)
	}
	c, err = config.Load(production("GRADUS_VALIDATE_RESPONSES=fail"), everything...)
	if err != nil {
		t.Fatal(err)
	}
	if h, err = c.HTTP(); err != nil || h.CheckResponses != httpapi.CheckFail || h.ServerTiming || !c.Now.IsZero() {
		t.Errorf("in production: HTTP settings %+v, now %v, %v", h, c.Now, err)
	}
}

// .env.example documents the settings: it must list all of them and no others.
func TestEnvExample_IsComplete(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var listed []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, _, ok := strings.Cut(lines.Text(), "="); ok && !strings.HasPrefix(name, "#") {
			listed = append(listed, name)
		}
	}
	names, err := config.Names()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	slices.Sort(listed)
	if diff := cmp.Diff(names, listed); diff != "" {
		t.Errorf("settings missing from .env.example (-), or unknown (+):\n%s", diff)
	}
}
