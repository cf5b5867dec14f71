package domain

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"
)

// Errors of API tokens.
var (
	// ErrAPITokenInvalid is returned for tokens that were mistyped or are unknown, and for those that
	// have expired or were revoked.
	ErrAPITokenInvalid   = define(KindUnauthenticated, "api_token_invalid", "The API token is unknown, has expired or was revoked. Create a new one.")
	ErrAPITokenNotFound  = define(KindNotFound, "api_token_not_found", "There is no such API token. It may have ended long ago.")
	ErrTooManyAPITokens  = define(KindConflict, "too_many_api_tokens", fmt.Sprintf("You have %d API tokens already. Revoke one that you do not need.", MaxAPITokens))
	ErrInsufficientScope = define(KindForbidden, "insufficient_scope", "The API token does not have the scope of this operation. Create one that has it.")
	ErrSessionRequired   = define(KindForbidden, "session_required", "API tokens cannot call this operation. Sign in and use the session.")
)

const (
	// MaxAPITokens is how many API tokens that work a user can have.
	MaxAPITokens = 20
	// APITokenRetention is how long an API token is listed after it has expired or was revoked.
	APITokenRetention = 30 * 24 * time.Hour

	maxAPITokenDays = 365
)

// APITokenID identifies an APIToken.
type APITokenID = ID[APIToken]

// APIToken lets a program act as its user, but only within its scopes. It can never do more than
// its user may do now, and nothing that needs fresh authentication.
type APIToken struct {
	ID              APITokenID
	User            UserID
	UserName        string // current name
	Name            string
	Scopes          []APIScope
	CreatedAt       time.Time
	ExpiresAt       time.Time
	RevokedAt       *time.Time
	LastUsedAt      *time.Time // to within a minute
	LastUsedAddress string     // IP address; empty if it was not used
}

// CreatedAPIToken is a new API token with its text, which is never shown again.
type CreatedAPIToken struct {
	APIToken

	Token Secret
}

// APITokenFilter narrows the list of API tokens; zero fields match everything.
type APITokenFilter struct{ User UserID }

// NewAPIToken returns an API token that works for a number of days.
// Errors: ErrInvalid.
func NewAPIToken(id APITokenID, user UserID, name string, scopes []APIScope, days int, now time.Time) (APIToken, error) {
	name, noName := ParseName("name", name)
	scopes, noScopes := parseAPIScopes("scopes", scopes)
	var noDays error
	if days < 1 || days > maxAPITokenDays {
		noDays = invalid("expires_in_days", "out_of_range", "The number of days must be 1 to %d.", maxAPITokenDays)
	}
	if err := AllOf(noName, noScopes, noDays); err != nil {
		return APIToken{}, err
	}
	return APIToken{ID: id, User: user, Name: name, Scopes: scopes, CreatedAt: now, ExpiresAt: now.AddDate(0, 0, days)}, nil
}

// Alive reports whether the token works at now, if its user can sign in.
func (t APIToken) Alive(now time.Time) bool { return t.RevokedAt == nil && now.Before(t.ExpiresAt) }

// APIScope is what an API token can be used for: "read" or "write" for all slices, or of one, as in
// "students:read". An operation has the scope of its slice; package tools/bundle derives it.
type APIScope string

// apiScopes lists all scopes.
var apiScopes = []APIScope{
	"read", "write",
	"accounts:read", "accounts:write",
	"auditlog:read",
	"batches:read", "batches:write",
	"insights:read",
	"students:read", "students:write",
	"tracking:read", "tracking:write",
}

// APIScopes lists all scopes, sorted by slice. The first two include those of all slices.
func APIScopes() []APIScope { return slices.Clone(apiScopes) }

// parseAPIScopes returns the scopes sorted and without duplicates.
func parseAPIScopes(field string, scopes []APIScope) ([]APIScope, error) {
	if len(scopes) == 0 {
		return nil, invalid(field, "length", "Choose at least one scope.")
	}
	for _, s := range scopes {
		if !slices.Contains(apiScopes, s) {
			return nil, invalid(field, "unknown", "There is a scope that does not exist.")
		}
	}
	sorted := slices.Sorted(slices.Values(scopes))
	return slices.Compact(sorted), nil
}

// Permits reports whether the actor may call an operation with a scope. A session has all scopes.
// The empty scope is that of operations that need a session.
// Errors: ErrInsufficientScope, ErrSessionRequired.
func (a Actor) Permits(scope APIScope) error {
	if a.TokenID.IsZero() {
		return nil
	}
	if scope == "" {
		return ErrSessionRequired
	}
	_, access, _ := strings.Cut(string(scope), ":")
	if slices.Contains(a.Scopes, scope) || slices.Contains(a.Scopes, APIScope(access)) {
		return nil
	}
	return ErrInsufficientScope.Withf("The API token does not have the scope %s. Create one that has it.", scope)
}

// An API token is its prefix, 256 random bits as 43 characters, and their checksum. The prefix lets
// scanners find tokens that were published, and the checksum tells them from other text.
const (
	apiTokenPrefix   = "gradus_pat_"
	apiTokenRandom   = 43
	apiTokenChecksum = 8
)

// FormatAPIToken returns the text of an API token with random bits that NewToken returned.
func FormatAPIToken(random Secret) Secret {
	text := apiTokenPrefix + random.Reveal()
	return Secret(text + checksum(text))
}

// IsAPIToken reports whether a bearer token is meant to be an API token.
func IsAPIToken(token Secret) bool { return strings.HasPrefix(token.Reveal(), apiTokenPrefix) }

// WellFormedAPIToken reports whether a token has the length and the checksum of an API token. One
// that has not was mistyped or truncated, so there is no need to look it up.
func WellFormedAPIToken(token Secret) bool {
	text := token.Reveal()
	end := len(apiTokenPrefix) + apiTokenRandom
	return len(text) == end+apiTokenChecksum && IsAPIToken(token) && text[end:] == checksum(text[:end])
}

// checksum detects typing errors. It protects nothing: anybody can compute it.
func checksum(text string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(text)))
}
