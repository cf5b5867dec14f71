package domain

// SecurityEvent is something that operators watch for attacks. Events that change data are
// also in the audit log; the others are in the server's log alone, which an attacker cannot
// use to fill the database.
type SecurityEvent struct {
	Kind   SecurityEventKind
	User   UserID // the account that it is about; zero if there is none, or nobody knows
	Device string // user agent
	Reason string // why, in snake_case; empty if Kind says it all
	Origin Origin
}

// SecurityEventKind says what happened.
type SecurityEventKind string

// The kinds of security events. Operators' alerts depend on them: add kinds, do not rename.
const (
	EventSignIn                 SecurityEventKind = "sign_in"
	EventSignInFailed           SecurityEventKind = "sign_in_failed"
	EventReauthentication       SecurityEventKind = "reauthentication"
	EventReauthenticationFailed SecurityEventKind = "reauthentication_failed"
	EventRateLimited            SecurityEventKind = "rate_limited" // Reason is the limit; at most one per caller and minute
	EventRefreshTokenReused     SecurityEventKind = "refresh_token_reused"
	EventAccessDenied           SecurityEventKind = "access_denied"            // a signed-in caller lacks permission
	EventPasswordResetRequested SecurityEventKind = "password_reset_requested" // a forgotten one
	EventPasswordReset          SecurityEventKind = "password_reset"
	EventEmailChanged           SecurityEventKind = "email_changed"
	EventEmailChangeUndone      SecurityEventKind = "email_change_undone" // by the owner of the old address
	EventMailGivenUp            SecurityEventKind = "mail_given_up"       // a mail about an account did not reach its owner
	EventAPITokenCreated        SecurityEventKind = "api_token_created"
	EventAPITokenRejected       SecurityEventKind = "api_token_rejected" // somebody used a token that has expired or was revoked; at most one per token and minute
)

// Expected reports whether an event of this kind is part of normal use.
func (k SecurityEventKind) Expected() bool {
	return k == EventSignIn || k == EventReauthentication || k == EventAPITokenCreated
}
