package domain

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Errors of users.
var (
	ErrUserNotFound                 = define(KindNotFound, "user_not_found", "The user does not exist.")
	ErrEmailTaken                   = define(KindConflict, "email_taken", "An account with this email address already exists. Sign in instead.")
	ErrLastAdmin                    = define(KindConflict, "last_admin", "This user is the last admin. Make another user an admin first.")
	ErrStudentRoleRequiresEnrolment = define(KindInvalid, "student_role_requires_enrolment", "The role student cannot be assigned. A user becomes a student by joining a batch with its registration key.")
)

// UserID identifies a User. A student's ID is their user's ID.
type UserID = ID[User]

// User is a person who can sign in.
type User struct {
	ID          UserID
	Email       Email
	Name        string
	Role        Role
	TimeZone    TimeZone   // used for days outside a batch
	SuspendedAt *time.Time // nil unless suspended
	CreatedAt   time.Time
	Version     int // incremented with every change
}

// Me is the caller's own account.
type Me struct {
	User
	Batch   *BatchSummary // the batch a student is enrolled in
	Teaches []BatchID     // the batches an instructor is assigned to
}

// BatchSummary is what an account shows of its batch.
type BatchSummary struct {
	ID       BatchID
	Name     string
	StartsOn Day
	EndsOn   Day
	TimeZone TimeZone
}

// UserFilter narrows a list of users; zero fields match everything.
type UserFilter struct {
	Role   Role
	Search string // part of a name or email address, ignoring case and accents
}

// ProfileUpdate sets fields of a user's own account; nil leaves a field unchanged.
type ProfileUpdate struct {
	Name     *string
	TimeZone *string
}

// Applicant holds the fields of a new user, not validated yet.
type Applicant struct {
	Email, Name string
	TimeZone    *string // nil: UTC
	Password    Secret
}

// NewUser validates an applicant and returns them as a member. It reports all invalid fields
// at once.
// Errors: ErrInvalid, ErrPasswordTooShort, ErrPasswordTooLong, ErrPasswordTooCommon,
// ErrPasswordContainsPersonalInfo; ErrInvalid with all fields if several are invalid.
func NewUser(id UserID, a Applicant, p PasswordPolicy, now time.Time) (User, error) {
	u := User{ID: id, Role: RoleMember, TimeZone: UTC, CreatedAt: now, Version: 1}
	var errs [4]error
	u.Email, errs[0] = ParseEmail("email", a.Email)
	u.Name, errs[1] = ParseName("name", a.Name)
	if a.TimeZone != nil {
		u.TimeZone, errs[2] = ParseTimeZone("time_zone", *a.TimeZone)
	}
	errs[3] = p.Check(a.Password, u.Email, u.Name)
	if err := AllOf(errs[:]...); err != nil {
		return User{}, err
	}
	return u, nil
}

// Update applies p and reports whether it changed anything.
// Errors: ErrInvalid.
func (u *User) Update(p ProfileUpdate) (changed bool, err error) {
	before := *u
	var nameErr, zoneErr error
	if p.Name != nil {
		u.Name, nameErr = ParseName("name", *p.Name)
	}
	if p.TimeZone != nil {
		u.TimeZone, zoneErr = ParseTimeZone("time_zone", *p.TimeZone)
	}
	if err := AllOf(nameErr, zoneErr); err != nil {
		*u = before
		return false, err
	}
	return *u != before, nil
}

// ChangeRole changes the role and reports whether it is a different one.
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
	return false, invalid("role", "role_unknown", "%q is not a valid role. Use member, instructor or admin.", clip(string(to), 32))
}

// CheckLastAdmin returns an error if user is the only admin. admins is the IDs of all admins
// who are not suspended.
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
		return ErrForbidden.Withf("Instructors and admins cannot join a batch. Ask an admin to make this account a member first.")
	case RoleSystem, RoleAnyone:
	}
	return ErrForbidden
}

// Suspend suspends the user and reports whether they were not suspended before.
func (u *User) Suspend(now time.Time) bool {
	if u.SuspendedAt != nil {
		return false
	}
	u.SuspendedAt = &now
	return true
}

// Reinstate lifts a suspension and reports whether the user was suspended.
func (u *User) Reinstate() bool {
	was := u.SuspendedAt != nil
	u.SuspendedAt = nil
	return was
}

// Email is a normalized email address: ASCII and lowercase.
type Email string

// ParseEmail cleans an address as CleanText does, and converts it to lowercase. It accepts
// only ASCII, because lookalikes from other scripts would allow several accounts for one
// person. International domains must be in Punycode.
// Errors: ErrInvalid for field.
func ParseEmail(field, s string) (Email, error) {
	s = CleanText(s)
	// Checked before ToLower, which turns the Kelvin sign and the dotted capital I into ASCII.
	ascii := !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	s = strings.ToLower(s)
	local, domain, ok := strings.Cut(s, "@")
	if !ascii || !ok || len(s) > 254 || !localPart(local) || !hostName(domain) {
		return "", invalid(field, "email_invalid", "The email address is not valid. Use the form name@example.com, without accents or spaces.")
	}
	return Email(s), nil
}

// LocalPart returns the part before the @.
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

// ParseName cleans a name of 1 to 100 characters of any script as CleanText does. At least one
// must be visible. It rejects control characters and overrides of the text direction, because
// they make one name look like another.
// Errors: ErrInvalid for field.
func ParseName(field, s string) (string, error) {
	s = CleanText(s)
	switch n := utf8.RuneCountInString(s); {
	case n < 1 || n > 100:
		return "", invalid(field, "length", "The length must be 1 to 100 characters, but is %d.", n)
	case !plain(s), !strings.ContainsFunc(s, visible):
		return "", invalid(field, "characters", "%s", noControls)
	}
	return s, nil
}

// ParseText cleans a text of at most limit characters as CleanText does. It may have line
// breaks.
// Errors: ErrInvalid for field.
func ParseText(field, s string, limit int) (string, error) {
	s = CleanText(strings.NewReplacer("\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s))
	switch n := utf8.RuneCountInString(s); {
	case n > limit:
		return "", invalid(field, "length", "The length must be at most %d characters, but is %d.", limit, n)
	case !plain(strings.NewReplacer("\n", "", "\t", "", "\r", "").Replace(s)):
		return "", invalid(field, "characters", "%s", noControls)
	}
	return s, nil
}

const noControls = "Control characters, overrides of the text direction and text that is only invisible are not allowed. Type the text again instead of pasting it."

// plain reports whether s has no control characters, no bidirectional overrides and no
// invisible characters except those that scripts and emoji need.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		switch {
		case joiner(r), '\U000e0020' <= r && r <= '\U000e007f': // tags, as in the flag of Wales
			return false
		case r == '\u2028', r == '\u2029', // line and paragraph separators
			r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0': // Hangul fillers
			return true
		}
		return unicode.In(r, unicode.Cc, unicode.Cf)
	})
}

// visible reports whether r is visible on its own.
func visible(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) }
