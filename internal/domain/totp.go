package domain

import (
	"slices"
	"strings"
	"time"
)

// Errors of TOTP and of the second step of a sign-in.
var (
	ErrOneTimeCodeWrong       = define(KindInvalid, "one_time_code_wrong", "The code is wrong, has expired or was used before. Enter the one that the app shows now, or a recovery code.").At("code")
	ErrSignInChallengeInvalid = define(KindUnauthenticated, "sign_in_challenge_invalid", "The sign-in has expired, was completed before or had too many wrong codes. Sign in again with your password.")
	ErrTOTPAlreadyEnabled     = define(KindConflict, "totp_already_enabled", "TOTP is enabled already. To use another app, disable it first.")
	ErrTOTPNotEnabled         = define(KindConflict, "totp_not_enabled", "TOTP is not enabled, so there are no recovery codes. Enable it first.")
	ErrTOTPRequired           = define(KindForbidden, "totp_required", "Your role needs two-factor authentication. Add this account to an authenticator app first.")
	ErrTOTPNotPending         = define(KindConflict, "totp_not_pending", "There is no enrolment to complete. Start one first.")
)

// TOTP is a user's authenticator app: a second factor that shows a code for each time step of
// 30 seconds (RFC 6238).
type TOTP struct {
	User        UserID
	Secret      Secret // that the app shares, in Base32
	StartedAt   time.Time
	ConfirmedAt *time.Time // nil while the enrolment is pending
	LastStep    int64      // the latest time step whose code was accepted
}

// NewTOTP returns a pending enrolment.
func NewTOTP(user UserID, secret Secret, now time.Time) TOTP {
	return TOTP{User: user, Secret: secret, StartedAt: now}
}

// Enabled reports whether the user has to send a code when they sign in.
func (t TOTP) Enabled() bool { return t.ConfirmedAt != nil }

// Accept uses up the code of a time step, and those of all earlier ones.
// Errors: ErrOneTimeCodeWrong.
func (t *TOTP) Accept(step int64) error {
	if step <= t.LastStep {
		return ErrOneTimeCodeWrong
	}
	t.LastStep = step
	return nil
}

// Confirm enables TOTP with the code of a time step, which shows that the app works.
// Errors: ErrTOTPNotPending, ErrOneTimeCodeWrong.
func (t *TOTP) Confirm(step int64, now time.Time) error {
	if t.Enabled() {
		return ErrTOTPNotPending
	}
	if err := t.Accept(step); err != nil {
		return err
	}
	t.ConfirmedAt = &now
	return nil
}

// TOTPState is how far a user's enrolment is.
type TOTPState string

// The states.
const (
	TOTPOff     TOTPState = "off"
	TOTPPending TOTPState = "pending" // started, but no code was sent yet
	TOTPOn      TOTPState = "on"
)

// TOTPRoles are the roles whose users can do nothing before they have enabled TOTP.
type TOTPRoles []Role

// Lacks reports whether an actor has to enable TOTP first.
func (r TOTPRoles) Lacks(a Actor) bool { return !a.TOTP && slices.Contains(r, a.Role) }

// TOTPStatus is what a user sees of their TOTP.
type TOTPStatus struct {
	State         TOTPState
	Required      bool       // by their role
	ConfirmedAt   *time.Time // nil unless it is on
	RecoveryCodes int        // that are left
}

// TOTPEnrolment is a new secret, for a user to add to their app. It is never shown again.
type TOTPEnrolment struct {
	Secret Secret // in Base32, to type
	URI    Secret // otpauth://
	QRCode []byte // the URI as a PNG image
}

// RecoveryCodes is the number of recovery codes in a set.
const RecoveryCodes = 10

// recoveryCodeLength is the length of a recovery code without dashes: 125 random bits, so that
// its hash needs neither salt nor key stretching.
const recoveryCodeLength = 25

// NewRecoveryCode returns the recovery code of a random key, in groups of five characters.
func NewRecoveryCode(key Secret) Secret {
	const group = 5
	var groups []string
	for part := range slices.Chunk([]byte(key.Reveal())[:recoveryCodeLength], group) {
		groups = append(groups, string(part))
	}
	return Secret(strings.Join(groups, "-"))
}

// SecondFactor is a way to complete a sign-in.
type SecondFactor string

// The second factors.
const (
	SecondFactorTOTP         SecondFactor = "totp"
	SecondFactorRecoveryCode SecondFactor = "recovery_code"
)

// totpDigits is the length of the codes that apps show. Recovery codes are longer.
const totpDigits = 6

// ParseOneTimeCode cleans a code as NormalizeKey does, and returns what kind it is.
func ParseOneTimeCode(typed Secret) (Secret, SecondFactor) {
	code := NormalizeKey(typed.Reveal())
	if len(code) == totpDigits {
		return code, SecondFactorTOTP
	}
	return code, SecondFactorRecoveryCode
}

const (
	challengeLifetime = 5 * time.Minute
	maxWrongCodes     = 5 // per challenge
)

// SignInChallenge is a sign-in whose password was right and whose code is still missing. It
// belongs to one user with the password that they have, and one device.
type SignInChallenge struct {
	User       UserID
	UserAgent  string
	Cookie     bool // the session is to be kept in a cookie
	WrongCodes int
	ExpiresAt  time.Time
}

// NewSignInChallenge returns a challenge of a user that starts at now.
func NewSignInChallenge(user UserID, userAgent string, cookie bool, now time.Time) SignInChallenge {
	return SignInChallenge{User: user, UserAgent: DeviceName(userAgent), Cookie: cookie, ExpiresAt: now.Add(challengeLifetime)}
}

// Check returns an error if the challenge has expired, or was issued to another device.
// Errors: ErrSignInChallengeInvalid.
func (c SignInChallenge) Check(userAgent string, now time.Time) error {
	if !now.Before(c.ExpiresAt) || c.UserAgent != DeviceName(userAgent) {
		return ErrSignInChallengeInvalid
	}
	return nil
}

// Reject counts a wrong code and reports whether the challenge accepts another one.
func (c *SignInChallenge) Reject() bool {
	c.WrongCodes++
	return c.WrongCodes < maxWrongCodes
}

// SignIn is the result of the first step of a sign-in: a session or, if the account has a
// second factor, a challenge.
type SignIn struct {
	SignedIn
	Pending *PendingSignIn // nil if there is a session
}

// PendingSignIn is a challenge with its token, which is never shown again.
type PendingSignIn struct {
	Challenge SignInChallenge
	Token     Secret
	Methods   []SecondFactor
}
