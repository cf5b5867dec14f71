package domain

import "slices"

// Action is an operation that the policy permits and the audit log records.
type Action string

// The actions, named noun.verb.
const (
	ActAccountRegister      Action = "account.register"
	ActAccountUpdate        Action = "account.update"
	ActPasswordChange       Action = "account.change_password"
	ActPasswordRequestReset Action = "account.request_password_reset"
	ActPasswordReset        Action = "account.reset_password" // with a link
	ActEmailRequestChange   Action = "account.request_email_change"
	ActEmailChange          Action = "account.change_email"
	ActEmailUndoChange      Action = "account.undo_email_change"
	ActSessionStart         Action = "session.start"
	ActSessionDeny          Action = "session.deny" // somebody failed to sign in
	ActReauthenticate       Action = "session.reauthenticate"
	ActSessionEnd           Action = "session.end"
	ActSessionEndReused     Action = "session.end_reused" // a refresh token was used that had been replaced
	ActSessionRevoke        Action = "session.revoke"
	ActSessionRevokeAll     Action = "session.revoke_all"
	ActSessionList          Action = "session.list"

	ActTOTPRead            Action = "totp.read"
	ActTOTPStart           Action = "totp.start"
	ActTOTPEnable          Action = "totp.enable"
	ActTOTPDisable         Action = "totp.disable"
	ActRecoveryCodesRotate Action = "recovery_codes.rotate"

	ActAPITokenCreate    Action = "api_token.create"
	ActAPITokenList      Action = "api_token.list"
	ActAPITokenRevoke    Action = "api_token.revoke"
	ActAPITokenListAll   Action = "api_token.list_all"
	ActAPITokenRevokeAny Action = "api_token.revoke_any"

	ActUserCreate         Action = "user.create"
	ActUserRead           Action = "user.read"
	ActUserChangeRole     Action = "user.change_role"
	ActUserSuspend        Action = "user.suspend"
	ActUserReinstate      Action = "user.reinstate"
	ActUserResetPassword  Action = "user.reset_password"
	ActUserListSessions   Action = "user.list_sessions"
	ActUserRevokeSessions Action = "user.revoke_sessions"
	ActUserDisableTOTP    Action = "user.disable_totp"

	ActBatchCreate           Action = "batch.create"
	ActBatchRead             Action = "batch.read"
	ActBatchUpdate           Action = "batch.update"
	ActBatchArchive          Action = "batch.archive"
	ActBatchRestore          Action = "batch.restore"
	ActBatchAssignInstructor Action = "batch.assign_instructor"
	ActBatchRemoveInstructor Action = "batch.remove_instructor"
	ActBatchReadStaff        Action = "batch.read_staff"

	ActRegistrationKeyRead   Action = "registration_key.read"
	ActRegistrationKeyUpdate Action = "registration_key.update"
	ActRegistrationKeyRotate Action = "registration_key.rotate"

	ActStudentEnrol Action = "student.enrol"
	ActStudentRead  Action = "student.read"
	ActStudentList  Action = "student.list"

	ActWakaTimeConnect        Action = "wakatime.connect"
	ActWakaTimeDisconnect     Action = "wakatime.disconnect"
	ActWakaTimeDisconnectUser Action = "wakatime.disconnect_user"
	ActWakaTimeListAccounts   Action = "wakatime.list_accounts"
	ActWakaTimeAccept         Action = "wakatime.accept_account"
	ActWakaTimeReject         Action = "wakatime.reject_account"
	ActWakaTimeUnlink         Action = "wakatime.unlink"

	ActTrackingRead   Action = "tracking.read"
	ActTrackingSync   Action = "tracking.sync"
	ActTrackingRecord Action = "tracking.record"
	ActProgressRead   Action = "progress.read"

	ActDashboardRead Action = "dashboard.read"
	ActAuditRead     Action = "audit.read"
)

// Subject is the object of an action, as far as the policy needs it.
type Subject struct {
	User  UserID  // the owner of the account or data
	Batch BatchID // the batch it belongs to
}

// scope is the extent of a role's permission.
type scope uint8

const (
	never  scope = iota
	own          // the actor's own account and data
	inside       // the batch the actor is enrolled in
	taught       // batches the actor is assigned to
	all          // everything
)

// policy is the complete authorization policy. A missing entry means never.
var policy = map[Action]map[Role]scope{
	ActAccountUpdate:      {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActPasswordChange:     {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActReauthenticate:     {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActEmailRequestChange: {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActSessionEnd:         {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActSessionRevoke:      {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActSessionRevokeAll:   {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActSessionList:        {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},

	ActTOTPRead:            {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActTOTPStart:           {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActTOTPEnable:          {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActTOTPDisable:         {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActRecoveryCodesRotate: {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},

	ActAPITokenCreate:    {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActAPITokenList:      {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActAPITokenRevoke:    {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActAPITokenListAll:   {RoleAdmin: all},
	ActAPITokenRevokeAny: {RoleAdmin: all},

	ActUserCreate:         {RoleSystem: all},
	ActUserRead:           {RoleAdmin: all, RoleSystem: all},
	ActUserChangeRole:     {RoleAdmin: all},
	ActUserSuspend:        {RoleAdmin: all},
	ActUserReinstate:      {RoleAdmin: all},
	ActUserResetPassword:  {RoleSystem: all},
	ActUserListSessions:   {RoleAdmin: all},
	ActUserRevokeSessions: {RoleAdmin: all},
	ActUserDisableTOTP:    {RoleAdmin: all, RoleSystem: all},

	ActBatchCreate:           {RoleAdmin: all},
	ActBatchRead:             {RoleStudent: inside, RoleInstructor: taught, RoleAdmin: all},
	ActBatchUpdate:           {RoleInstructor: taught, RoleAdmin: all},
	ActBatchArchive:          {RoleAdmin: all},
	ActBatchRestore:          {RoleAdmin: all},
	ActBatchAssignInstructor: {RoleAdmin: all},
	ActBatchRemoveInstructor: {RoleAdmin: all},
	ActBatchReadStaff:        {RoleInstructor: taught, RoleAdmin: all},

	ActRegistrationKeyRead:   {RoleInstructor: taught, RoleAdmin: all},
	ActRegistrationKeyUpdate: {RoleInstructor: taught, RoleAdmin: all},
	ActRegistrationKeyRotate: {RoleInstructor: taught, RoleAdmin: all},

	ActStudentEnrol: {RoleMember: own},
	ActStudentRead:  {RoleStudent: own, RoleInstructor: taught, RoleAdmin: all},
	ActStudentList:  {RoleInstructor: all, RoleAdmin: all}, // Visibility narrows the rows

	ActWakaTimeConnect:        {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActWakaTimeDisconnect:     {RoleMember: own, RoleStudent: own, RoleInstructor: own, RoleAdmin: own},
	ActWakaTimeDisconnectUser: {RoleInstructor: taught, RoleAdmin: all},
	ActWakaTimeListAccounts:   {RoleInstructor: taught, RoleAdmin: all},
	ActWakaTimeAccept:         {RoleInstructor: taught, RoleAdmin: all},
	ActWakaTimeReject:         {RoleInstructor: taught, RoleAdmin: all},

	ActTrackingRead:   {RoleMember: own, RoleStudent: own, RoleInstructor: taught, RoleAdmin: all},
	ActTrackingSync:   {RoleMember: own, RoleStudent: own, RoleInstructor: taught, RoleAdmin: all, RoleSystem: all},
	ActTrackingRecord: {RoleSystem: all},
	ActProgressRead:   {RoleInstructor: taught, RoleAdmin: all},

	ActDashboardRead: {RoleAdmin: all},
	ActAuditRead:     {RoleAdmin: all},
}

// sensitive has the actions that change how somebody gets access, or whose result is worth
// stealing. A session is not enough for them, because it can be stolen or left open: the actor
// has to prove who they are, and recently.
var sensitive = map[Action]bool{
	ActPasswordChange:      true,
	ActUserChangeRole:      true,
	ActTOTPStart:           true,
	ActTOTPDisable:         true,
	ActRecoveryCodesRotate: true,
	ActUserDisableTOTP:     true,
	ActEmailRequestChange:  true,
	ActAPITokenCreate:      true,
}

// May returns nil if the policy permits the actor to do something to s.
// Errors: ErrForbidden, ErrReauthenticationRequired.
func (a Actor) May(do Action, s Subject) error {
	mine := !a.UserID.IsZero() && a.UserID == s.User
	allowed := false
	switch policy[do][a.Role] {
	case never:
	case own:
		allowed = mine
	case inside:
		allowed = !a.Batch.IsZero() && a.Batch == s.Batch
	case taught:
		// Staff also have access to their own account and data.
		allowed = slices.Contains(a.Teaches, s.Batch) || mine
	case all:
		allowed = true
	}
	if !allowed {
		return ErrForbidden
	}
	if sensitive[do] && !a.Fresh && a.Role != RoleSystem {
		return ErrReauthenticationRequired
	}
	return nil
}

// MayChange is like May for an object that not every actor may see. If the actor may not
// see it, MayChange returns hidden, the error for an object that does not exist.
// Errors: hidden, ErrForbidden, ErrReauthenticationRequired.
func (a Actor) MayChange(see, do Action, s Subject, hidden error) error {
	if a.May(see, s) != nil {
		return hidden
	}
	return a.May(do, s)
}
