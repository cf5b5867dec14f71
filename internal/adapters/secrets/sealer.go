package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	keySize = 32
	// version is the first byte of sealed data. It stands for this format: the length of
	// the key ID, the key ID, a random 12-byte nonce, the AES-256-GCM ciphertext and its
	// tag.
	version = 1
)

// Sealer implements ports.Sealer. Each nonce is random, so one key is safe for 2^32
// secrets.
type Sealer struct {
	active string // the ID of the key that seals
	keys   map[string]cipher.AEAD
}

var _ ports.Sealer = (*Sealer)(nil)

// errNoKeys tells the operator how to generate a key.
var errNoKeys = errors.New(`secret keys: the list is empty; generate a key with: echo "k1:$(openssl rand -base64 32)"`)

var keyIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// namedKey is a key with its ID.
type namedKey struct {
	id  string
	key []byte
}

// parseKeys parses the keys. Its errors identify a key by its position and never quote it,
// because operators sometimes swap a key and its ID.
func parseKeys(cfg Config) ([]namedKey, error) {
	var keys []namedKey
	for i, entry := range strings.Split(cfg.Keys.Reveal(), ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" && i == 0 {
			return nil, errNoKeys
		}
		id, text, ok := strings.Cut(entry, ":")
		key, err := base64.StdEncoding.DecodeString(text)
		switch {
		case !ok || !keyIDPattern.MatchString(id):
			return nil, fmt.Errorf("secret keys: key %d is not of the form id:base64key, where id has at most 32 letters, digits, hyphens and underscores", i+1)
		case err != nil || len(key) != keySize:
			return nil, fmt.Errorf("secret keys: key %d is not %d bytes in base64; generate a key with: openssl rand -base64 %d", i+1, keySize, keySize)
		case slices.ContainsFunc(keys, func(k namedKey) bool { return k.id == id }):
			return nil, fmt.Errorf("secret keys: key %d has the same ID as an earlier key", i+1)
		}
		keys = append(keys, namedKey{id, key})
	}
	return keys, nil
}

// NewSealer returns a Sealer with the configured keys.
func NewSealer(cfg Config) (*Sealer, error) {
	keys, err := parseKeys(cfg)
	if err != nil {
		return nil, err
	}
	s := &Sealer{active: keys[0].id, keys: map[string]cipher.AEAD{}}
	for i, k := range keys {
		if s.keys[k.id], err = newAEAD(k.key); err != nil {
			return nil, fmt.Errorf("secret keys: key %d: %w", i+1, err)
		}
	}
	return s, nil
}

// WeakKeys returns the positions, from 1, of keys that can be guessed.
func (cfg Config) WeakKeys() ([]int, error) {
	keys, err := parseKeys(cfg)
	if err != nil {
		return nil, err
	}
	var weak []int
	for i, k := range keys {
		if guessable(k.key) {
			weak = append(weak, i+1)
		}
	}
	return weak, nil
}

// guessable reports whether a key is clearly not random: text, evenly spaced bytes, or bytes
// that repeat. Less than one of 10^13 random keys is.
func guessable(key []byte) bool {
	distinct := map[byte]bool{}
	text, even := true, true
	for i, b := range key {
		distinct[b] = true
		text = text && b >= ' ' && b <= '~'
		even = even && (i == 0 || b-key[i-1] == key[1]-key[0])
	}
	return text || even || len(distinct) < len(key)/2
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal implements ports.Sealer. It encrypts with the first key.
func (s *Sealer) Seal(plain domain.Secret, row, column string) ([]byte, error) {
	header := append([]byte{version, byte(len(s.active))}, s.active...)
	return s.keys[s.active].Seal(header, nil, []byte(plain.Reveal()), additionalData(header, row, column)), nil
}

// Open implements ports.Sealer. It finds the key that Seal used.
func (s *Sealer) Open(sealed []byte, row, column string) (domain.Secret, error) {
	header, id, ok := split(sealed)
	if !ok {
		return "", fmt.Errorf("%w: the data has an unknown format", domain.ErrTokenUnreadable)
	}
	key, ok := s.keys[id]
	if !ok {
		return "", fmt.Errorf("%w: the key %q is not in the list", domain.ErrTokenUnreadable, id)
	}
	plain, err := key.Open(nil, nil, sealed[len(header):], additionalData(header, row, column))
	if err != nil {
		return "", fmt.Errorf("%w: the data was modified, or belongs to another row or column", domain.ErrTokenUnreadable)
	}
	return domain.Secret(plain), nil
}

// split returns the header, which is everything before the nonce, and the key ID in it.
func split(sealed []byte) (header []byte, id string, ok bool) {
	if len(sealed) < 2 || sealed[0] != version || len(sealed) < 2+int(sealed[1]) {
		return nil, "", false
	}
	header = sealed[:2+int(sealed[1])]
	return header, string(header[2:]), keyIDPattern.Match(header[2:])
}

// additionalData returns the authenticated data that binds a ciphertext to its row and
// column. The length prefix distinguishes "ab"+"c" from "a"+"bc".
func additionalData(header []byte, row, column string) []byte {
	out := append([]byte(nil), header...)
	out = binary.AppendUvarint(out, uint64(len(column)))
	out = append(out, column...)
	out = append(out, '|')
	return append(out, row...)
}
