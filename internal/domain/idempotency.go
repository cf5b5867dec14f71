package domain

import "time"

// Errors of idempotent requests.
var (
	ErrIdempotencyKeyInUse  = define(KindConflict, "idempotency_key_in_use", "The first request with this Idempotency-Key is still being processed. Wait for its response, or retry in a moment.")
	ErrIdempotencyKeyReused = define(KindInvalid, "idempotency_key_reused", "This Idempotency-Key was used for a different request. Use a new key for each operation.")
)

// IdempotencyRetention is how long the response to an idempotent request is stored.
const IdempotencyRetention = 24 * time.Hour

// IdempotentRequest identifies a request that a client may retry.
type IdempotentRequest struct {
	Actor       Actor
	Key         string   // chosen by the client
	Fingerprint [32]byte // SHA-256 of the whole request
}
