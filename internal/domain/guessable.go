package domain

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// shortestWord is the length of the shortest text, in characters, that is looked up in the
	// list of common passwords after something was removed from a password. What is left of a
	// mostly numeric password says nothing.
	shortestWord = 5
	// shortUnit is the length, in bytes, below which any text is guessable that only repeats.
	shortUnit = 8
)

// guessable reports whether a lowercase password is among the first that an attacker tries:
// common ones, also repeated, reversed, with digits for letters, with something before, behind
// or between the letters, palindromes, and walks over the keyboard.
func (p PasswordPolicy) guessable(s string) bool {
	if monotonous(s) || walks(s) || reversed(s) == s {
		return true
	}
	plain := unleet(s)
	return slices.ContainsFunc([]string{s, core(s), letters(s), plain, core(plain)}, p.common)
}

// common reports whether s is on the list, forwards or backwards, or repeats a text that is on
// it or very short: "abcabc" is as easy to guess as "abc".
func (p PasswordPolicy) common(s string) bool {
	if utf8.RuneCountInString(s) < shortestWord {
		return false
	}
	if p.Common(s) || p.Common(reversed(s)) {
		return true
	}
	unit := s[:strings.Index((s + s)[1:], s)+1]
	return unit != s && (len(unit) < shortUnit || p.Common(unit))
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

// letters returns the letters of s.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

// leet are the digits and signs that people write for letters.
var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// unleet returns s with letters for the digits and signs that stand for them inside of it. At
// its ends they are decoration.
func unleet(s string) string { return leet.Replace(strings.Trim(s, decoration)) }

// decoration are the characters that people put before and behind a word to make it a password.
const decoration = "0123456789!?.,-_*#$@&+=()/\\:;'\"~^% "

// core returns s without decoration and without walks over the keyboard at its ends.
func core(s string) string {
	for {
		before := len(s)
		s = strings.Trim(s, decoration)
		s = s[walkLength(s):]
		back := reversed(s)
		s = reversed(back[walkLength(back):])
		if len(s) == before {
			return s
		}
	}
}

// walkLength returns the length in bytes of the walk at the start of s, or 0 if it has fewer
// than 4 keys.
func walkLength(s string) int {
	runes := []rune(s)
	longest := 0
	for _, k := range keyboards {
		n := 1
		for n < len(runes) && k.neighbors(runes[n-1], runes[n]) {
			n++
		}
		longest = max(longest, n)
	}
	if longest < 4 {
		return 0
	}
	return len(string(runes[:min(longest, len(runes))]))
}

// walks reports whether s is typed by moving over a keyboard: at least seven of ten keys are
// next to the one before, or the same. In words, about one of six is.
func walks(s string) bool {
	runes := []rune(s)
	return len(runes) >= 4 && slices.ContainsFunc(keyboards, func(k keyboard) bool {
		near := 0
		for i := 1; i < len(runes); i++ {
			if k.neighbors(runes[i-1], runes[i]) {
				near++
			}
		}
		return 10*near >= 7*(len(runes)-1)
	})
}

// keyboard is where characters are on a keyboard.
type keyboard map[rune]key

type key struct{ row, column int }

// keyboards are QWERTY, QWERTZ and AZERTY: the keys with digits, without and with shift, and the
// rows of letters below them.
var keyboards = []keyboard{
	newKeyboard("1234567890", "!@#$%^&*()", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./"),
	newKeyboard("1234567890", "!\"§$%&/()=", "qwertzuiop", "asdfghjklö", "yxcvbnm,.-"),
	newKeyboard("1234567890", "&é\"'(-è_çà", "azertyuiop", "qsdfghjklm", "wxcvbn,;:!"),
}

func newKeyboard(digits, signs string, letters ...string) keyboard {
	k := keyboard{}
	k.add(0, digits)
	k.add(0, signs)
	for i, s := range letters {
		k.add(i+1, s)
	}
	return k
}

func (k keyboard) add(row int, characters string) {
	for column, r := range []rune(characters) {
		k[r] = key{row, column}
	}
}

// neighbors reports whether two characters are on the same key or on keys next to each other.
func (k keyboard) neighbors(a, b rune) bool {
	x, known := k[a]
	y, alsoKnown := k[b]
	return a == b || known && alsoKnown && abs(x.row-y.row) <= 1 && abs(x.column-y.column) <= 1
}

func abs(n int) int { return max(n, -n) }

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
