package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	keySize = 32
	// version is the first byte of everything sealed: AES-256-GCM, then the length of
	// the key's id, the id, a random nonce of 12 bytes, the ciphertext and its tag.
	version = 1
)

// Sealer implements ports.Sealer. A fresh nonce is drawn each time, so one key is
// good for 2^32 secrets.
type Sealer struct {
	active string
	keys   map[string]cipher.AEAD
}

var _ ports.Sealer = (*Sealer)(nil)

// errNoKeys says how to make a key.
var errNoKeys = errors.New(`secret keys: there is none; make one with: echo "k1:$(openssl rand -base64 32)"`)

// keyID is what the id of a key may look like.
var keyID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// NewSealer reads the keys. Its errors name keys by their place in the list and quote
// nothing of it, because people mistake a key for its id.
func NewSealer(cfg Config) (*Sealer, error) {
	s := &Sealer{keys: map[string]cipher.AEAD{}}
	for i, entry := range strings.Split(cfg.Keys.Reveal(), ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" && i == 0 {
			return nil, errNoKeys
		}
		id, text, ok := strings.Cut(entry, ":")
		key, err := base64.StdEncoding.DecodeString(text)
		_, twice := s.keys[id]
		switch {
		case !ok || !keyID.MatchString(id):
			return nil, fmt.Errorf("secret keys: key %d is not of the form id:base64key, where id has at most 32 letters, digits, - and _", i+1)
		case err != nil || len(key) != keySize:
			return nil, fmt.Errorf("secret keys: key %d is not %d bytes in base64; make one with: openssl rand -base64 %d", i+1, keySize, keySize)
		case twice:
			return nil, fmt.Errorf("secret keys: key %d has the id of an earlier key", i+1)
		}
		if s.keys[id], err = newAEAD(key); err != nil {
			return nil, fmt.Errorf("secret keys: key %d: %w", i+1, err)
		}
		if i == 0 {
			s.active = id
		}
	}
	return s, nil
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
	head := append([]byte{version, byte(len(s.active))}, s.active...)
	return s.keys[s.active].Seal(head, nil, []byte(plain.Reveal()), bind(head, row, column)), nil
}

// Open implements ports.Sealer. It finds the key that Seal used.
func (s *Sealer) Open(sealed []byte, row, column string) (domain.Secret, error) {
	head, id, ok := split(sealed)
	if !ok {
		return "", fmt.Errorf("%w: it was not sealed by this program", domain.ErrTokenUnreadable)
	}
	key, ok := s.keys[id]
	if !ok {
		return "", fmt.Errorf("%w: the key %q is gone", domain.ErrTokenUnreadable, id)
	}
	plain, err := key.Open(nil, nil, sealed[len(head):], bind(head, row, column))
	if err != nil {
		return "", fmt.Errorf("%w: it was changed, or belongs to another row or column", domain.ErrTokenUnreadable)
	}
	return domain.Secret(plain), nil
}

// split returns the bytes before the nonce, and the key's id in them.
func split(sealed []byte) (head []byte, id string, ok bool) {
	if len(sealed) < 2 || sealed[0] != version || len(sealed) < 2+int(sealed[1]) {
		return nil, "", false
	}
	head = sealed[:2+int(sealed[1])]
	return head, string(head[2:]), keyID.Match(head[2:])
}

// bind returns the data that ties a ciphertext to its place. The length of the column
// keeps "ab"+"c" and "a"+"bc" apart.
func bind(head []byte, row, column string) []byte {
	out := append([]byte(nil), head...)
	out = binary.AppendUvarint(out, uint64(len(column)))
	out = append(out, column...)
	out = append(out, '|')
	return append(out, row...)
}
