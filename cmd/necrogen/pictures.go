package main

import (
	"cmp"
	"flag"
	"fmt"
	"path/filepath"

	"github.com/necrostack/necrogen/internal/gen/asyncapi"
	"github.com/necrostack/necrogen/internal/gen/catalogue"
	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/draw"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/lock"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/spelling"
)

func graphFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.format, "format", "mermaid", "mermaid, dot, svg or json")
	flags.StringVar(&o.chain, "chain", "", "draw only what descends from the event of this name")
}

func titleFlag(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.title, "title", "", "title of the document; the default is the folder's name")
}

func asyncapiFlags(o *options, flags *flag.FlagSet) {
	titleFlag(o, flags)
	flags.StringVar(&o.release, "version", "0.0.0", "version of the program that the document is about")
}

// drawGraph draws a topology.
func (c *command) drawGraph(patterns []string) int {
	return c.writeDocument(patterns, func(g *graph.Graph) error {
		picture := draw.All(g)
		if c.chain != "" {
			picture = draw.Chain(g, c.chain)
		}
		switch {
		case picture == nil:
			return fmt.Errorf("there is no event %s%s", c.chain, nearestEvent(c.chain, g))
		case c.format == "mermaid":
			return picture.Mermaid(c.stdout)
		case c.format == "dot":
			return picture.DOT(c.stdout)
		case c.format == "svg":
			return picture.SVG(c.stdout)
		case c.format == "json":
			return picture.JSON(c.stdout)
		}
		return fmt.Errorf("the format is mermaid, dot, svg or json, not %q", c.format)
	})
}

// writeCatalogue writes a page about events and organs.
func (c *command) writeCatalogue(patterns []string) int {
	return c.writeDocument(patterns, func(g *graph.Graph) error {
		return catalogue.Write(c.stdout, c.graphTitle(), g)
	})
}

// writeAsyncAPI writes an AsyncAPI document.
func (c *command) writeAsyncAPI(patterns []string) int {
	return c.writeDocument(patterns, func(g *graph.Graph) error {
		return asyncapi.Write(c.stdout, asyncapi.Info{Title: c.graphTitle(), Version: c.release}, g)
	})
}

func (c *command) graphTitle() string { return cmp.Or(c.title, filepath.Base(c.dir)) }

// writeDocument loads a topology, of the whole folder unless packages are named, and has it written
// when nothing is wrong with it but what its lock accepts.
func (c *command) writeDocument(patterns []string, write func(*graph.Graph) error) int {
	return c.writeLoaded(patterns, func(t *model.Topology) error { return write(graph.New(t)) })
}

// writeLoaded is writeDocument for what does not need the edges of the topology, or not alone.
func (c *command) writeLoaded(patterns []string, write func(*model.Topology) error) int {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	loaded, diags, err := source.Load(c.ctx, c.dir, patterns)
	if err != nil {
		return c.tellFailure(err)
	}
	if diags = append(diags, lock.WithoutAccepted(loaded, check.Check(loaded))...); len(diags) > 0 {
		return c.printDiagnostics(diags)
	}
	if err := write(loaded); err != nil {
		return c.tellFailure(err)
	}
	return exitDone
}

// nearestEvent suggests the event that was probably meant.
func nearestEvent(name string, g *graph.Graph) string {
	var names []string
	for _, e := range g.Events {
		names = append(names, e.Name)
	}
	if near := spelling.Nearest(name, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
