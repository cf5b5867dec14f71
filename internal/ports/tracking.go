package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=tracking.go -destination=mock/tracking.go -package=mock

// Connections is a driving interface: the actor's own connection to WakaTime.
type Connections interface {
	// Connection returns the actor's own connection. Its state is NotConnected if there is
	// none.
	// Errors: none.
	Connection(ctx context.Context, actor domain.Actor) (domain.Connection, error)
	// Authorize starts an OAuth flow and returns the URL to send the browser to.
	// Errors: ErrWakaTimeNotConfigured.
	Authorize(ctx context.Context, actor domain.Actor) (url string, expiresAt time.Time, err error)
	// CompleteAuthorization completes an OAuth flow and enqueues the first sync. It
	// consumes the state even if it fails.
	// Errors: ErrWakaTimeStateInvalid, ErrWakaTimeCodeRejected, ErrWakaTimeAccountTaken,
	// ErrWakaTimeUnavailable, ErrWakaTimeNotConfigured.
	CompleteAuthorization(ctx context.Context, actor domain.Actor, code, state domain.Secret) (domain.Connection, error)
	// ConnectWithKey connects with an API key and enqueues the first sync. An empty base
	// URL means WakaTime's own.
	// Errors: ErrWakaTimeBaseURLNotAllowed, ErrWakaTimeKeyRejected, ErrWakaTimeAccountTaken,
	// ErrWakaTimeUnavailable, ErrVersionMismatch.
	ConnectWithKey(ctx context.Context, actor domain.Actor, key domain.Secret, baseURL string, expected domain.ExpectedVersions) (domain.Connection, error)
	// Disconnect removes the actor's connection, even if its tokens cannot be revoked at
	// WakaTime. The days that were fetched remain.
	// Errors: ErrConnectionNotFound, ErrVersionMismatch.
	Disconnect(ctx context.Context, actor domain.Actor, expected domain.ExpectedVersions) (domain.Revocation, error)
}

// Tracking is a driving interface: the tracked days of users and batches.
type Tracking interface {
	// RequestSync enqueues a sync of a user.
	// Errors: ErrStudentNotFound, ErrWakaTimeNotConnected.
	RequestSync(ctx context.Context, actor domain.Actor, user domain.UserID) error
	// Days returns a user's ledger for a range of days, with the shares of each day.
	// Errors: ErrStudentNotFound, ErrInvalid.
	Days(ctx context.Context, actor domain.Actor, user domain.UserID, from, to *domain.Day) (domain.StudentCoverage, error)
	// Today returns the actor's own current day.
	// Errors: none.
	Today(ctx context.Context, actor domain.Actor) (domain.StudentCoverage, error)
	// Coverage returns a user's ledger for a range of days, without shares.
	// Errors: ErrStudentNotFound, ErrInvalid.
	Coverage(ctx context.Context, actor domain.Actor, user domain.UserID, from, to *domain.Day) (domain.StudentCoverage, error)
	// BatchProgress returns a page of a batch's students with the state of each day.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrInvalid, ErrInvalidCursor.
	BatchProgress(ctx context.Context, actor domain.Actor, id domain.BatchID, from, to *domain.Day, page domain.PageRequest) (domain.BatchProgress, error)
	// BatchCoverage lists the students of a batch with missing days.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrInvalid.
	BatchCoverage(ctx context.Context, actor domain.Actor, id domain.BatchID, from, to *domain.Day) (domain.BatchCoverage, error)
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
	// Sync fetches the missing days of a connection. A lease prevents concurrent syncs of
	// the same connection. It can be run again at any time: unchanged days are not written.
	// A failure that only the user can fix is recorded for them and is not an error; a
	// *domain.UpstreamError is to be retried later, or is for the operator to fix.
	// Errors: ErrForbidden, ErrConnectionNotFound, ErrUserNotFound, ErrSyncBusy,
	// ErrSyncUnfinished, ErrTokenUnreadable, *domain.UpstreamError.
	Sync(ctx context.Context, actor domain.Actor, user domain.UserID, scope domain.SyncScope) error
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
	// LockConnection returns a user's connection. Until the unit of work ends, nobody else
	// can change or create it.
	// Errors: ErrConnectionNotFound, ErrTokenUnreadable (everything but the secrets is returned).
	LockConnection(ctx context.Context, user domain.UserID) (domain.Connection, error)
	// SaveConnection stores a new or changed connection, except the fields that FinishSync
	// and RecordPlanned store. If ConnectedAt changes, it removes the recorded failure.
	// Errors: ErrWakaTimeAccountTaken.
	SaveConnection(ctx context.Context, c domain.Connection) error
	// RemoveConnection removes a connection and its secrets.
	// Errors: ErrConnectionNotFound.
	RemoveConnection(ctx context.Context, user domain.UserID) error
	// Lease gives the caller exclusive use of a connection for a sync until a time.
	// Errors: ErrConnectionNotFound, ErrSyncBusy.
	Lease(ctx context.Context, user domain.UserID, now, until time.Time) error
	// FinishSync releases the lease, which its end identifies, and records the result of
	// the sync. It does nothing if another sync holds the lease or the connection no
	// longer exists.
	// Errors: none.
	FinishSync(ctx context.Context, user domain.UserID, r domain.SyncResult) error
}

// AuthorizationStore is a driven interface: it stores OAuth flows in progress, with their
// verifiers encrypted.
type AuthorizationStore interface {
	// AddAuthorization stores an OAuth flow under the hash of its state.
	// Errors: none.
	AddAuthorization(ctx context.Context, stateHash [32]byte, a domain.Authorization) error
	// ConsumeAuthorization removes an OAuth flow and returns it. It does not find a flow
	// twice, or one whose verifier cannot be decrypted.
	// Errors: ErrWakaTimeStateInvalid.
	ConsumeAuthorization(ctx context.Context, stateHash [32]byte) (domain.Authorization, error)
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
	// ListMissingDays lists the days of a range to fetch, oldest first: never fetched,
	// failed, fetched before they had ended, or split in another time zone although the
	// server can use this one. It leaves out days that the account's plan hides.
	// Errors: none.
	ListMissingDays(ctx context.Context, user domain.UserID, zone domain.TimeZone, r domain.DayRange) ([]domain.Day, error)
	// ReplaceDays stores fetched days in place of what was known of them and returns how
	// many rows it wrote. It does not write unchanged days or days whose state is
	// unknown (see domain.DayState.Known).
	// Errors: none.
	ReplaceDays(ctx context.Context, user domain.UserID, f domain.FetchedDays, now time.Time) (int, error)
	// RecordFailedAttempts records failed attempts to fetch days. A known day stays known.
	// Errors: none.
	RecordFailedAttempts(ctx context.Context, user domain.UserID, attempts []domain.FailedAttempt) error
	// ListDays lists the rows of the ledger in a range, oldest first, optionally with their
	// shares. Days without a row are left out.
	// Errors: none.
	ListDays(ctx context.Context, user domain.UserID, r domain.DayRange, withShares bool) ([]domain.DailySummary, error)
}

// ProgressStore is a driven interface: the read models of a batch, each read in one round
// trip. It completes an open query like domain.DayQuery.Range does, with the current day
// at now in the batch's own time zone, and returns the resulting range for the caller to
// check. The range spans at most a few days more than domain.MaxDays.
type ProgressStore interface {
	// BatchProgress returns a page of a batch's students, sorted by name, with the state of
	// each day.
	// Errors: ErrBatchNotFound, ErrInvalidCursor.
	BatchProgress(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time, page domain.PageRequest) (domain.BatchProgress, error)
	// BatchCoverage lists the students of a batch with missing days, most unknown days
	// first.
	// Errors: ErrBatchNotFound.
	BatchCoverage(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time) (domain.BatchCoverage, error)
}

// SyncJobs is a driven interface: it enqueues syncs. A job enqueued in a unit of work
// exists only if that commits. A sync that is already waiting is not enqueued again.
type SyncJobs interface {
	// EnqueueSync enqueues a sync to run at a time; the zero time means now.
	// Errors: none.
	EnqueueSync(ctx context.Context, user domain.UserID, scope domain.SyncScope, at time.Time) error
	// EnqueueSyncs enqueues several syncs at once and returns how many are new.
	// Errors: none.
	EnqueueSyncs(ctx context.Context, syncs []domain.PlannedSync) (int, error)
}

// WakaTime is a driven interface: the API of WakaTime and of compatible servers. No method
// may be called in a unit of work.
type WakaTime interface {
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
	// BaseURL returns the normal form of an API base URL if the operator allows it for API
	// keys. The empty text means WakaTime's own.
	// Errors: ErrWakaTimeBaseURLNotAllowed.
	BaseURL(typed string) (string, error)
	// Account returns the account of a credential.
	// Errors: *domain.UpstreamError.
	Account(ctx context.Context, c domain.Credential) (domain.WakaTimeAccount, error)
	// Summaries returns one element for each day of a range of at most domain.MaxChunk
	// days, split in zone. Days that are missing or invalid in the response are returned in
	// state DayError.
	// Errors: *domain.UpstreamError.
	Summaries(ctx context.Context, c domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error)
}
