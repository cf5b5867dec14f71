package domain

import (
	"strings"
	"unicode/utf8"
)

// Failures of passwords.
var (
	ErrPasswordTooShort             = define(KindInvalid, "password_too_short", "This password is too short.")
	ErrPasswordTooLong              = define(KindInvalid, "password_too_long", "This password is too long: at most 256 characters.")
	ErrPasswordTooCommon            = define(KindInvalid, "password_too_common", "This password is among the first that an attacker tries. Use a few unrelated words.")
	ErrPasswordContainsPersonalInfo = define(KindInvalid, "password_contains_personal_info", "This password holds your name, your e-mail address or the name of this service. Use a few unrelated words.")
)

const maxPasswordLength = 256 // code points

// PasswordPolicy is what a new password must meet, after NIST SP 800-63B-4: length
// and not being guessable, no forced kinds of characters.
type PasswordPolicy struct {
	MinLength int                         // code points
	Common    func(lowerCase string) bool // whether it is on a list of common passwords
}

// Check tests a new password of a person, exactly as typed.
// Errors: ErrPasswordTooShort, ErrPasswordTooLong, ErrPasswordTooCommon,
// ErrPasswordContainsPersonalInfo, each for the field password.
func (p PasswordPolicy) Check(password Secret, email Email, name string) error {
	s := password.Reveal()
	lower := strings.ToLower(s)
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s):
		return wrong("password", "characters", "A password must be valid Unicode text.")
	case n == 0, n < p.MinLength:
		return ErrPasswordTooShort.Withf("This password has %d characters; at least %d are needed. Length is all that counts: a few unrelated words do.", n, p.MinLength).At("password")
	case n > maxPasswordLength:
		return ErrPasswordTooLong.At("password")
	case p.guessable(lower) || p.guessableWord(lower):
		return ErrPasswordTooCommon.At("password")
	case personal(lower, email, name):
		return ErrPasswordContainsPersonalInfo.At("password")
	}
	return nil
}

// tail is what people append to a word to make it a password.
const tail = "0123456789!?.,-_*#$@ "

// keyboard is the rows of letters as fingers run over them.
const keyboard = "qwertyuiopasdfghjklzxcvbnm"

// guessable reports whether s is among the first texts that an attacker tries.
func (p PasswordPolicy) guessable(s string) bool {
	return p.Common(s) || p.repeats(s) || monotonous(s) || strings.Contains(keyboard, s)
}

// guessableWord reports whether s is such a text with a tail behind it.
func (p PasswordPolicy) guessableWord(s string) bool {
	const shortest = 6 // bytes; what is left of mere numbers says nothing
	word := strings.TrimRight(s, tail)
	return len(word) >= shortest && p.guessable(word)
}

// repeats reports whether s is a common or a very short text over and over: "abcabc"
// is as easily guessed as "abc".
func (p PasswordPolicy) repeats(s string) bool {
	const short = 8 // bytes
	unit := s[:strings.Index((s + s)[1:], s)+1]
	return unit != s && (len(unit) < short || p.Common(unit))
}

// monotonous reports whether s has too few different characters, or only runs up
// or down the alphabet or the digits.
func monotonous(s string) bool {
	runes := []rune(s)
	different := map[rune]bool{}
	steps := 0
	for i, r := range runes {
		different[r] = true
		if i > 0 {
			switch r - runes[i-1] {
			case 1, -1, '0' - '9', '9' - '0':
				steps++
			}
		}
	}
	return len(different) < 5 || steps >= len(runes)-2
}

func personal(lower string, email Email, name string) bool {
	words := append([]string{"gradus", "wakatime", email.LocalPart()}, strings.Fields(strings.ToLower(name))...)
	for _, w := range words {
		// Short names stand in many words; they say nothing.
		if utf8.RuneCountInString(w) >= 4 && strings.Contains(lower, w) {
			return true
		}
	}
	return false
}
