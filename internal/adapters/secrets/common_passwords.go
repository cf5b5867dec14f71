package secrets

import (
	"bytes"
	_ "embed"
	"sync"

	"github.com/bits-and-blooms/bloom/v3"
)

// commonPasswords is a Bloom filter, written by internal/commonpasswords.
//
//go:embed common_passwords.bloom
var commonPasswords []byte

var commonPasswordFilter = sync.OnceValue(func() *bloom.BloomFilter {
	f := &bloom.BloomFilter{}
	if _, err := f.ReadFrom(bytes.NewReader(commonPasswords)); err != nil {
		panic("secrets: the embedded list of common passwords is damaged: " + err.Error())
	}
	return f
})

// CommonPasswords returns a function that reports whether a lowercase password is one of about
// 140,000 common ones of at least 5 characters. One of 100,000 others counts as common by
// accident.
func CommonPasswords() func(lowercase string) bool {
	return func(lowercase string) bool { return commonPasswordFilter().TestString(lowercase) }
}
