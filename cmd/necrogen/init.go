package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"runtime/debug"

	"github.com/necrostack/necrogen/internal/gen/scaffold"
	"github.com/necrostack/necrogen/internal/gen/shortpath"
)

func initFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.module, "module", "", "begin a module with this `path` in the folder")
	flags.StringVar(&o.service, "service", "", "write a service of this `name`, with what deploys and watches it")
}

// init writes a first program, and says what to do next.
func (c *command) init(words []string) int {
	dir := c.dir
	if len(words) > 0 {
		dir = filepath.Join(c.dir, words[0])
		if filepath.IsAbs(words[0]) {
			dir = filepath.Clean(words[0])
		}
	}
	done, err := scaffold.Init(c.ctx, scaffold.Options{
		Dir: dir, Module: c.module, Service: c.service, Version: downloadedVersion(), Log: c.printNote,
	})
	if err != nil {
		return c.tellFailure(err)
	}
	for _, change := range done.Changes {
		fmt.Fprintln(c.stdout, change.Done(c.dir))
	}
	fmt.Fprintln(c.stdout, "\nNext:")
	in := c.dir
	for _, step := range done.Next {
		if step.In != in {
			fmt.Fprintf(c.stdout, "\tcd %s\n", shortpath.Below(c.dir, step.In))
			in = step.In
		}
		fmt.Fprintf(c.stdout, "\t%-16s %s\n", step.Command, step.Why)
	}
	return exitDone
}

// downloadedVersion returns the version of necrogen when it can be downloaded: when this program was built from a
// downloaded one.
func downloadedVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Sum == "" {
		return ""
	}
	return info.Main.Version
}
