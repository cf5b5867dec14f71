//go:build !linux

package pgtest

// tempDirs are where the embedded server's data may be, the preferred one first.
func tempDirs(disk string) []string { return []string{disk} }
