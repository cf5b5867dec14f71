package domain

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// ErrRefreshTokenInvalid is for all refresh tokens that renew nothing, for whatever reason.
var ErrRefreshTokenInvalid = define(KindUnauthenticated, "refresh_token_invalid", "The refresh token is unknown, or was used before, or its session has ended. Sign in again.")

// RefreshToken renews the access token of a session, and is replaced each time. All refresh
// tokens of a session are one family: they share a random part, so that one that was replaced
// is recognized however old it is.
type RefreshToken struct {
	Family Secret // 256 random bits
	Secret Secret // 256 bits, random or derived from random ones
}

const (
	refreshPrefix = "gradus_rt_"
	// refreshGrace is how long a refresh token that was replaced still returns the tokens that
	// replaced it, for clients that send it twice at the same time, or receive no response.
	refreshGrace = 10 * time.Second
)

// IsZero reports whether there is no token.
func (t RefreshToken) IsZero() bool { return t == RefreshToken{} }

// Text returns the token as clients send it.
func (t RefreshToken) Text() Secret { return withChecksum(refreshPrefix, t.Family+t.Secret) }

// ParseRefreshToken parses the text of a token.
// Errors: ErrRefreshTokenInvalid.
func ParseRefreshToken(text Secret) (RefreshToken, error) {
	secret, ok := checkedSecret(refreshPrefix, text, 2*secretLength)
	if !ok {
		return RefreshToken{}, ErrRefreshTokenInvalid
	}
	return RefreshToken{Family: secret[:secretLength], Secret: secret[secretLength:]}, nil
}

// Successors returns the access token and the refresh token that replace t. They depend on t and
// salt alone, so that the same request can have the same response again although only hashes
// are stored. Without t, the salt reveals nothing about them.
func (t RefreshToken) Successors(salt Secret) (access Secret, next RefreshToken, err error) {
	derive := func(purpose string) (Secret, error) {
		key, err := hkdf.Key(sha256.New, []byte(t.Text().Reveal()), []byte(salt.Reveal()), "gradus "+purpose, sha256.Size)
		return Secret(base64.RawURLEncoding.EncodeToString(key)), err
	}
	if access, err = derive("access token"); err != nil {
		return "", RefreshToken{}, err
	}
	next = RefreshToken{Family: t.Family}
	next.Secret, err = derive("refresh token")
	return access, next, err
}

// TokenFamily is what is stored about the refresh tokens of a session.
type TokenFamily struct {
	Family  [sha256.Size]byte // hash of the part that all have in common
	Current [sha256.Size]byte // hash of the token that renews the session
	Used    [sha256.Size]byte // hash of the one before; zero before the first use
	UsedAt  time.Time
	Salt    Secret // from which the successors of Used were derived
}

// RefreshUse says what a refresh token of a family does.
type RefreshUse uint8

// What a refresh token does.
const (
	RefreshReused  RefreshUse = iota // was replaced a while ago: the token may have been stolen
	RefreshRotates                   // is replaced by new tokens
	RefreshRepeats                   // returns again the tokens that replaced it a moment ago
)

// Use returns what the token with a hash, of this family, does at now.
func (f TokenFamily) Use(hash [sha256.Size]byte, now time.Time) RefreshUse {
	switch {
	case hash == f.Current:
		return RefreshRotates
	case hash == f.Used && now.Before(f.UsedAt.Add(refreshGrace)):
		return RefreshRepeats
	}
	return RefreshReused
}

// Rotate replaces the current token.
func (f *TokenFamily) Rotate(next [sha256.Size]byte, salt Secret, now time.Time) {
	f.Current, f.Used, f.UsedAt, f.Salt = next, f.Current, now, salt
}
