package main

import (
	"fmt"
	"runtime"
)

// version is set by the linker.
var version = "dev"

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(p process) error {
	_, err := fmt.Fprintln(p.stdout, versionText())
	return err
}

func versionText() string {
	return fmt.Sprintf("gradus %s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
