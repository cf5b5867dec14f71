package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/domain"
)

var refreshToken = domain.RefreshToken{
	Family: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Secret: "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
}

func TestParseRefreshToken(t *testing.T) {
	t.Parallel()

	text := refreshToken.Text()
	if got, err := domain.ParseRefreshToken(text); err != nil || got != refreshToken {
		t.Errorf("got %+v, %v", got, err)
	}
	if !strings.HasPrefix(text.Reveal(), "gradus_rt_aaa") || len(text) > 128 {
		t.Errorf("the text is %s", text.Reveal())
	}
	for i := range len(text) {
		changed := []byte(text.Reveal())
		changed[i] ^= 1
		if _, err := domain.ParseRefreshToken(domain.Secret(changed)); !errors.Is(err, domain.ErrRefreshTokenInvalid) {
			t.Errorf("with a flipped bit at %d: error %v", i, err)
		}
		if _, err := domain.ParseRefreshToken(text[:i]); !errors.Is(err, domain.ErrRefreshTokenInvalid) {
			t.Errorf("truncated to %d: error %v", i, err)
		}
	}
}

func TestRefreshToken_Successors(t *testing.T) {
	t.Parallel()

	successors := func(token domain.RefreshToken, salt domain.Secret) [2]domain.Secret {
		access, next, err := token.Successors(salt)
		if err != nil || next.Family != token.Family || len(access) != 43 || len(next.Secret) != 43 {
			t.Fatalf("got %d and %+v, %v", len(access), next, err)
		}
		return [2]domain.Secret{access, next.Secret}
	}
	first := successors(refreshToken, "salt")
	if again := successors(refreshToken, "salt"); again != first {
		t.Error("the same token and salt have other successors")
	}
	other := refreshToken
	other.Secret = "c" + other.Secret[1:]
	seen := map[domain.Secret]bool{refreshToken.Secret: true}
	for _, pair := range [][2]domain.Secret{first, successors(refreshToken, "another"), successors(other, "salt")} {
		for _, secret := range pair {
			if seen[secret] {
				t.Error("two tokens have the same secret")
			}
			seen[secret] = true
		}
	}
}
