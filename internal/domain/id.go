package domain

import (
	"encoding/hex"
	"errors"
	"strings"
)

// ID is a UUID whose type says what it identifies: an ID[User] cannot be passed as an
// ID[Batch]. It has the same underlying type as common UUID types, so adapters can use a
// plain Go conversion.
type ID[Of any] [16]byte

// IsZero reports whether id is the zero ID.
func (id ID[Of]) IsZero() bool { return id == ID[Of]{} }

// String returns the canonical 8-4-4-4-12 form in lowercase.
func (id ID[Of]) String() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:36], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// ErrInvalidID means that a string is not a UUID.
var ErrInvalidID = errors.New("not a valid ID")

// ParseID parses the form that String returns, with letters in lower or upper case
// (RFC 9562, section 4), and no other.
// Errors: ErrInvalidID.
func ParseID[Of any](s string) (ID[Of], error) {
	var id ID[Of]
	h := strings.ReplaceAll(s, "-", "")
	if len(s) != 36 || len(h) != 32 {
		return ID[Of]{}, ErrInvalidID
	}
	if _, err := hex.Decode(id[:], []byte(h)); err != nil || id.String() != strings.ToLower(s) {
		return ID[Of]{}, ErrInvalidID
	}
	return id, nil
}
