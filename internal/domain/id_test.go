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
	for what, s := range map[string]string{
		"nothing":              "",
		"capitals":             "01938F2C-7E4A-7D31-9C55-0A1B2C3D4E5F",
		"no dashes":            "01938f2c7e4a7d319c550a1b2c3d4e5f",
		"dashes elsewhere":     "01938f2c7-e4a-7d31-9c55-0a1b2c3d4e5f",
		"a letter beyond f":    "01938f2c-7e4a-7d31-9c55-0a1b2c3d4e5g",
		"braces":               "{1938f2c-7e4a-7d31-9c55-0a1b2c3d4e5}",
		"a digit too few":      good[1:],
		"a line break at end":  good + "\n",
		"another digit script": "０1938f2c-7e4a-7d31-9c55-0a1b2c3d4e",
	} {
		if id, err := domain.ParseID[domain.User](s); !errors.Is(err, domain.ErrInvalidID) || !id.IsZero() {
			t.Errorf("%s, %q: %s, %v", what, s, id, err)
		}
	}
}
