package domain

import "slices"

// ErrVersionMismatch says that what a writer looked at is not what is there now.
var ErrVersionMismatch = define(KindStale, "version_mismatch", "Somebody has changed this since you looked. Read it again, then decide again.")

// ExpectedVersions is the versions of a thing that a writer has looked at, and is willing to
// change. Empty, it stands for a writer who takes whatever is there.
type ExpectedVersions []int

// Check lets a writer change a thing of this version, or refuses.
// Errors: ErrVersionMismatch.
func (s ExpectedVersions) Check(version int) error {
	if len(s) == 0 || slices.Contains(s, version) {
		return nil
	}
	return ErrVersionMismatch
}
