package domain

import (
	"fmt"
	"hash/crc32"
	"strings"
)

const (
	secretLength   = 43 // of 256 bits in base64
	checksumLength = 8  // of a CRC-32 in hexadecimal
)

// withChecksum returns a secret between a prefix, by which people and scanners recognize what it
// is, and a checksum, which tells truncated and made-up text from tokens without a look-up.
func withChecksum(prefix string, secret Secret) Secret {
	text := prefix + secret.Reveal()
	return Secret(fmt.Sprintf("%s%08x", text, crc32.ChecksumIEEE([]byte(text))))
}

// checkedSecret returns what is between the prefix and the checksum of a token, if all three
// are right.
func checkedSecret(prefix string, text Secret, length int) (Secret, bool) {
	if len(text) != len(prefix)+length+checksumLength || !strings.HasPrefix(text.Reveal(), prefix) {
		return "", false
	}
	secret := text[len(prefix) : len(prefix)+length]
	return secret, withChecksum(prefix, secret) == text
}
