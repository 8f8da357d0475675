package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version prints the version of the module that necrogen was built from.
func (c *command) version([]string) int {
	fmt.Fprintf(c.stdout, "necrogen %s (%s, %s/%s)\n", moduleVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitDone
}

// moduleVersion returns the version of the module that necrogen was built from.
func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
