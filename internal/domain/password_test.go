package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

// distinct returns n different code points from r on.
func distinct(r rune, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteRune(r + rune(i*3%n)) // steps of three, so that they do not run upwards
	}
	return b.String()
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()

	common := map[string]bool{"password": true, "correct horse battery staple": true, "blink182blink182": true}
	policy := domain.PasswordPolicy{MinLength: 15, Common: func(s string) bool { return common[s] }}

	tests := map[string]struct {
		password    string
		email, name string
		want        error
		code        string
	}{
		"a few unrelated words pass":                       {password: "seven quiet otters"},
		"15 characters pass":                               {password: "sqot-wxuv-lmb-p"},
		"14 characters are too short":                      {password: "sqot-wxuv-lmb-", want: domain.ErrPasswordTooShort, code: "password_too_short"},
		"nothing is too short":                             {password: "", want: domain.ErrPasswordTooShort, code: "password_too_short"},
		"64 code points pass":                              {password: distinct('a', 64)},
		"256 code points pass":                             {password: distinct('一', 256)},
		"256 emoji of four bytes pass":                     {password: distinct('\U0001f300', 256)},
		"257 code points are too long":                     {password: distinct('一', 257), want: domain.ErrPasswordTooLong, code: "password_too_long"},
		"15 emoji count as 15 characters":                  {password: distinct('\U0001f300', 15)},
		"14 emoji are 56 bytes and still too short":        {password: distinct('\U0001f300', 14), want: domain.ErrPasswordTooShort, code: "password_too_short"},
		"spaces at the ends count as typed":                {password: " sqot-wxuv-lmb "},
		"no kind of character is forced":                   {password: "onlylowercaselettersinhere"},
		"a common password is refused":                     {password: "correct horse battery staple", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password in capitals is refused":         {password: "Correct Horse Battery STAPLE", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password twice is refused":               {password: "PasswordPassword", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password that repeats itself is refused": {password: "Blink182Blink182", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a common password with digits behind is refused":  {password: "correct horse battery staple 2026!!", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a long number is not a common word":               {password: "7493 8472 9374 0"},
		"the rows of the keyboard are refused":             {password: "qwertyuiopasdfgh", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"a short word over and over is refused":            {password: "dragondragondragon", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"one character over and over is refused":           {password: strings.Repeat("z", 20), want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"four characters over and over are refused":        {password: strings.Repeat("wxyq", 5), want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"the digits upwards are refused":                   {password: "1234567890123456", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"the alphabet downwards is refused":                {password: "zyxwvutsrqponmlk", want: domain.ErrPasswordTooCommon, code: "password_too_common"},
		"the product's name is refused":                    {password: "my Gradus otters live", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"the upstream's name is refused":                   {password: "my wakatime otters live", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"the local part of the e-mail address is refused":  {password: "otters like Lovelace so", email: "lovelace@example.com", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"a part of the name is refused":                    {password: "otters like Zuse so much", name: "Konrad Zuse", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"a name in another script is refused":              {password: "выдры любят Настю очень", name: "Настю Иванова", want: domain.ErrPasswordContainsPersonalInfo, code: "password_contains_personal_info"},
		"a short name stands in many words":                {password: "radar of the lighthouse", email: "ada@example.com", name: "Ada Li"},
		"the domain of the e-mail address says nothing":    {password: "an example of seven otters", email: "ada@example.com"},
		"bytes that are no text are refused":               {password: "seven quiet otters\xff", want: domain.ErrInvalid, code: "characters"},
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
				t.Errorf("Check repeats the password: %v", err)
			}
		})
	}

	t.Run("without a shortest length nothing is still refused", func(t *testing.T) {
		t.Parallel()

		lax := domain.PasswordPolicy{Common: policy.Common}
		if err := lax.Check("", "", ""); !errors.Is(err, domain.ErrPasswordTooShort) {
			t.Errorf("Check: %v, want %v", err, domain.ErrPasswordTooShort)
		}
	})
}
