package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=tracking.go -destination=mock/tracking.go -package=mock

// Connections is a driving interface: the upstream accounts of users.
type Connections interface {
	// Connection returns the actor's connection, which may be in state NotConnected, with
	// the coverage of all their tracked days.
	// Errors: none.
	Connection(ctx context.Context, actor domain.Actor) (domain.ConnectionReport, error)
	// Servers lists the servers that API keys may be for, the default first.
	// Errors: none.
	Servers(ctx context.Context, actor domain.Actor) ([]domain.WakaTimeServer, error)
	// Authorize starts an OAuth flow and returns the URL to send the browser to.
	// Errors: ErrWakaTimeNotConfigured.
	Authorize(ctx context.Context, actor domain.Actor) (url string, expiresAt time.Time, err error)
	// CompleteAuthorization completes an OAuth flow and enqueues the first sync. It
	// consumes the state even if it fails, and completes the flow even if ctx is cancelled.
	// For a short time, a repeated call with the same code from the same session waits for
	// the first one and has the same result.
	// Errors: ErrWakaTimeStateInvalid, ErrWakaTimeCodeRejected, ErrWakaTimeAccountTaken,
	// ErrWakaTimeUnavailable, ErrWakaTimeNotConfigured.
	CompleteAuthorization(ctx context.Context, actor domain.Actor, code, state domain.Secret) (domain.ConnectionReport, error)
	// ConnectWithKey connects with an API key, as a user pasted it, and enqueues the first
	// sync. The base URL may be any part of the address of an allowed server. If it is
	// empty, the key is for the default server.
	// Errors: ErrInvalid, ErrWakaTimeBaseURLNotAllowed, ErrWakaTimeServerUnsupported,
	// ErrWakaTimeKeyRejected, ErrWakaTimeAccountTaken, ErrWakaTimeUnavailable,
	// ErrVersionMismatch.
	ConnectWithKey(ctx context.Context, actor domain.Actor, key domain.Secret, baseURL string, expected domain.ExpectedVersions) (domain.ConnectionReport, error)
	// Disconnect removes the actor's connection, even if its tokens cannot be revoked at
	// the server. The days that were fetched remain.
	// Errors: ErrConnectionNotFound, ErrVersionMismatch.
	Disconnect(ctx context.Context, actor domain.Actor, expected domain.ExpectedVersions) (domain.Revocation, error)
}

// ConnectionRemover is an interface for use cases of other slices that end a connection.
type ConnectionRemover interface {
	// RemoveConnection removes a user's connection, if its version is expected, in the unit
	// of work of ctx and returns it. It works even if the tokens cannot be decrypted.
	// Errors: ErrConnectionNotFound, ErrVersionMismatch.
	RemoveConnection(ctx context.Context, user domain.UserID, expected domain.ExpectedVersions) (domain.Connection, error)
	// Revoke revokes the tokens of a removed connection at the server, if it can. Call it
	// after the unit of work. It takes a few seconds at most, and outlives a cancelled ctx.
	// Errors: none.
	Revoke(ctx context.Context, c domain.Connection) domain.Revocation
}

// StudentConnections is a driving interface: the upstream accounts of students, for staff.
type StudentConnections interface {
	// DisconnectStudent removes a student's connection like Disconnect, so that the
	// upstream account can be connected by another user.
	// Errors: ErrStudentNotFound, ErrForbidden, ErrConnectionNotFound.
	DisconnectStudent(ctx context.Context, actor domain.Actor, user domain.UserID) (domain.Revocation, error)
	// StudentAccounts lists the upstream accounts that a student's days came from, the
	// current one first.
	// Errors: ErrStudentNotFound, ErrForbidden.
	StudentAccounts(ctx context.Context, actor domain.Actor, user domain.UserID) ([]domain.TrackedAccount, error)
	// AcceptAccount makes the days of another account count where the current one has no
	// time. Accepting an account again changes nothing.
	// Errors: ErrStudentNotFound, ErrForbidden, ErrWakaTimeAccountNotFound.
	AcceptAccount(ctx context.Context, actor domain.Actor, user domain.UserID, account domain.TrackedAccountID) (domain.TrackedAccount, error)
	// RejectAccount undoes AcceptAccount. Rejecting an account that is not accepted changes
	// nothing.
	// Errors: ErrStudentNotFound, ErrForbidden, ErrWakaTimeAccountNotFound.
	RejectAccount(ctx context.Context, actor domain.Actor, user domain.UserID, account domain.TrackedAccountID) (domain.TrackedAccount, error)
}

// Tracking is a driving interface: the tracked days of users and batches.
type Tracking interface {
	// RequestSync enqueues a sync of a user: of the given range of days, or of the last
	// week and all missing days.
	// Errors: ErrStudentNotFound, ErrWakaTimeNotConnected, ErrInvalid.
	RequestSync(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.DayQuery) error
	// Days returns a user's ledger for a range of days, with the shares of each day. If
	// changedSince is not zero, it leaves out the days that have not changed since then.
	// Errors: ErrStudentNotFound, ErrInvalid.
	Days(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.DayQuery, changedSince time.Time) (domain.StudentCoverage, error)
	// Today returns the actor's own current day.
	// Errors: none.
	Today(ctx context.Context, actor domain.Actor) (domain.StudentCoverage, error)
	// Coverage returns a user's ledger for a range of days, without shares.
	// Errors: ErrStudentNotFound, ErrInvalid.
	Coverage(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.DayQuery) (domain.StudentCoverage, error)
	// BatchProgress returns a page of a batch's students with the state of each day.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrInvalid, ErrInvalidCursor, ErrRangeTooLarge.
	BatchProgress(ctx context.Context, actor domain.Actor, id domain.BatchID, q domain.DayQuery, page domain.PageRequest) (domain.BatchProgress, error)
	// BatchCoverage returns a page of a batch's students with missing days or a failing
	// connection.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrInvalid, ErrInvalidCursor, ErrRangeTooLarge.
	BatchCoverage(ctx context.Context, actor domain.Actor, id domain.BatchID, q domain.DayQuery, page domain.PageRequest) (domain.BatchCoverage, error)
}

// Planner is a driving interface: the background job that plans syncs.
type Planner interface {
	// Plan enqueues the syncs that are due and returns how many: today for connected
	// students of active batches, and all missing days once each night of a user's time
	// zone.
	// Errors: ErrForbidden.
	Plan(ctx context.Context, actor domain.Actor) (int, error)
}

// Syncer is a driving interface: the background job that fetches days.
type Syncer interface {
	// Sync fetches the days of a connection that are missing or due for a check. A lease
	// prevents concurrent syncs of the same connection. It can be run again at any time:
	// unchanged days are not written.
	// A failure that only the user can fix is recorded for them and is not an error; a
	// *domain.UpstreamError is to be retried later, or is for the operator to fix.
	// Errors: ErrForbidden, ErrConnectionNotFound, ErrUserNotFound, ErrSyncBusy,
	// ErrSyncUnfinished, ErrTokenUnreadable, *domain.UpstreamError.
	Sync(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.SyncRequest) error
}

// AuthorizationCleaner is a driving interface: the background job that removes OAuth
// flows that were never completed.
type AuthorizationCleaner interface {
	// RemoveExpiredAuthorizations removes expired OAuth flows and returns how many.
	// Errors: none.
	RemoveExpiredAuthorizations(ctx context.Context) (int, error)
}

// ConnectionStore is a driven interface: it stores connections, with their secrets
// encrypted.
type ConnectionStore interface {
	// Connection returns a user's connection.
	// Errors: ErrConnectionNotFound, ErrTokenUnreadable (everything but the secrets is returned).
	Connection(ctx context.Context, user domain.UserID) (domain.Connection, error)
	// ConnectionReport returns a user's connection without its secrets, and the coverage of
	// all their tracked days, in one round trip. A user without a connection has one in
	// state NotConnected.
	// Errors: ErrUserNotFound.
	ConnectionReport(ctx context.Context, user domain.UserID, now time.Time) (domain.ConnectionReport, error)
	// LockConnection returns the connection of the user whom the unit of work has locked.
	// Until the unit of work ends, nobody else can change or create it.
	// Errors: ErrConnectionNotFound, ErrTokenUnreadable (everything but the secrets is returned).
	LockConnection(ctx context.Context, user domain.UserID) (domain.Connection, error)
	// SaveConnection stores a new or changed connection, and its account unless the user
	// already has it, except the fields that FinishSync and RecordPlanned store. If
	// ConnectedAt changes, it removes the recorded failure and the lease, so that a sync of
	// the old connection records no result. The id is for a new account.
	// Errors: ErrWakaTimeAccountTaken, ErrUnauthenticated (a suspended user cannot connect).
	SaveConnection(ctx context.Context, c domain.Connection, id domain.TrackedAccountID) error
	// RemoveConnection removes a connection and its secrets.
	// Errors: ErrConnectionNotFound.
	RemoveConnection(ctx context.Context, user domain.UserID) error
	// StartSync gives the caller exclusive use of a connection until a time, and returns it
	// with the days that are expected of its user as of now, in one round trip.
	// Errors: ErrConnectionNotFound, ErrSyncBusy, ErrTokenUnreadable (the caller has the lease,
	// and everything but the secrets is returned).
	StartSync(ctx context.Context, user domain.UserID, now, until time.Time) (domain.Connection, domain.TrackedUser, error)
	// FinishSync releases the lease, which its end identifies, and records the result of
	// the sync with the checks of its account. It records nothing if another sync holds the
	// lease or the connection no longer exists.
	// Errors: none.
	FinishSync(ctx context.Context, user domain.UserID, r domain.SyncResult) error
}

// AccountStore is a driven interface: it stores the upstream accounts that days came from,
// and the days that do not count because their account is no longer connected.
type AccountStore interface {
	// ListAccounts lists the accounts of a user, the current one first, and returns what the
	// policy needs to know of the user.
	// Errors: ErrUserNotFound.
	ListAccounts(ctx context.Context, user domain.UserID) (domain.Subject, []domain.TrackedAccount, error)
	// SetAsideDays updates the ledger after another account was connected. It moves the days
	// of accounts that are neither connected nor accepted out of the ledger, where they and
	// days that could not be fetched become pending. It moves the days of the connected
	// account that were set aside before back in.
	// Errors: none.
	SetAsideDays(ctx context.Context, user domain.UserID, now time.Time) error
	// AcceptAccount marks an account as accepted and copies its days with time into the
	// ledger where the connected account has none. It reports false, and changes nothing, if
	// the account was accepted before. Call LockConnection first.
	// Errors: ErrWakaTimeAccountNotFound.
	AcceptAccount(ctx context.Context, user domain.UserID, account domain.TrackedAccountID, now time.Time) (bool, error)
	// RejectAccount undoes AcceptAccount. It reports false, and changes nothing, if the
	// account was not accepted. Call LockConnection first.
	// Errors: ErrWakaTimeAccountNotFound.
	RejectAccount(ctx context.Context, user domain.UserID, account domain.TrackedAccountID, now time.Time) (bool, error)
}

// AuthorizationStore is a driven interface: it stores OAuth flows in progress, with their
// verifiers encrypted.
type AuthorizationStore interface {
	// AddAuthorization stores an OAuth flow under the hash of its state.
	// Errors: none.
	AddAuthorization(ctx context.Context, stateHash [32]byte, a domain.Authorization) error
	// ConsumeAuthorization marks an OAuth flow as consumed with a code and returns it as it
	// was before. It does not find a flow whose verifier cannot be decrypted.
	// Errors: ErrWakaTimeStateInvalid.
	ConsumeAuthorization(ctx context.Context, stateHash, codeHash [32]byte, now time.Time) (domain.Authorization, error)
	// CompleteAuthorization records the result of a consumed flow: nil, or the error that
	// the caller received.
	// Errors: none.
	CompleteAuthorization(ctx context.Context, stateHash [32]byte, now time.Time, result *domain.Error) error
	// RemoveExpiredAuthorizations removes the OAuth flows that have expired at now and
	// returns how many.
	// Errors: none.
	RemoveExpiredAuthorizations(ctx context.Context, now time.Time) (int, error)
}

// PlanStore is a driven interface: it stores which syncs are planned.
type PlanStore interface {
	// ListSyncCandidates lists the users with a working connection who are not suspended,
	// with what the planner needs to know of them. It returns up to limit users whose ID is
	// greater than after, sorted by ID.
	// Errors: none.
	ListSyncCandidates(ctx context.Context, now time.Time, after domain.UserID, limit int) ([]domain.SyncCandidate, error)
	// RecordPlanned records when users are synced next and, for nightly syncs, which night
	// they are planned for.
	// Errors: none.
	RecordPlanned(ctx context.Context, planned []domain.PlannedSync) error
}

// DayStore is a driven interface: the ledger of days.
type DayStore interface {
	// TrackedUser returns the days that are expected of a user, as of now.
	// Errors: ErrUserNotFound.
	TrackedUser(ctx context.Context, user domain.UserID, now time.Time) (domain.TrackedUser, error)
	// AddNames stores the names in the shares of rows, so that SaveDays finds them. Call it
	// before the unit of work: others who add the same name wait until it is committed.
	// Errors: none.
	AddNames(ctx context.Context, rows []domain.DailySummary) error
	// Ledger returns the days that are expected of a user, as of now, and the rows of their
	// ledger in a range, oldest first, optionally with their shares, as they were at one
	// moment. Days without a row are left out.
	// Errors: ErrUserNotFound.
	Ledger(ctx context.Context, user domain.UserID, r domain.DayRange, now time.Time, withShares bool) (domain.TrackedUser, []domain.DailySummary, error)
	// SaveDays stores rows of a user's ledger, with now as the time of the change.
	// Errors: none.
	SaveDays(ctx context.Context, user domain.UserID, rows []domain.DailySummary, now time.Time) error
	// ListDayStates lists the rows of the ledger in a range, oldest first, with what decides
	// whether they are missing: of days that are known and were split in zone, only their day,
	// state, seconds and zone, and of the others their account and reason too.
	// Errors: none.
	ListDayStates(ctx context.Context, user domain.UserID, r domain.DayRange, zone domain.TimeZone) ([]domain.DailySummary, error)
	// ListDays lists the rows of the ledger in a range, oldest first, optionally with their
	// shares. Days without a row are left out.
	// Errors: none.
	ListDays(ctx context.Context, user domain.UserID, r domain.DayRange, withShares bool) ([]domain.DailySummary, error)
}

// ProgressStore is a driven interface: the read models of a batch, each read in one round
// trip. It completes an open query like domain.DayQuery.Range does, with the current day
// at now in the batch's own time zone, and returns the resulting range for the caller to
// check. The range spans at most a few days more than domain.MaxDays. Ranges that are too
// long for the number of students are rejected before any days are read.
type ProgressStore interface {
	// BatchProgress returns a page of a batch's students, sorted by name, with the state of
	// each day.
	// Errors: ErrBatchNotFound, ErrInvalidCursor, ErrRangeTooLarge.
	BatchProgress(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time, page domain.PageRequest) (domain.BatchProgress, error)
	// BatchCoverage returns a page of the students of a batch with missing days or a failing
	// connection, sorted by name.
	// Errors: ErrBatchNotFound, ErrInvalidCursor, ErrRangeTooLarge.
	BatchCoverage(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time, page domain.PageRequest) (domain.BatchCoverage, error)
}

// SyncJobs is a driven interface: it enqueues syncs. A job enqueued in a unit of work
// exists only if that commits. A sync that is already waiting is not enqueued again.
type SyncJobs interface {
	// EnqueueSync enqueues a sync to run at a time; the zero time means now.
	// Errors: none.
	EnqueueSync(ctx context.Context, user domain.UserID, q domain.SyncRequest, at time.Time) error
	// EnqueueSyncs enqueues several syncs at once and returns how many are new.
	// Errors: none.
	EnqueueSyncs(ctx context.Context, syncs []domain.PlannedSync) (int, error)
}

// WakaTime is a driven interface: WakaTime and compatible servers. No method may be called
// in a unit of work.
type WakaTime interface {
	WakaTimeOAuth
	WakaTimeAPI
}

// WakaTimeOAuth is the part of WakaTime that authorizes Gradus.
type WakaTimeOAuth interface {
	// AuthorizationURL returns the URL to send a browser to.
	// Errors: ErrWakaTimeNotConfigured.
	AuthorizationURL(state, verifier domain.Secret) (string, error)
	// UsesPKCE reports whether each flow needs a verifier.
	// Errors: none.
	UsesPKCE() bool
	// Exchange exchanges an authorization code for tokens.
	// Errors: *domain.UpstreamError (with ReasonRevoked if the code is invalid).
	Exchange(ctx context.Context, code, verifier domain.Secret) (domain.Grant, error)
	// Refresh exchanges a refresh token for new tokens.
	// Errors: *domain.UpstreamError (with ReasonRevoked if the token is invalid).
	Refresh(ctx context.Context, refreshToken domain.Secret) (domain.Grant, error)
	// Revoke revokes a token and the token it was issued with.
	// Errors: *domain.UpstreamError.
	Revoke(ctx context.Context, token domain.Secret) error
}

// WakaTimeAPI is the part of WakaTime that returns data.
type WakaTimeAPI interface {
	// Servers lists the servers that the operator allows for API keys, the default first.
	// Errors: none.
	Servers() []domain.WakaTimeServer
	// BaseURLs returns the base URLs of the API that a user may mean by the text they typed,
	// the most likely first. They are all at servers that the operator allows. The empty
	// text means the default server.
	// Errors: ErrWakaTimeBaseURLNotAllowed.
	BaseURLs(typed string) ([]string, error)
	// Account returns the account of a credential. If the server does not identify
	// accounts, the ID derives from the credential.
	// Errors: *domain.UpstreamError (with ReasonUnsupported if there is no such API at the
	// base URL).
	Account(ctx context.Context, c domain.Credential) (domain.WakaTimeAccount, error)
	// Yardstick returns how the server measures the time of the account.
	// Errors: *domain.UpstreamError.
	Yardstick(ctx context.Context, c domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.Yardstick, error)
	// Summaries returns one element for each day of a range of at most domain.MaxChunk
	// days, split in zone. Days that are missing or invalid in the response have a Failure.
	// Errors: *domain.UpstreamError.
	Summaries(ctx context.Context, c domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error)
}
