package domain

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Failures of users.
var (
	ErrUserNotFound                 = define(KindNotFound, "user_not_found", "There is no such user.")
	ErrEmailTaken                   = define(KindConflict, "email_taken", "There is an account with this e-mail address already. Sign in instead.")
	ErrLastAdmin                    = define(KindConflict, "last_admin", "This is the last admin. Make somebody else an admin first.")
	ErrStudentRoleRequiresEnrolment = define(KindInvalid, "student_role_requires_enrolment", "A user becomes a student by joining a batch with its key, not by a role change.")
)

// UserID identifies a User. A student's id is their user's id: one person, one id.
type UserID = ID[User]

// User is a person who can sign in.
type User struct {
	ID          UserID
	Email       Email
	Name        string
	Role        Role
	TimeZone    TimeZone   // cuts the days of who is in no batch
	SuspendedAt *time.Time // may not sign in since then
	CreatedAt   time.Time
	Version     int // grows with every change
}

// Me is a user as they see themselves.
type Me struct {
	User
	Batch   *Batch    // the batch a student is enrolled in
	Teaches []BatchID // the batches an instructor is assigned to
}

// UserFilter narrows a list of users; zero fields match everything.
type UserFilter struct {
	Role   Role
	Search string // part of a name or an e-mail address, in any case
}

// ProfileUpdate is what people change about themselves; nil leaves a field alone.
type ProfileUpdate struct {
	Name     *string
	TimeZone *string
}

// Applicant is what somebody says about themselves to get an account.
type Applicant struct {
	Email, Name string
	TimeZone    *string // nil: UTC
	Password    Secret
}

// NewUser returns an applicant as a member, and tells everything that is wrong with
// the application at once.
// Errors: ErrInvalid, ErrPasswordTooShort, ErrPasswordTooLong, ErrPasswordTooCommon,
// ErrPasswordContainsPersonalInfo; ErrInvalid with all fields when several are wrong.
func NewUser(id UserID, a Applicant, p PasswordPolicy, now time.Time) (User, error) {
	u := User{ID: id, Role: RoleMember, TimeZone: UTC, CreatedAt: now, Version: 1}
	var errs [4]error
	u.Email, errs[0] = ParseEmail("email", a.Email)
	u.Name, errs[1] = ParseName("name", a.Name)
	if a.TimeZone != nil {
		u.TimeZone, errs[2] = ParseTimeZone("time_zone", *a.TimeZone)
	}
	errs[3] = p.Check(a.Password, u.Email, u.Name)
	if err := allOf(errs[:]...); err != nil {
		return User{}, err
	}
	return u, nil
}

// Update applies e and reports whether it changed anything.
// Errors: ErrInvalid.
func (u *User) Update(e ProfileUpdate) (changed bool, err error) {
	before := *u
	var nameErr, zoneErr error
	if e.Name != nil {
		u.Name, nameErr = ParseName("name", *e.Name)
	}
	if e.TimeZone != nil {
		u.TimeZone, zoneErr = ParseTimeZone("time_zone", *e.TimeZone)
	}
	if err := allOf(nameErr, zoneErr); err != nil {
		*u = before
		return false, err
	}
	return *u != before, nil
}

// ChangeRole gives the user another role and reports whether it changed anything.
// Errors: ErrStudentRoleRequiresEnrolment, ErrInvalid.
func (u *User) ChangeRole(to Role) (changed bool, err error) {
	if to == u.Role {
		return false, nil
	}
	switch to {
	case RoleMember, RoleInstructor, RoleAdmin:
		u.Role = to
		return true, nil
	case RoleStudent:
		return false, ErrStudentRoleRequiresEnrolment.At("role")
	case RoleSystem, RoleAnyone:
	}
	return false, wrong("role", "role_unknown", "No user has the role %q. Use member, instructor or admin.", clip(string(to), 32))
}

// CheckLastAdmin refuses to let user stop being an admin when nobody else is one.
// admins are all who are one now and not suspended.
// Errors: ErrLastAdmin.
func CheckLastAdmin(admins []UserID, user UserID) error {
	if len(admins) == 1 && admins[0] == user {
		return ErrLastAdmin
	}
	return nil
}

// Enrol makes a member a student.
// Errors: ErrForbidden, ErrAlreadyEnrolled.
func (u *User) Enrol() error {
	switch u.Role {
	case RoleMember:
		u.Role = RoleStudent
		return nil
	case RoleStudent:
		return ErrAlreadyEnrolled
	case RoleInstructor, RoleAdmin:
		return ErrForbidden.Withf("Staff do not enrol. Ask an admin to make this account a member first.")
	case RoleSystem, RoleAnyone:
	}
	return ErrForbidden
}

// Suspend bars the user from signing in and reports whether they were not already.
func (u *User) Suspend(now time.Time) bool {
	if u.SuspendedAt != nil {
		return false
	}
	u.SuspendedAt = &now
	return true
}

// Reinstate lets the user sign in again and reports whether they were barred.
func (u *User) Reinstate() bool {
	was := u.SuspendedAt != nil
	u.SuspendedAt = nil
	return was
}

// Email is an e-mail address in its one normal form: ASCII, lower case.
type Email string

// ParseEmail trims and lowers an address. Only ASCII is taken: look-alikes from
// other scripts would make two accounts of one person. International domains are
// written in punycode.
// Errors: ErrInvalid for field.
func ParseEmail(field, s string) (Email, error) {
	s = strings.Trim(s, " \t")
	// Before lowering, which turns the Kelvin sign and the dotted capital I into ASCII.
	ascii := !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	s = strings.ToLower(s)
	local, domain, ok := strings.Cut(s, "@")
	if !ascii || !ok || len(s) > 254 || !localPart(local) || !hostName(domain) {
		return "", wrong(field, "email_invalid", "This is not an e-mail address that Gradus takes. Use the plain form name@example.com, without accents or spaces.")
	}
	return Email(s), nil
}

// LocalPart returns what stands before the @.
func (e Email) LocalPart() string {
	local, _, _ := strings.Cut(string(e), "@")
	return local
}

func localPart(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !alphanumeric(c) && !strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", rune(c)) {
			return false
		}
	}
	return true
}

func hostName(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			if !alphanumeric(l[i]) && l[i] != '-' {
				return false
			}
		}
	}
	return true
}

func alphanumeric(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// ParseName trims a name of 1 to 100 characters of any script, at least one of them
// visible. Control characters and marks that reorder text are refused: they make one
// name look like another.
// Errors: ErrInvalid for field.
func ParseName(field, s string) (string, error) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n < 1 || n > 100:
		return "", wrong(field, "length", "Give 1 to 100 characters; these are %d.", n)
	case !plain(s), !strings.ContainsFunc(s, visible):
		return "", wrong(field, "characters", "Control characters and invisible marks are not allowed here.")
	}
	return s, nil
}

// ParseText checks a longer text: at most limit characters, line breaks allowed.
// Errors: ErrInvalid for field.
func ParseText(field, s string, limit int) (string, error) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n > limit:
		return "", wrong(field, "length", "Give at most %d characters; these are %d.", limit, n)
	case !plain(strings.NewReplacer("\n", "", "\t", "", "\r", "").Replace(s)):
		return "", wrong(field, "characters", "Control characters and invisible marks are not allowed here.")
	}
	return s, nil
}

// plain reports whether s has no control characters, no bidirectional overrides
// and no invisible characters but those that scripts and emoji need.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		switch {
		case r == '\u200c', r == '\u200d', // joiners
			'\U000e0020' <= r && r <= '\U000e007f': // tags: the flag of Wales is made of them
			return false
		case r == '\u2028', r == '\u2029', // line and paragraph separators
			r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0': // Hangul fillers
			return true
		}
		return unicode.In(r, unicode.Cc, unicode.Cf)
	})
}

// visible reports whether r alone shows as something.
func visible(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) }
