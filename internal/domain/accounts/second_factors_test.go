package accounts_test

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// secondFactors is the stores of second factors in memory, and an authenticator whose codes are
// the last digits of the time step.
type secondFactors struct {
	totp       map[domain.UserID]domain.TOTP
	recovery   map[[32]byte]domain.UserID
	challenges map[[32]byte]domain.SignInChallenge
	unreadable bool // the key of the secrets is lost
	keys       byte
}

var (
	_ ports.TOTPStore            = (*secondFactors)(nil)
	_ ports.SignInChallengeStore = (*secondFactors)(nil)
	_ ports.Authenticator        = (*secondFactors)(nil)
)

func newSecondFactors() *secondFactors {
	return &secondFactors{totp: map[domain.UserID]domain.TOTP{}, recovery: map[[32]byte]domain.UserID{}, challenges: map[[32]byte]domain.SignInChallenge{}}
}

// step is the time step of noon.
var step = noon.Unix() / 30

// codeOf returns the code of a time step.
func codeOf(step int64) domain.Secret {
	text := strconv.FormatInt(step, 10)
	return domain.Secret(text[len(text)-6:])
}

func (f *secondFactors) newKey() domain.Secret {
	f.keys++
	return domain.Secret(strings.Repeat(string('A'+rune(f.keys-1)), 26))
}

// recoveryCode returns the nth recovery code of the authenticator.
func recoveryCode(n int) domain.Secret {
	five := strings.Repeat(string('A'+rune(n)), 5)
	return domain.Secret(strings.Join([]string{five, five, five, five, five}, "-"))
}

func (f *secondFactors) NewSecret(account domain.Email) (domain.TOTPEnrolment, error) {
	return domain.TOTPEnrolment{Secret: domain.Secret("secret of " + account)}, nil
}

func (f *secondFactors) Step(secret, code domain.Secret, now time.Time) (int64, bool) {
	for s := now.Unix()/30 - 1; secret != "" && s <= now.Unix()/30+1; s++ {
		if code == codeOf(s) {
			return s, true
		}
	}
	return 0, false
}

func (f *secondFactors) TOTP(_ context.Context, user domain.UserID) (domain.TOTP, int, error) {
	n := 0
	for _, of := range f.recovery {
		if of == user {
			n++
		}
	}
	t := f.totp[user]
	if f.unreadable {
		t.Secret = ""
		return t, n, domain.ErrTokenUnreadable
	}
	return t, n, nil
}

func (f *secondFactors) SaveTOTP(_ context.Context, t domain.TOTP) error {
	f.totp[t.User] = t
	return nil
}

func (f *secondFactors) RemoveTOTP(_ context.Context, user domain.UserID) error {
	delete(f.totp, user)
	return f.ReplaceRecoveryCodes(context.Background(), user, nil)
}

func (f *secondFactors) ReplaceRecoveryCodes(_ context.Context, user domain.UserID, hashes [][32]byte) error {
	for h, of := range f.recovery {
		if of == user {
			delete(f.recovery, h)
		}
	}
	for _, h := range hashes {
		f.recovery[h] = user
	}
	return nil
}

func (f *secondFactors) UseRecoveryCode(_ context.Context, user domain.UserID, hash [32]byte) (bool, error) {
	if f.recovery[hash] != user {
		return false, nil
	}
	delete(f.recovery, hash)
	return true, nil
}

func (f *secondFactors) AddSignInChallenge(_ context.Context, c domain.SignInChallenge, hash [32]byte) error {
	f.challenges[hash] = c
	return nil
}

func (f *secondFactors) SignInChallenge(_ context.Context, hash [32]byte) (domain.SignInChallenge, error) {
	if c, ok := f.challenges[hash]; ok {
		return c, nil
	}
	return domain.SignInChallenge{}, domain.ErrSignInChallengeInvalid
}

func (f *secondFactors) SaveWrongCodes(_ context.Context, hash [32]byte, wrongCodes int) error {
	c := f.challenges[hash]
	c.WrongCodes = wrongCodes
	f.challenges[hash] = c
	return nil
}

func (f *secondFactors) RemoveSignInChallenge(_ context.Context, hash [32]byte) error {
	delete(f.challenges, hash)
	return nil
}

func (f *secondFactors) RemoveExpiredSignInChallenges(_ context.Context, now time.Time) (int, error) {
	before := len(f.challenges)
	for h, c := range f.challenges {
		if !now.Before(c.ExpiresAt) {
			delete(f.challenges, h)
		}
	}
	return before - len(f.challenges), nil
}
