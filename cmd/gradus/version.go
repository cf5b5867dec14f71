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
	_, err := fmt.Fprintf(p.stdout, "gradus %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
