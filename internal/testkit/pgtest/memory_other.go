//go:build !linux

package pgtest

// tempDirs returns the directories for the data of the embedded server.
func tempDirs(disk string) []string { return []string{disk} }
