package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/gradus-dev/gradus/internal/domain"
)

// distinct returns n distinct code points, starting with r.
func distinct(r rune, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteRune(r + rune(i*3%n)) // in steps of three, so that they do not count up
	}
	return b.String()
}

func TestPasswordPolicy_Check(t *testing.T) {
	t.Parallel()

	common := map[string]bool{"password": true, "correct horse battery staple": true, "blink182blink182": true}
	policy := domain.PasswordPolicy{MinLength: 15, Common: func(s string) bool { return common[s] }}

	tests := map[string]struct {
		password    string
		email, name string
		want        error
		code        string
	}{
		"a few unrelated words are accepted":                 {password: "seven quiet otters"},
		"the normal form is counted":                         {password: strings.Repeat("e\u0301", 14), want: domain.ErrPasswordTooShort, code: "password_too_short"},
		"256 letters with accents apart are accepted":        {password: norm.NFD.String(strings.Repeat("éàüñçôïx", 32))},
		"a common password in full width is rejected":        {password: "ｃorrect horse\u00a0battery staple", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"15 characters are accepted":                         {password: "sqot-wxuv-lmb-p"},
		"14 characters are too short":                        {password: "sqot-wxuv-lmb-", want: domain.ErrPasswordTooShort, code: "password_too_short"},
		"an empty password is too short":                     {password: "", want: domain.ErrPasswordTooShort, code: "password_too_short"},
		"64 code points are accepted":                        {password: distinct('a', 64)},
		"256 code points are accepted":                       {password: distinct('一', 256)},
		"256 emoji of four bytes are accepted":               {password: distinct('\U0001f300', 256)},
		"257 code points are too long":                       {password: distinct('一', 257), want: domain.ErrPasswordTooLong, code: "password_too_long"},
		"15 emoji count as 15 characters":                    {password: distinct('\U0001f300', 15)},
		"14 emoji are 56 bytes and still too short":          {password: distinct('\U0001f300', 14), want: domain.ErrPasswordTooShort, code: "password_too_short"},
		"leading and trailing spaces count":                  {password: " sqot-wxuv-lmb "},
		"no kind of character is required":                   {password: "onlylowercaselettersinhere"},
		"a common password is rejected":                      {password: "correct horse battery staple", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password in uppercase is rejected":         {password: "Correct Horse Battery STAPLE", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password twice is rejected":                {password: "PasswordPassword", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password that repeats is rejected":         {password: "Blink182Blink182", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password backwards is rejected":            {password: "elpats yrettab esroh tcerroc", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password in the middle is rejected":        {password: "2026-11-29 password !!", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password between signs is rejected":        {password: "p.a.s.s.w.o.r.d 1984", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password with digits is rejected":          {password: "P@55w0rd1234567", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password after a walk is rejected":         {password: "qwertypasswordpoiu", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password and a separator are rejected":     {password: "password-password", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password in front of words is accepted":    {password: "password of seven otters"},
		"digits and a row of the keyboard are rejected":      {password: "1234567890qwertyuiop", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a walk in zigzag is rejected":                       {password: "q1w2e3r4t5y6u7i8", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"columns of the keyboard are rejected":               {password: "1qaz2wsx3edc4rfv", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"columns of a German keyboard are rejected":          {password: "1qay2wsx3edc4rfv", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a row of a French keyboard is rejected":             {password: "azertyuiopqsdfghj", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a walk with shift is rejected":                      {password: "!QAZ@WSX#EDC$RFV", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a palindrome is rejected":                           {password: "mississippippississim", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"words with neighbors on the keyboard are accepted":  {password: "free trees were great"},
		"a common password with trailing digits is rejected": {password: "correct horse battery staple 2026!!", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a long number is accepted":                          {password: "7493 8472 9374 0"},
		"keyboard rows are rejected":                         {password: "qwertyuiopasdfgh", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a repeated short word is rejected":                  {password: "dragondragondragon", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"one repeated character is rejected":                 {password: strings.Repeat("z", 20), want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"four repeated characters are rejected":              {password: strings.Repeat("wxyq", 5), want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"ascending digits are rejected":                      {password: "1234567890123456", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"the descending alphabet is rejected":                {password: "zyxwvutsrqponmlk", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"the name of the product is rejected":                {password: "my Gradus otters live", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"the name WakaTime is rejected":                      {password: "my wakatime otters live", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"the local part of the email address is rejected":    {password: "otters like Lovelace so", email: "lovelace@example.com", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"a part of the name is rejected":                     {password: "otters like Zuse so much", name: "Konrad Zuse", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"a name in another script is rejected":               {password: "выдры любят Настю очень", name: "Настю Иванова", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"a short name is accepted":                           {password: "radar of the lighthouse", email: "ada@example.com", name: "Ada Li"},
		"the domain of the email address is accepted":        {password: "an example of seven otters", email: "ada@example.com"},
		"invalid UTF-8 is rejected":                          {password: "seven quiet otters\xff", want: domain.ErrInvalid, code: "characters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := policy.Check(domain.Secret(tt.password), domain.Email(tt.email), tt.name)

			if !errors.Is(err, tt.want) {
				t.Fatalf("Check: %v, want %v", err, tt.want)
			}
			var want []string
			if tt.code != "" {
				want = []string{"password " + tt.code}
			}
			if diff := cmp.Diff(want, fieldCodes(err)); diff != "" {
				t.Errorf("Check (-want +got):\n%s", diff)
			}
			if err != nil && tt.password != "" && strings.Contains(err.Error(), tt.password) {
				t.Errorf("the error contains the password: %v", err)
			}
		})
	}

	t.Run("a breached password is rejected", func(t *testing.T) {
		t.Parallel()

		fault := errors.New("disk full")
		p := policy
		p.Breached = func(s string) (bool, error) {
			if s == "Seven Quiet Otters" {
				return true, nil
			}
			return false, fault
		}
		if err := p.Check("Seven Quiet Otters", "", ""); !errors.Is(err, domain.ErrPasswordTooCommon) {
			t.Errorf("Check: %v, want %v", err, domain.ErrPasswordTooCommon)
		}
		if err := p.Check("eight quiet otters", "", ""); !errors.Is(err, fault) || !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("Check: %v, want the error of the list, and %v", err, domain.ErrUnavailable)
		}
	})
	t.Run("an empty password is rejected even without a minimum length", func(t *testing.T) {
		t.Parallel()

		lax := domain.PasswordPolicy{Common: policy.Common}
		if err := lax.Check("", "", ""); !errors.Is(err, domain.ErrPasswordTooShort) {
			t.Errorf("Check: %v, want %v", err, domain.ErrPasswordTooShort)
		}
	})
}
