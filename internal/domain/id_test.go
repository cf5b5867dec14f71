package domain_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestParseID(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		var id domain.UserID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
		if got, err := domain.ParseID[domain.User](id.String()); got != id || err != nil {
			t.Fatalf("%s parsed to %s, %v", id, got, err)
		}
	})

	const good = "01938f2c-7e4a-7d31-9c55-0a1b2c3d4e5f"
	if id, err := domain.ParseID[domain.User](good); id.String() != good || id.IsZero() || err != nil {
		t.Errorf("ParseID(%q) = %s, %v", good, id, err)
	}
	// Some systems write UUIDs in capitals, or in both.
	for _, s := range []string{"01938F2C-7E4A-7D31-9C55-0A1B2C3D4E5F", "01938F2C-7e4A-7d31-9c55-0a1b2c3d4e5F"} {
		if id, err := domain.ParseID[domain.User](s); id.String() != good || err != nil {
			t.Errorf("ParseID(%q) = %s, %v", s, id, err)
		}
	}
	for name, s := range map[string]string{
		"an empty string":       "",
		"no dashes":             "01938f2c7e4a7d319c550a1b2c3d4e5f",
		"a misplaced dash":      "01938f2c7-e4a-7d31-9c55-0a1b2c3d4e5f",
		"a letter after f":      "01938f2c-7e4a-7d31-9c55-0a1b2c3d4e5g",
		"braces":                "{1938f2c-7e4a-7d31-9c55-0a1b2c3d4e5}",
		"a missing digit":       good[1:],
		"a trailing line break": good + "\n",
		"a full-width digit":    "０1938f2c-7e4a-7d31-9c55-0a1b2c3d4e",
	} {
		if id, err := domain.ParseID[domain.User](s); !errors.Is(err, domain.ErrInvalidID) || !id.IsZero() {
			t.Errorf("%s, %q: %s, %v", name, s, id, err)
		}
	}
}
