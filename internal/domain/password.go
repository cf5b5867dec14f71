package domain

import (
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
	case p.guessable(lower) || p.guessableWord(lower):
		return ErrPasswordTooCommon.At("password")
	case personal(lower, email, name):
		return ErrPasswordContainsPersonalInfo.At("password")
	}
	return nil
}

// tail is the characters that people append to a word to make it a password.
const tail = "0123456789!?.,-_*#$@ "

// keyboard is the letters in keyboard order.
const keyboard = "qwertyuiopasdfghjklzxcvbnm"

// guessable reports whether s is among the first passwords that an attacker tries.
func (p PasswordPolicy) guessable(s string) bool {
	return p.Common(s) || p.repeats(s) || monotonous(s) || strings.Contains(keyboard, s)
}

// guessableWord reports whether s is a guessable password followed by a tail.
func (p PasswordPolicy) guessableWord(s string) bool {
	const shortest = 6 // bytes; the rest of a mostly numeric password says nothing
	word := strings.TrimRight(s, tail)
	return len(word) >= shortest && p.guessable(word)
}

// repeats reports whether s repeats a common or very short text: "abcabc" is as easy to
// guess as "abc".
func (p PasswordPolicy) repeats(s string) bool {
	const short = 8 // bytes
	unit := s[:strings.Index((s + s)[1:], s)+1]
	return unit != s && (len(unit) < short || p.Common(unit))
}

// monotonous reports whether s has too few distinct characters, or only counts up or down
// the alphabet or the digits.
func monotonous(s string) bool {
	runes := []rune(s)
	distinct := map[rune]bool{}
	steps := 0
	for i, r := range runes {
		distinct[r] = true
		if i > 0 {
			switch r - runes[i-1] {
			case 1, -1, '0' - '9', '9' - '0':
				steps++
			}
		}
	}
	return len(distinct) < 5 || steps >= len(runes)-2
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
