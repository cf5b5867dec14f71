package domain

import "time"

// Failures of requests that are sent again.
var (
	ErrIdempotencyKeyInUse  = define(KindConflict, "idempotency_key_in_use", "The first request with this Idempotency-Key is still running. Wait for its answer, or send the same request again in a moment.")
	ErrIdempotencyKeyReused = define(KindInvalid, "idempotency_key_reused", "This Idempotency-Key was used for another request. Make a fresh one for each thing that you want made.")
)

// IdempotencyRetention is how long the answer to a repeatable request is kept.
const IdempotencyRetention = 24 * time.Hour

// IdempotentRequest names a request that a client may send again.
type IdempotentRequest struct {
	User        UserID   // zero for people who are not signed in
	Key         string   // the client's own name for it
	Fingerprint [32]byte // SHA-256 over everything that was asked
}
