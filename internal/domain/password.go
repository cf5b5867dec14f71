package domain

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Errors of passwords.
var (
	ErrPasswordTooShort             = define(KindInvalid, "password_too_short", "The password is too short.")
	ErrPasswordTooLong              = define(KindInvalid, "password_too_long", "The password is too long. Use at most 256 characters.")
	ErrPasswordTooCommon            = define(KindInvalid, "password_too_common", "The password is easy to guess. Use a few unrelated words.")
	ErrCurrentPasswordWrong         = define(KindInvalid, "current_password_wrong", "The current password is wrong. Your password was not changed.")
	ErrPasswordContainsPersonalInfo = define(KindInvalid, "password_contains_personal_info", "The password contains your name, your email address or the name of this service. Use a few unrelated words.")
)

const maxPasswordLength = 256 // code points

// NormalizePassword returns a password in the form that is hashed: NFKC, as NIST SP 800-63B-4
// recommends. Keyboards and systems send accents, spaces and full-width letters in different
// forms. Invalid UTF-8 is returned as it is.
func NormalizePassword(p Secret) Secret {
	if !utf8.ValidString(p.Reveal()) {
		return p
	}
	return Secret(norm.NFKC.String(p.Reveal()))
}

// PasswordPolicy holds the requirements for new passwords, following NIST SP 800-63B-4: a
// minimum length and no guessable passwords, but no required kinds of characters.
type PasswordPolicy struct {
	MinLength int                         // code points
	Common    func(lowercase string) bool // reports whether a password is common
	// Breached reports whether a password, exactly as it is, is in a list of breached ones.
	// It can be nil.
	Breached func(password string) (bool, error)
}

// Check validates a new password, in its normal form and otherwise exactly as typed.
// Errors: ErrPasswordTooShort, ErrPasswordTooLong, ErrPasswordTooCommon,
// ErrPasswordContainsPersonalInfo, each for the field password.
func (p PasswordPolicy) Check(password Secret, email Email, name string) error {
	s := NormalizePassword(password).Reveal()
	lower := strings.ToLower(s)
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s):
		return invalid("password", "characters", "The password must be valid Unicode text.")
	case n == 0, n < p.MinLength:
		return ErrPasswordTooShort.Withf("The password has %d characters, but needs at least %d. A few unrelated words are enough.", n, p.MinLength).At("password")
	case n > maxPasswordLength:
		return ErrPasswordTooLong.At("password")
	case p.guessable(lower):
		return ErrPasswordTooCommon.At("password")
	case personal(lower, email, name):
		return ErrPasswordContainsPersonalInfo.At("password")
	}
	return p.checkBreaches(s)
}

func (p PasswordPolicy) checkBreaches(s string) error {
	if p.Breached == nil {
		return nil
	}
	breached, err := p.Breached(s)
	if err != nil {
		return fmt.Errorf("look for the password among breached ones: %w: %w", ErrUnavailable, err)
	}
	if breached {
		return ErrPasswordTooCommon.Withf("The password is in a list of passwords that were stolen from other services. Use another one, and change it wherever you use it.").At("password")
	}
	return nil
}

func personal(lower string, email Email, name string) bool {
	words := append([]string{"gradus", "wakatime", email.LocalPart()}, strings.Fields(strings.ToLower(name))...)
	for _, w := range words {
		// Short names occur in many unrelated words.
		if utf8.RuneCountInString(w) >= 4 && strings.Contains(lower, w) {
			return true
		}
	}
	return false
}
