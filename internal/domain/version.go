package domain

import "slices"

// ErrVersionMismatch means that the object has changed since the caller fetched it.
var ErrVersionMismatch = define(KindStale, "version_mismatch", "The resource has changed since you fetched it. Fetch it again, then retry.")

// ExpectedVersions are the versions of an object that a caller is willing to change, as in
// If-Match. If empty, any version is accepted.
type ExpectedVersions []int

// Check returns nil if the version is expected.
// Errors: ErrVersionMismatch.
func (e ExpectedVersions) Check(version int) error {
	if len(e) == 0 || slices.Contains(e, version) {
		return nil
	}
	return ErrVersionMismatch
}
