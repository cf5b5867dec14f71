package secrets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
)

func TestBreachedPasswords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, lines ...string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\r\n")+"\r\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := secrets.CheckBreachedPasswords(dir); err == nil {
		t.Error("a directory without files is accepted")
	}
	write("00000.txt", "0005AD76BD555C1D6D771DE417A4B87E4B4:10")
	// SHA-1 of "password" is 5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8, and of "letmein"
	// B7A875FC1EA228B9061041B7CEC4BD3C52AB3CE3.
	write("5BAA6", "nothing reads a file without an extension")
	write("5BAA6.txt", "1D72CD07550416C216D8AD296BF5C0AE8E0:12", "1E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179", "1E4C9B93F3F0682250B6CF8331B7EE68FD9:1")
	write("B7A87.txt", "5FC1EA228B9061041B7CEC4BD3C52AB3CE3:0")

	if err := secrets.CheckBreachedPasswords(dir); err != nil {
		t.Error(err)
	}
	breached := secrets.BreachedPasswords(dir)
	for password, want := range map[string]bool{"password": true, "letmein": false} {
		if got, err := breached(password); got != want || err != nil {
			t.Errorf("%s: %t, %v, want %t", password, got, err, want)
		}
	}
	if _, err := breached("a password whose file is missing"); err == nil {
		t.Error("a missing file is not an error")
	}
}

func TestBreachedPasswords_AreOptional(t *testing.T) {
	t.Parallel()
	if secrets.BreachedPasswords("") != nil {
		t.Error("passwords are looked up without a directory")
	}
}
