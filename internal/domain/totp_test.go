package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestTOTP_AcceptsEachStepOnce(t *testing.T) {
	t.Parallel()
	totp := domain.TOTP{LastStep: 7}
	for _, tt := range []struct {
		step int64
		want error
	}{{6, domain.ErrOneTimeCodeWrong}, {7, domain.ErrOneTimeCodeWrong}, {9, nil}, {9, domain.ErrOneTimeCodeWrong}, {8, domain.ErrOneTimeCodeWrong}, {10, nil}} {
		if err := totp.Accept(tt.step); !errors.Is(err, tt.want) {
			t.Errorf("step %d after %d: %v, want %v", tt.step, totp.LastStep, err, tt.want)
		}
	}
}

func TestNewRecoveryCode(t *testing.T) {
	t.Parallel()
	code := domain.NewRecoveryCode("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if code != "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY" {
		t.Errorf("the code is %s", code.Reveal())
	}
}

func TestParseOneTimeCode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[domain.Secret]struct {
		code   domain.Secret
		factor domain.SecondFactor
	}{
		"123456":        {"123456", domain.SecondFactorTOTP},
		" 123 456 ":     {"123456", domain.SecondFactorTOTP},
		"123-456":       {"123456", domain.SecondFactorTOTP},
		"１２３４５６":        {"123456", domain.SecondFactorTOTP},
		"abcde-fghij":   {"ABCDEFGHIJ", domain.SecondFactorRecoveryCode},
		"":              {"", domain.SecondFactorRecoveryCode},
		"1234567":       {"1234567", domain.SecondFactorRecoveryCode},
		"abcde – fghij": {"ABCDEFGHIJ", domain.SecondFactorRecoveryCode},
	} {
		if code, factor := domain.ParseOneTimeCode(typed); code != want.code || factor != want.factor {
			t.Errorf("%q is %q, %s; want %q, %s", string(typed), string(code), factor, string(want.code), want.factor)
		}
	}
}

func TestSignInChallenge_Check(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	c := domain.NewSignInChallenge(domain.UserID{1}, "Fire\x00fox", true, start)
	for name, tt := range map[string]struct {
		userAgent string
		after     time.Duration
		want      error
	}{
		"at once":           {"Fire\x00fox", 0, nil},
		"just before":       {"Firefox", 5*time.Minute - 1, nil},
		"expired":           {"Firefox", 5 * time.Minute, domain.ErrSignInChallengeInvalid},
		"on another device": {"curl", 0, domain.ErrSignInChallengeInvalid},
	} {
		if err := c.Check(tt.userAgent, start.Add(tt.after)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
