package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version prints the version of the module that necrogen was built from.
func (c *command) version([]string) int {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	fmt.Fprintf(c.stdout, "necrogen %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitDone
}
