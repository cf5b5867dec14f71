package domain_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestFoldText_FindsWhatPeopleType(t *testing.T) {
	t.Parallel()
	for name, typed := range map[string][]string{
		"Zoë Ångström":       {"zoe", "ZOE", "zoë", "angstrom", "A\u030angstro\u0308m", "zoe a"},
		"Åsa":                {"asa", "ÅSA", "åsa"},
		"Straße":             {"strasse", "STRASSE", "straße", "STRAẞE"},
		"Işık İnan":          {"isik", "ışık", "IŞIK", "inan", "İNAN", "INAN"},
		"Diyarbakır":         {"diyarbakir", "DİYARBAKIR", "DIYARBAKIR"},
		"Łukasz Søren":       {"lukasz", "soren", "ŁUKASZ"},
		"Ægir Þór":           {"aegir", "thor", "ÆGIR"},
		"Nguyễn Đức":         {"nguyen", "duc", "NGUYỄN"},
		"O’Brien–Smith":      {"o'brien", "o'brien-smith"},
		"Ёлкина Андрей":      {"елкина", "ЁЛКИНА", "андреи", "Андрей"},
		"Οδυσσεύς":           {"οδυσσευς", "ΟΔΥΣΣΕΥΣ"},
		"علی\u200cرضا":       {"علیرضا", "علی\u200cرضا"},
		"مُحَمَّد":           {"محمد"},
		"ガガ":                 {"ガ", "ｶﾞｶﾞ"},
		"김철수":                {"김", "김철수", "\u1100\u1175\u11b7"},
		"Ａｄａ  Lovelace":      {"ada lovelace", "Ada\u00a0Lovelace"},
		"ﬁona":               {"fiona"},
		"Ada 👩\u200d💻":       {"👩\u200d💻"},
		"क्\u200dषमा":        {"क्षमा", "क्\u200dष"},
		"ada\u00ad-lovelace": {"ada-lovelace"},
	} {
		for _, s := range typed {
			if !strings.Contains(domain.FoldText(name), domain.FoldText(s)) {
				t.Errorf("%q (%q) does not find %q (%q)", s, domain.FoldText(s), name, domain.FoldText(name))
			}
		}
	}
	for a, b := range map[string]string{"か": "が", "कि": "क", "Ada": "Ida", "ก": "กี"} {
		if domain.FoldText(a) == domain.FoldText(b) {
			t.Errorf("%q is the same as %q", a, b)
		}
	}
}

func TestFoldText_IsOneForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("aeIıİßÅéḍ̇ﷺ👩\u200d\u200c\u0301\u0327\u034f\ufe0f가각ガ۔ेक्")))).Draw(t, "text")
		key := domain.FoldText(s)
		if again := domain.FoldText(key); again != key || !utf8.ValidString(key) {
			t.Fatalf("%q folds to %q, and that to %q", s, key, again)
		}
		if other := domain.FoldText(norm.NFD.String(s)); other != key {
			t.Fatalf("%q folds to %q, and decomposed to %q", s, key, other)
		}
		clean := domain.CleanText(s)
		if again := domain.CleanText(clean); again != clean || !norm.NFC.IsNormalString(clean) || domain.FoldText(clean) != key {
			t.Fatalf("%q is cleaned to %q, and that to %q", s, clean, again)
		}
	})
}

func TestFoldText_KeepsInvalidText(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a\xff", "\xc3"} {
		if domain.FoldText(s) != s || domain.CleanText(s) != s {
			t.Errorf("%q is changed", s)
		}
	}
}

// An index of Postgres holds at most 2,704 bytes.
func TestNameKey_IsShort(t *testing.T) {
	t.Parallel()
	if n := len(domain.NameKey(strings.Repeat("ﷺ", 100))); n > 1000 {
		t.Errorf("the key has %d bytes", n)
	}
}

func TestNameKey_SortsNamesAsReadersExpect(t *testing.T) {
	t.Parallel()
	names := []string{"Zoë", "ada", "Ärzte", "Bo", "Aziz", "Éva", "İnci", "Ida", "eva 2", "Øystein", "Otto"}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(domain.NameKey(a), domain.NameKey(b)) })
	if got, want := strings.Join(names, " "), "ada Ärzte Aziz Bo Éva eva 2 Ida İnci Otto Øystein Zoë"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSearchKey_HasNameAndAddress(t *testing.T) {
	t.Parallel()
	if got := domain.SearchKey("Zoë  Adams", "z.adams@example.com"); got != "zoe adams z.adams@example.com" {
		t.Errorf("got %q", got)
	}
}

func TestParseText(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ in, want, code string }{
		"an empty text is accepted":            {"", "", ""},
		"line breaks and tabs are kept":        {"One\r\n\tTwo\n", "One\r\n\tTwo", ""},
		"a line separator is a line break":     {"a\u2028b", "a\nb", ""},
		"the limit counts composed characters": {strings.Repeat("e\u0301", 10), strings.Repeat("é", 10), ""},
		"the limit counts characters":          {strings.Repeat("é", 10), strings.Repeat("é", 10), ""},
		"a text beyond the limit is rejected":  {strings.Repeat("a", 11), "", "length"},
		"a right-to-left override is rejected": {"a\u202eb", "", "characters"},
		"an escape is rejected":                {"a\x1bb", "", "characters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := domain.ParseText("description", tt.in, 10)

			want := []string(nil)
			if tt.code != "" {
				want = []string{"description " + tt.code}
			}
			if got != tt.want || !cmp.Equal(want, fieldCodes(err)) {
				t.Errorf("ParseText(%q) = %q, %v; want %q, %v", tt.in, got, fieldCodes(err), tt.want, want)
			}
		})
	}
}

func TestPrefixEnd_IsTheFirstTextAfterThePrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"a": "b", "ada": "adb", "z": "{", "ad\x7f": "ad\u0080", "\u07ff": "\u0800", "\uffff": "\U00010000",
		"\ud7ff": "\ue000", "b\U0010ffff": "c", "b\U0010ffff\U0010ffff": "c",
		"\U0010ffff": strings.Repeat("\U0010ffff", 101), "": strings.Repeat("\U0010ffff", 101),
	} {
		if got := domain.PrefixEnd(prefix); got != want {
			t.Errorf("the end of %q is %q, want %q", prefix, got, want)
		}
	}
	runes := rapid.RuneFrom([]rune{'a', 'b', 'z', '\x7f', '\u0080', '\u07ff', '\ud7ff', '\ue000', '\uffff', '\U00010000', '\U0010fffe', '\U0010ffff'})
	texts := rapid.StringOfN(runes, 0, 5, -1)
	rapid.Check(t, func(r *rapid.T) {
		prefix, key := texts.Draw(r, "prefix"), texts.Draw(r, "key")
		if rapid.Bool().Draw(r, "starts") {
			key = prefix + key
		}
		end := domain.PrefixEnd(prefix)
		if got, want := prefix <= key && key < end, strings.HasPrefix(key, prefix); got != want || !utf8.ValidString(end) {
			r.Fatalf("with the end %q, %q starts with %q: %t, want %t", end, key, prefix, got, want)
		}
	})
}
