package secrets

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // the format of the list, not a protection
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
)

// rangeLength is the number of hexadecimal digits of a hash that name the file it is in.
const rangeLength = 5

// BreachedPasswords returns a function that looks passwords up in a directory with the files of
// Pwned Passwords, as its downloader writes them: one for each first 5 digits of SHA-1 hashes,
// such as 21BD1.txt, with the other digits and a count per line. It returns nil without a
// directory.
// Source: https://haveibeenpwned.com/API/v3#PwnedPasswords.
func BreachedPasswords(dir string) func(password string) (bool, error) {
	if dir == "" {
		return nil
	}
	return func(password string) (bool, error) {
		sum := sha1.Sum([]byte(password)) //nolint:gosec // see above
		hash := strings.ToUpper(hex.EncodeToString(sum[:]))
		return hasSuffix(rangeFile(dir, hash[:rangeLength]), hash[rangeLength:])
	}
}

// CheckBreachedPasswords returns an error if a directory has no files of Pwned Passwords.
func CheckBreachedPasswords(dir string) error {
	_, err := os.Stat(rangeFile(dir, strings.Repeat("0", rangeLength)))
	return err
}

func rangeFile(dir, prefix string) string { return filepath.Join(dir, prefix+".txt") }

// hasSuffix reports whether a file has a line "suffix:count". A count of 0 is padding.
func hasSuffix(name, suffix string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		hash, count, _ := strings.Cut(lines.Text(), ":")
		if strings.EqualFold(hash, suffix) {
			return strings.TrimLeft(count, "0") != "", nil
		}
	}
	return false, lines.Err()
}
