package domain

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// CleanText returns s in the form in which text is stored: in NFC, with plain spaces, and
// without surrounding spaces and invisible marks that keyboards and chats add. Two texts that
// look the same are then equal, and the length is what a reader counts. Joiners stay where a
// script or an emoji needs them. Invalid UTF-8 is returned as it is.
func CleanText(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case harmless(r):
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, s)
	// NFC after the marks are gone: one can stand between a letter and its accent.
	runes := []rune(norm.NFC.String(strings.TrimSpace(s)))
	var b strings.Builder
	for i, r := range runes {
		if !joiner(r) || joins(runes, i) {
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(norm.NFC.String(b.String()))
}

// harmless reports whether r is invisible and removing it changes nothing that is visible.
// Overrides are not harmless: text that contains them reads differently without them.
func harmless(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', // zero-width space, word joiner, byte order mark
		'\u00ad', '\u034f', // soft hyphen, grapheme joiner
		'\u200e', '\u200f', '\u061c', // marks of direction
		'\u202a', '\u202b', '\u202c', // embeddings, as phones add to names and numbers
		'\u2066', '\u2067', '\u2068', '\u2069': // isolates, as chats add to names
		return true
	}
	return false
}

func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// joins reports whether the joiner at i stands between two characters that it changes:
// letters of a cursive or Indic script, or emoji.
func joins(runes []rune, i int) bool {
	before := i - 1
	for before >= 0 && unicode.Is(unicode.Inherited, runes[before]) && !joiner(runes[before]) {
		before-- // an accent, or the selector of a variant
	}
	if before < 0 || i == len(runes)-1 {
		return false
	}
	a, b := runes[before], runes[i+1]
	tag := '\U000e0020' <= a && a <= '\U000e007f'
	return joined(a) && joined(b) || (tag || unicode.In(a, unicode.S)) && unicode.In(b, unicode.S)
}

// joined reports whether r is of a script whose letters joiners change.
func joined(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M) && !unicode.In(r, unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Han)
}

const maxKey = 100 // characters of a name

// NameKey returns the key by which a name is sorted: FoldText, up to a length that an index
// can hold.
func NameKey(name string) string {
	key := []rune(FoldText(name))
	return string(key[:min(len(key), maxKey)])
}

// SearchKey returns the text that is searched for FoldText of a part of a user's name or
// address. An index can hold it, as NameKey.
func SearchKey(name string, email Email) string { return NameKey(name) + " " + FoldText(string(email)) }

// PrefixEnd returns the first text after all keys that start with prefix, in the order of code
// points, which is that of bytes: a key k starts with prefix if prefix <= k < PrefixEnd(prefix).
func PrefixEnd(prefix string) string {
	runes := []rune(prefix)
	for i, r := range slices.Backward(runes) {
		switch {
		case r == '\ud7ff':
			return string(runes[:i]) + "\ue000" // text has no surrogates
		case r < unicode.MaxRune:
			return string(runes[:i]) + string(r+1)
		}
	}
	return strings.Repeat(string(unicode.MaxRune), maxKey+1) // longer than any key
}

// FoldText returns s for comparison: without case, accents, invisible characters and
// compatibility variants, so that "zoe" is in "Zoë", "strasse" in "Straße" and "isik" in
// "Işık". Keys in the database are in this form. It depends on no locale. Invalid UTF-8 is
// returned as it is.
func FoldText(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	s = cases.Fold().String(norm.NFKD.String(CleanText(s)))
	s = norm.NFKD.String(strings.ToLower(s)) // Fold exchanges the cases of Cherokee
	var b strings.Builder
	for _, r := range s {
		switch {
		case accent(r), joiner(r), unicode.In(r, unicode.Variation_Selector):
		case similar[r] != "":
			b.WriteString(similar[r])
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(strings.Join(strings.Fields(b.String()), " "))
}

// accent reports whether r is a mark that people leave out when they search. The voicing marks
// of kana and the vowels of Indic scripts are not.
func accent(r rune) bool {
	const voiced, semiVoiced, tatweel = '\u3099', '\u309a', '\u0640'
	return unicode.Is(unicode.Mn, r) && r != voiced && r != semiVoiced &&
		unicode.In(r, unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew) || r == tatweel
}

// similar is the letters and signs that people type for others, where Unicode knows no
// decomposition.
var similar = map[rune]string{
	'ı': "i", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'æ': "ae", 'œ': "oe", 'þ': "th",
	'’': "'", '‘': "'", 'ʼ': "'", 'ʻ': "'", '`': "'", '´': "'",
	'‐': "-", '‒': "-", '–': "-", '—': "-",
}
