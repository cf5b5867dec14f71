// Package secrets encrypts secrets at rest, hashes passwords and generates random tokens.
//
// Decision 0059 says where its list of common passwords comes from.
package secrets

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Config holds the settings of the package.
type Config struct {
	// Keys is a comma-separated list of id:base64key, 32 bytes each. The first key seals;
	// all keys open.
	Keys domain.Secret
	// ConcurrentHashes limits the number of passwords hashed at once. A hash uses 19 MiB,
	// or about 60 MiB with uncollected garbage. 0 means one less than the number of cores.
	ConcurrentHashes int
	// WaitingHashes limits the number of queued hashes. 0 means 64.
	WaitingHashes int
	// Issuer is the name under which authenticator apps show the server. Empty means Gradus.
	Issuer string
}

// NewToken implements ports.NewToken: it returns 256 random bits as 43 characters of
// URL-safe text.
func NewToken() domain.Secret {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: it crashes the program instead
	return domain.Secret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// NewKey implements ports.NewKey: it returns 130 random bits as 26 uppercase letters and
// digits.
func NewKey() domain.Secret { return domain.Secret(rand.Text()) }
