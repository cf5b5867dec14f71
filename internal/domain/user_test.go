package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// fieldCodes lists the fields of an error as "field code".
func fieldCodes(err error) []string {
	var out []string
	if e, ok := errors.AsType[*domain.Error](err); ok {
		for _, f := range e.Fields {
			out = append(out, f.Field+" "+f.Code)
		}
	}
	return out
}

func TestParseEmail(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		in   string
		want domain.Email // empty: rejected
	}{
		"a normalized address is unchanged":            {"ada@example.com", "ada@example.com"},
		"case is ignored":                              {"Ada@EXAMPLE.com", "ada@example.com"},
		"surrounding spaces and tabs are removed":      {" \tada@example.com\t ", "ada@example.com"},
		"a tag is kept":                                {"ada+gradus@example.com", "ada+gradus@example.com"},
		"an apostrophe is accepted":                    {"o'brien@example.ie", "o'brien@example.ie"},
		"Punycode is accepted":                         {"ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"},
		"64 characters before the @ are accepted":      {strings.Repeat("a", 64) + "@example.com", domain.Email(strings.Repeat("a", 64) + "@example.com")},
		"65 characters before the @ are rejected":      {strings.Repeat("a", 65) + "@example.com", ""},
		"254 characters are accepted":                  {"ada@" + strings.Repeat("a23456789.", 24) + "a234567.io", domain.Email("ada@" + strings.Repeat("a23456789.", 24) + "a234567.io")},
		"255 characters are rejected":                  {"ada@" + strings.Repeat("a23456789.", 24) + "a2345678.io", ""},
		"a dotless i is rejected":                      {"adı@example.com", ""},
		"a dotted capital I is rejected":               {"İda@example.com", ""},
		"a Kelvin sign is a K, by definition":          {"\u212aate@example.com", "kate@example.com"},
		"a Cyrillic a is rejected":                     {"\u0430da@example.com", ""},
		"full-width letters are rejected":              {"ａｄａ@example.com", ""},
		"a full-width @ is rejected":                   {"ada＠example.com", ""},
		"a full-width full stop is rejected":           {"ada@example．com", ""},
		"a combining accent is rejected":               {"ada\u0301@example.com", ""},
		"surrounding no-break spaces are removed":      {"ada@example.com\u00a0", "ada@example.com"},
		"a zero-width space is removed":                {"ad\u200ba@example.com", "ada@example.com"},
		"an isolated address is accepted":              {"\u2068ada@example.com\u2069", "ada@example.com"},
		"a right-to-left override is rejected":         {"\u202eada@example.com", ""},
		"a dot at the end of the host is rejected":     {"ada@example.com.", ""},
		"a space inside is rejected":                   {"a da@example.com", ""},
		"a line break at the end is removed":           {"ada@example.com\n", "ada@example.com"},
		"a line break inside is rejected":              {"ada@exam\nple.com", ""},
		"a NUL is rejected":                            {"ada\x00@example.com", ""},
		"invalid UTF-8 is rejected":                    {"ada\xff@example.com", ""},
		"a second @ is rejected":                       {"ada@b@example.com", ""},
		"quotes are rejected":                          {`"ada"@example.com`, ""},
		"a name beside the address is rejected":        {"Ada <ada@example.com>", ""},
		"an address without a host is rejected":        {"ada@", ""},
		"an address without a name is rejected":        {"@example.com", ""},
		"a host of one label is rejected":              {"ada@localhost", ""},
		"an address literal is rejected":               {"ada@[127.0.0.1]", ""},
		"two dots in a row before the @ are rejected":  {"a..da@example.com", ""},
		"two dots in a row after the @ are rejected":   {"ada@example..com", ""},
		"a leading dot is rejected":                    {".ada@example.com", ""},
		"a dot before the @ is rejected":               {"ada.@example.com", ""},
		"a label that starts with a dash is rejected":  {"ada@-example.com", ""},
		"a label that ends with a dash is rejected":    {"ada@example-.com", ""},
		"an underscore in the host is rejected":        {"ada@exa_mple.com", ""},
		"a label of 64 characters is rejected":         {"ada@" + strings.Repeat("a", 64) + ".com", ""},
		"an empty string is rejected":                  {"", ""},
		"a word is rejected":                           {"ada", ""},
		"a percent sign and an ampersand are accepted": {"a%b&c@example.com", "a%b&c@example.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := domain.ParseEmail("email", tt.in)

			if got != tt.want {
				t.Errorf("ParseEmail(%q) = %q, want %q", tt.in, got, tt.want)
			}
			want := []string(nil)
			if tt.want == "" {
				want = []string{"email email_invalid"}
			}
			if diff := cmp.Diff(want, fieldCodes(err)); diff != "" {
				t.Errorf("ParseEmail(%q): invalid fields (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestParseEmail_NormalizesToASCII(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[ \t]{0,2}[a-zA-Z0-9.+ıİKéａ-]{1,8}@[a-zA-Z0-9.ı-]{1,8}\.[a-zA-Z．.]{1,4}[ \t]{0,2}`),
		).Draw(t, "typed")
		e, err := domain.ParseEmail("email", s)
		if err != nil {
			return
		}
		for _, r := range string(e) {
			if r > 127 || r <= ' ' || 'A' <= r && r <= 'Z' {
				t.Fatalf("%q was parsed as %q", s, e)
			}
		}
		if again, err := domain.ParseEmail("email", string(e)); err != nil || again != e {
			t.Fatalf("%q was parsed as %q, and that as %q, %v", s, e, again, err)
		}
	})
}

func TestParseName(t *testing.T) {
	t.Parallel()

	const wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
	tests := map[string]struct {
		in, want string
		code     string // empty: accepted
	}{
		"an apostrophe":                         {in: "O'Brien", want: "O'Brien"},
		"an accent in one character":            {in: "Jos\u00e9", want: "Jos\u00e9"},
		"an accent in two characters":           {in: "Jose\u0301", want: "Jos\u00e9"},
		"one character":                         {in: "李", want: "李"},
		"Arabic, which runs from right to left": {in: "محمد", want: "محمد"},
		"Persian with a zero-width non-joiner":  {in: "علی\u200cرضا", want: "علی\u200cرضا"},
		"Devanagari with a zero-width joiner":   {in: "क्\u200dष", want: "क्\u200dष"},
		"a family of joined emoji":              {in: "Ada 👩\u200d💻", want: "Ada 👩\u200d💻"},
		"a flag made of tags":                   {in: "Dylan " + wales, want: "Dylan " + wales},
		"surrounding spaces are removed":        {in: "  Ada\u00a0", want: "Ada"},
		"100 characters of four bytes":          {in: strings.Repeat("👩", 100), want: strings.Repeat("👩", 100)},
		"101 characters are rejected":           {in: strings.Repeat("a", 101), code: "length"},
		"an empty name is rejected":             {in: "", code: "length"},
		"a name of spaces is rejected":          {in: " \t\n ", code: "length"},
		"a line break is rejected":              {in: "Ada\nLovelace", code: "characters"},
		"a NUL is rejected":                     {in: "Ada\x00", code: "characters"},
		"an escape is rejected":                 {in: "\x1b[31mAda", code: "characters"},
		"a right-to-left override is rejected":  {in: "Ada\u202egnp.exe", code: "characters"},
		"the isolates of a chat are removed":    {in: "\u2068Ada\u2069", want: "Ada"},
		"the embedding of a phone is removed":   {in: "\u202aAda\u202c", want: "Ada"},
		"a right-to-left mark is removed":       {in: "Ada\u200fx", want: "Adax"},
		"an Arabic letter mark is removed":      {in: "Ada\u061cx", want: "Adax"},
		"a zero-width space is removed":         {in: "Ad\u200ba", want: "Ada"},
		"a byte order mark is removed":          {in: "\ufeffAda", want: "Ada"},
		"a soft hyphen is removed":              {in: "A\u00adda", want: "Ada"},
		"a word joiner is removed":              {in: "A\u2060da", want: "Ada"},
		"a joiner between Latin letters":        {in: "A\u200dd\u200ca", want: "Ada"},
		"a joiner at the end":                   {in: "علی\u200c", want: "علی"},
		"a mark between letter and accent":      {in: "Jose\u034f\u0301", want: "Jos\u00e9"},
		"a no-break space is a space":           {in: "Ada\u00a0Lovelace", want: "Ada Lovelace"},
		"an ideographic space is a space":       {in: "山田\u3000太郎", want: "山田 太郎"},
		"a couple of joined emoji":              {in: "👩\u200d❤\ufe0f\u200d👩", want: "👩\u200d❤\ufe0f\u200d👩"},
		"joined emoji with a skin tone":         {in: "👩🏽\u200d💻", want: "👩🏽\u200d💻"},
		"100 letters, with 100 accents apart":   {in: strings.Repeat("e\u0301", 100), want: strings.Repeat("é", 100)},
		"marks do not count":                    {in: strings.Repeat("a\u200b", 100), want: strings.Repeat("a", 100)},
		"a Hangul filler is rejected":           {in: "\u3164", code: "characters"},
		"a line separator is rejected":          {in: "Ada\u2028Lovelace", code: "characters"},
		"joiners alone are rejected":            {in: "\u200d\u200c", code: "length"},
		"combining marks alone are rejected":    {in: "\u0301\ufe0f", code: "characters"},
		"invalid UTF-8 is rejected":             {in: "Ada\xff", code: "characters"},
		"a left-to-right override is rejected":  {in: "Ada\u202dx\u202c", code: "characters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := domain.ParseName("name", tt.in)

			if got != tt.want {
				t.Errorf("ParseName(%q) = %q, want %q", tt.in, got, tt.want)
			}
			want := []string(nil)
			if tt.code != "" {
				want = []string{"name " + tt.code}
			}
			if diff := cmp.Diff(want, fieldCodes(err)); diff != "" {
				t.Errorf("ParseName(%q): invalid fields (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestNewUser(t *testing.T) {
	t.Parallel()

	policy := domain.PasswordPolicy{MinLength: 15, Common: func(string) bool { return false }}
	good := domain.Applicant{Email: "Ada@Example.com", Name: " Ada ", TimeZone: new("Asia/Kathmandu"), Password: "seven quiet otters"}
	id := domain.UserID{1}

	t.Run("an applicant becomes a member", func(t *testing.T) {
		t.Parallel()

		got, err := domain.NewUser(id, good, policy, noon)

		want := domain.User{ID: id, Email: "ada@example.com", Name: "Ada", Role: domain.RoleMember, TimeZone: "Asia/Kathmandu", CreatedAt: noon, Version: 1}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("NewUser: error %v (-want +got):\n%s", err, diff)
		}
	})
	t.Run("the time zone defaults to UTC", func(t *testing.T) {
		t.Parallel()

		a := good
		a.TimeZone = nil
		if got, err := domain.NewUser(id, a, policy, noon); got.TimeZone != domain.UTC || err != nil {
			t.Errorf("NewUser: zone %q, error %v", got.TimeZone, err)
		}
	})
	t.Run("all invalid fields are reported at once", func(t *testing.T) {
		t.Parallel()

		got, err := domain.NewUser(id, domain.Applicant{Email: "ada", TimeZone: new("Mars"), Password: "short"}, policy, noon)

		want := []string{"email email_invalid", "name length", "time_zone time_zone_unknown", "password password_too_short"}
		if diff := cmp.Diff(want, fieldCodes(err)); diff != "" || !errors.Is(err, domain.ErrInvalid) || got != (domain.User{}) {
			t.Errorf("NewUser: %+v, error %v (-want +got):\n%s", got, err, diff)
		}
	})
	t.Run("a single invalid field keeps its code", func(t *testing.T) {
		t.Parallel()

		a := good
		a.Password = "ada lovelace was here"
		a.Name = "Ada Lovelace"
		if _, err := domain.NewUser(id, a, policy, noon); !errors.Is(err, domain.ErrPasswordContainsPersonalInfo) {
			t.Errorf("NewUser: error %v", err)
		}
	})
}

func TestUser_Update(t *testing.T) {
	t.Parallel()

	ada := domain.User{Name: "Ada", TimeZone: domain.UTC}
	tests := map[string]struct {
		update  domain.ProfileUpdate
		want    domain.User
		changed bool
		invalid []string
	}{
		"an empty update changes nothing":   {want: ada},
		"the same values change nothing":    {update: domain.ProfileUpdate{Name: new(" Ada "), TimeZone: new("UTC")}, want: ada},
		"a new name is set":                 {update: domain.ProfileUpdate{Name: new("Ada L")}, want: domain.User{Name: "Ada L", TimeZone: domain.UTC}, changed: true},
		"a new time zone is set":            {update: domain.ProfileUpdate{TimeZone: new("Asia/Kathmandu")}, want: domain.User{Name: "Ada", TimeZone: "Asia/Kathmandu"}, changed: true},
		"one invalid field changes nothing": {update: domain.ProfileUpdate{Name: new("Ada L"), TimeZone: new("Mars")}, want: ada, invalid: []string{"time_zone time_zone_unknown"}},
		"all invalid fields are reported":   {update: domain.ProfileUpdate{Name: new(""), TimeZone: new("")}, want: ada, invalid: []string{"name length", "time_zone time_zone_unknown"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := ada
			changed, err := got.Update(tt.update)

			if got != tt.want || changed != tt.changed {
				t.Errorf("Update: %+v changed %t, want %+v changed %t", got, changed, tt.want, tt.changed)
			}
			if diff := cmp.Diff(tt.invalid, fieldCodes(err)); diff != "" {
				t.Errorf("Update: invalid fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUser_ChangeRole(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		from, to domain.Role
		want     error
		changed  bool
	}{
		"a member becomes an instructor": {from: domain.RoleMember, to: domain.RoleInstructor, changed: true},
		"an instructor becomes an admin": {from: domain.RoleInstructor, to: domain.RoleAdmin, changed: true},
		"a student becomes a member":     {from: domain.RoleStudent, to: domain.RoleMember, changed: true},
		"the same role changes nothing":  {from: domain.RoleStudent, to: domain.RoleStudent},
		"the role student is rejected":   {from: domain.RoleMember, to: domain.RoleStudent, want: domain.ErrStudentRoleRequiresEnrolment},
		"the role system is rejected":    {from: domain.RoleAdmin, to: domain.RoleSystem, want: domain.ErrInvalid},
		"the role anyone is rejected":    {from: domain.RoleAdmin, to: domain.RoleAnyone, want: domain.ErrInvalid},
		"an unknown role is rejected":    {from: domain.RoleAdmin, to: "boss", want: domain.ErrInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			u := domain.User{Role: tt.from}
			changed, err := u.ChangeRole(tt.to)

			want := tt.from
			if tt.changed {
				want = tt.to
			}
			if !errors.Is(err, tt.want) || changed != tt.changed || u.Role != want {
				t.Errorf("ChangeRole: role %q changed %t, error %v; want %q, %t, %v", u.Role, changed, err, want, tt.changed, tt.want)
			}
			if tt.want != nil && len(fieldCodes(err)) != 1 {
				t.Errorf("ChangeRole: invalid fields %v, want the role", fieldCodes(err))
			}
		})
	}
}

func TestCheckLastAdmin(t *testing.T) {
	t.Parallel()

	ada, bob := domain.UserID{1}, domain.UserID{2}
	tests := map[string]struct {
		admins []domain.UserID
		user   domain.UserID
		want   error
	}{
		"one of two admins is accepted":          {[]domain.UserID{ada, bob}, ada, nil},
		"the last admin is rejected":             {[]domain.UserID{ada}, ada, domain.ErrLastAdmin},
		"a user who is not an admin is accepted": {[]domain.UserID{ada}, bob, nil},
		"there may be no admins at all":          {nil, ada, nil},
		"a suspended admin is not counted":       {[]domain.UserID{bob}, ada, nil},
		"a third user is accepted":               {[]domain.UserID{bob, ada}, domain.UserID{3}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if err := domain.CheckLastAdmin(tt.admins, tt.user); !errors.Is(err, tt.want) {
				t.Errorf("CheckLastAdmin: %v, want %v", err, tt.want)
			}
		})
	}
}

func TestUser_Enrol(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		role, after domain.Role
		want        error
	}{
		"a member becomes a student":                {domain.RoleMember, domain.RoleStudent, nil},
		"a student is already enrolled":             {domain.RoleStudent, domain.RoleStudent, domain.ErrAlreadyEnrolled},
		"an instructor is rejected":                 {domain.RoleInstructor, domain.RoleInstructor, domain.ErrForbidden},
		"an admin is rejected":                      {domain.RoleAdmin, domain.RoleAdmin, domain.ErrForbidden},
		"the system is rejected":                    {domain.RoleSystem, domain.RoleSystem, domain.ErrForbidden},
		"a caller who is not signed in is rejected": {domain.RoleAnyone, domain.RoleAnyone, domain.ErrForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			u := domain.User{Role: tt.role}
			if err := u.Enrol(); !errors.Is(err, tt.want) || u.Role != tt.after {
				t.Errorf("Enrol: role %q, error %v; want %q, %v", u.Role, err, tt.after, tt.want)
			}
		})
	}
}

func TestUser_SuspendAndReinstate(t *testing.T) {
	t.Parallel()

	var u domain.User
	if u.Reinstate() {
		t.Error("Reinstate of a user who is not suspended returned true")
	}
	if !u.Suspend(noon) || u.SuspendedAt == nil || !u.SuspendedAt.Equal(noon) {
		t.Errorf("Suspend: suspended at %v, want %v", u.SuspendedAt, noon)
	}
	if u.Suspend(noon.Add(time.Hour)) || !u.SuspendedAt.Equal(noon) {
		t.Errorf("a second Suspend changed the time to %v", u.SuspendedAt)
	}
	if !u.Reinstate() || u.SuspendedAt != nil {
		t.Errorf("Reinstate: still suspended at %v", u.SuspendedAt)
	}
}
