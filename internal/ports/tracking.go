package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=tracking.go -destination=mock/tracking.go -package=mock

// Connections is driving: a user's link to WakaTime.
type Connections interface {
	// Connection returns the actor's own connection; one in state NotConnected when
	// there is none.
	// Errors: none.
	Connection(ctx context.Context, actor domain.Actor) (domain.Connection, error)
	// Authorize starts an OAuth flow and returns where to send the browser.
	// Errors: ErrForbidden, ErrWakaTimeNotConfigured.
	Authorize(ctx context.Context, actor domain.Actor) (url string, expiresAt time.Time, err error)
	// CompleteAuthorization ends an OAuth flow and plans the first sync. The state
	// is used up whatever happens.
	// Errors: ErrForbidden, ErrWakaTimeStateInvalid, ErrWakaTimeCodeRejected, ErrWakaTimeAccountTaken,
	// ErrWakaTimeUnavailable, ErrWakaTimeNotConfigured.
	CompleteAuthorization(ctx context.Context, actor domain.Actor, code, state domain.Secret) (domain.Connection, error)
	// ConnectWithKey connects by an API key and plans the first sync. An empty base
	// URL means WakaTime's own.
	// Errors: ErrForbidden, ErrWakaTimeBaseURLNotAllowed, ErrWakaTimeKeyRejected, ErrWakaTimeAccountTaken,
	// ErrWakaTimeUnavailable, ErrVersionMismatch.
	ConnectWithKey(ctx context.Context, actor domain.Actor, key domain.Secret, baseURL string, seen domain.ExpectedVersions) (domain.Connection, error)
	// Disconnect removes the connection and revokes its tokens upstream. The days
	// stay. The connection goes even when WakaTime cannot be told.
	// Errors: ErrForbidden, ErrConnectionNotFound, ErrVersionMismatch.
	Disconnect(ctx context.Context, actor domain.Actor, seen domain.ExpectedVersions) (domain.Revocation, error)
}

// Tracking is driving: what is known of people's days.
type Tracking interface {
	// RequestSync plans a sync of a user now.
	// Errors: ErrStudentNotFound, ErrForbidden, ErrWakaTimeNotConnected.
	RequestSync(ctx context.Context, actor domain.Actor, user domain.UserID) error
	// Days returns the ledger of a user over a range, with the parts of each day.
	// Errors: ErrStudentNotFound, ErrInvalid.
	Days(ctx context.Context, actor domain.Actor, user domain.UserID, from, to *domain.Day) (domain.StudentCoverage, error)
	// Today returns the actor's own day so far.
	// Errors: none.
	Today(ctx context.Context, actor domain.Actor) (domain.StudentCoverage, error)
	// Coverage returns the ledger of a user over a range, without parts.
	// Errors: ErrStudentNotFound, ErrInvalid.
	Coverage(ctx context.Context, actor domain.Actor, user domain.UserID, from, to *domain.Day) (domain.StudentCoverage, error)
	// BatchProgress returns a class by days.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrInvalid, ErrInvalidCursor.
	BatchProgress(ctx context.Context, actor domain.Actor, id domain.BatchID, from, to *domain.Day, page domain.PageRequest) (domain.BatchProgress, error)
	// BatchCoverage returns who of a batch has gaps.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrInvalid.
	BatchCoverage(ctx context.Context, actor domain.Actor, id domain.BatchID, from, to *domain.Day) (domain.BatchCoverage, error)
}

// Syncer is driving: what background jobs ask of the tracking.
type Syncer interface {
	// Plan enqueues the syncs that are due now: today for connected students of
	// active batches, and once each night of their zone everything that is missing.
	// It returns how many were enqueued.
	// Errors: none.
	Plan(ctx context.Context, actor domain.Actor) (int, error)
	// Sync fetches what a connection is missing. A lease keeps two from fetching the
	// same connection at once. It can be run again at any time: what is unchanged is
	// not written. What only the user can mend is noted for them and is no error;
	// a *domain.UpstreamError is for trying again later, or for the operator.
	// Errors: ErrConnectionNotFound, ErrUserNotFound, ErrSyncBusy, ErrSyncUnfinished,
	// ErrTokenUnreadable, *domain.UpstreamError.
	Sync(ctx context.Context, actor domain.Actor, user domain.UserID, scope domain.SyncScope) error
}

// ConnectionStore is driven: where connections are kept, their secrets sealed.
type ConnectionStore interface {
	// Connection returns a user's connection.
	// Errors: ErrConnectionNotFound, ErrTokenUnreadable (the rest is there).
	Connection(ctx context.Context, user domain.UserID) (domain.Connection, error)
	// LockConnection returns a connection that nobody else can change, or make, until
	// the unit of work ends.
	// Errors: ErrConnectionNotFound, ErrTokenUnreadable (the rest is there).
	LockConnection(ctx context.Context, user domain.UserID) (domain.Connection, error)
	// SaveConnection stores a connection, new or changed, but not what FinishSync and
	// RecordPlanned record. A different ConnectedAt clears the failure.
	// Errors: ErrWakaTimeAccountTaken.
	SaveConnection(ctx context.Context, c domain.Connection) error
	// RemoveConnection forgets a connection and its secrets.
	// Errors: ErrConnectionNotFound.
	RemoveConnection(ctx context.Context, user domain.UserID) error
	// Lease lets the caller alone sync a connection until a time.
	// Errors: ErrConnectionNotFound, ErrSyncBusy.
	Lease(ctx context.Context, user domain.UserID, now, until time.Time) error
	// FinishSync gives the lease back and notes how the sync went. Nothing happens
	// when the lease, known by its end, is somebody else's by now or the connection
	// is gone.
	// Errors: none.
	FinishSync(ctx context.Context, user domain.UserID, r domain.SyncResult) error
	// AddAuthorization stores a started OAuth flow under the hash of its state.
	// Errors: none.
	AddAuthorization(ctx context.Context, stateHash [32]byte, a domain.Authorization) error
	// ConsumeAuthorization removes and returns a started OAuth flow, once. A flow whose
	// verifier cannot be decrypted is treated as missing.
	// Errors: ErrWakaTimeStateInvalid.
	ConsumeAuthorization(ctx context.Context, stateHash [32]byte) (domain.Authorization, error)
}

// PlanStore is driven: what the planner reads and notes.
type PlanStore interface {
	// ListSyncCandidates returns who has a working connection, with what is expected of
	// them and the night they were last planned for. It returns up to limit users
	// with an id greater than after, sorted by id. Suspended users are excluded.
	// Errors: none.
	ListSyncCandidates(ctx context.Context, now time.Time, after domain.UserID, limit int) ([]domain.SyncCandidate, error)
	// RecordPlanned notes when people are synced next and for which night they were
	// planned, if for one.
	// Errors: none.
	RecordPlanned(ctx context.Context, planned []domain.PlannedSync) error
}

// DayStore is driven: the coverage ledger.
type DayStore interface {
	// TrackedUser returns what is expected of a user; day borders are taken at now.
	// Errors: ErrUserNotFound.
	TrackedUser(ctx context.Context, user domain.UserID, now time.Time) (domain.TrackedUser, error)
	// ListMissingDays returns the days of a range that should be asked for: never fetched,
	// asked for in vain, fetched before they had ended, or cut in another zone
	// by a server that can use this one. Days beyond the account's plan are not among
	// them. Oldest first.
	// Errors: none.
	ListMissingDays(ctx context.Context, user domain.UserID, zone domain.TimeZone, r domain.DayRange, now time.Time) ([]domain.Day, error)
	// ReplaceDays stores fetched days, each in place of what was known of it, and
	// returns how many rows it wrote. Days that are unchanged or not
	// State.Known are not written.
	// Errors: none.
	ReplaceDays(ctx context.Context, user domain.UserID, f domain.FetchedDays, now time.Time) (int, error)
	// RecordFailedAttempts notes days that were asked for in vain. What is known of a day
	// stays known.
	// Errors: none.
	RecordFailedAttempts(ctx context.Context, user domain.UserID, attempts []domain.FailedAttempt, now time.Time) error
	// ListDays returns the ledger of a range, oldest first, with parts if asked for.
	// Days without a row are not among them.
	// Errors: none.
	ListDays(ctx context.Context, user domain.UserID, r domain.DayRange, parts bool) ([]domain.DailySummary, error)
}

// ProgressStore is driven: read models of a class, each in one round trip. Open ends
// of the question are filled in by the calendar of the batch's own zone at now, like
// domain.DayQuery.Range does; the range that came of it is in the answer, and the
// caller judges it. It spans at most domain.MaxDays days and a few.
type ProgressStore interface {
	// BatchProgress returns a page of a class by days, sorted by name.
	// Errors: ErrBatchNotFound, ErrInvalidCursor.
	BatchProgress(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time, page domain.PageRequest) (domain.BatchProgress, error)
	// BatchCoverage returns the students of a batch with gaps, those with the most gaps
	// first.
	// Errors: ErrBatchNotFound.
	BatchCoverage(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time) (domain.BatchCoverage, error)
}

// SyncJobs is driven: syncs to run later. A job enqueued inside a unit of work
// exists only if it commits. A sync that waits already is not enqueued twice.
type SyncJobs interface {
	// EnqueueSync plans one sync at a time; the zero time is now.
	EnqueueSync(ctx context.Context, user domain.UserID, scope domain.SyncScope, at time.Time) error
	// EnqueueSyncs plans many in one go and returns how many were new.
	EnqueueSyncs(ctx context.Context, syncs []domain.PlannedSync) (int, error)
}

// WakaTime is driven: the API of WakaTime and of servers that speak it. Answers
// that give no data are *domain.UpstreamError. No method is called inside a unit
// of work.
type WakaTime interface {
	// AuthorizationURL returns where to send a browser.
	// Errors: ErrWakaTimeNotConfigured.
	AuthorizationURL(state, verifier domain.Secret) (string, error)
	// UsesPKCE reports whether a verifier should be made for each flow.
	UsesPKCE() bool
	// Exchange trades a code for tokens.
	Exchange(ctx context.Context, code, verifier domain.Secret) (domain.Grant, error)
	// Refresh trades a refresh token for new tokens.
	Refresh(ctx context.Context, refreshToken domain.Secret) (domain.Grant, error)
	// Revoke ends a token and its pair.
	Revoke(ctx context.Context, token domain.Secret) error
	// BaseURL returns the base URL of the API in its normal form, if the operator
	// allows it for API keys; the empty text stands for WakaTime's own.
	// Errors: ErrWakaTimeBaseURLNotAllowed.
	BaseURL(typed string) (string, error)
	// Account returns who a credential belongs to.
	Account(ctx context.Context, c domain.Credential) (domain.WakaTimeAccount, error)
	// Summaries returns one element for each day of a range of at most 14 days, cut
	// in zone. Days that the answer lacks or garbles are in it as errors.
	Summaries(ctx context.Context, c domain.Credential, zone domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error)
}
