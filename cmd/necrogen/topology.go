package main

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/release"
	"github.com/necrostack/necrogen/templates"
)

func topologyFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.file, "o", "", "write to this `file`; the default is the output")
}

// writeTopology writes what necroctl prove compares with a running system.
func (c *command) writeTopology(patterns []string) int {
	return c.writeLoaded(patterns, func(t *model.Topology) error {
		prints := release.Prints{}
		for _, p := range t.Packages {
			maps.Copy(prints, templates.Fingerprints(p))
		}
		var b bytes.Buffer
		if err := release.Describe(t, moduleVersion(), prints).Write(&b); err != nil {
			return err
		}
		if c.file == "" {
			_, err := c.stdout.Write(b.Bytes())
			return err
		}
		path := c.file
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.dir, path)
		}
		return os.WriteFile(path, b.Bytes(), 0o644)
	})
}
