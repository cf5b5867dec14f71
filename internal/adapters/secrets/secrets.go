// Package secrets seals secrets at rest, hashes passwords and makes random tokens.
//
// Its list of common passwords is taken from the frequency lists of zxcvbn 4.4.2 by
// Dan Wheeler and Dropbox, Inc. (MIT licence, in common_passwords.LICENSE).
package secrets

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Config is what an operator decides about secrets.
type Config struct {
	// Keys seal secrets at rest: id:base64key, separated by commas, 32 bytes each.
	// The first seals; all of them open.
	Keys domain.Secret
	// ConcurrentHashes is how many passwords are hashed at once. Each takes 19 MiB, and
	// about 60 with what is not yet collected. 0 leaves one core to everything else.
	ConcurrentHashes int
	// WaitingHashes is how many more may wait. 0 is 32.
	WaitingHashes int
}

// NewToken returns 256 fresh random bits as 43 characters of URL-safe text, as
// ports.NewToken promises.
func NewToken() domain.Secret {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails: the program is ended if there is no randomness
	return domain.Secret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// NewKey returns 130 fresh random bits as 26 upper-case letters and digits, as
// ports.NewKey promises.
func NewKey() domain.Secret { return domain.Secret(rand.Text()) }
