package embeddedpg_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
)

func TestClaim_IsExclusive(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	release, err := embeddedpg.Claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := embeddedpg.Claim(dir); !errors.Is(err, embeddedpg.ErrClaimed) {
		t.Errorf("a second claim: %v", err)
	}
	release()
	releaseSecond, err := embeddedpg.Claim(dir)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	releaseSecond()
	if _, err := embeddedpg.Claim(""); err == nil {
		t.Error("an empty path was claimed")
	}
}

func TestStartExclusive_RejectsAClaimedDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	release, err := embeddedpg.Claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := embeddedpg.StartExclusive(t.Context(), embeddedpg.Config{Dir: dir}); !errors.Is(err, embeddedpg.ErrClaimed) {
		t.Errorf("got %v, want ErrClaimed", err)
	}
}
