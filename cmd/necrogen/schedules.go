package main

import (
	"flag"
	"fmt"
	"time"
	_ "time/tzdata" // a zone is known wherever necrogen runs

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/timetable"
)

func schedulesFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.from, "from", "", "print runs behind this time, such as 2026-03-28T12:00:00Z; the default is now")
	flags.IntVar(&o.runs, "n", 5, "how many runs of each schedule")
}

// printSchedules prints the schedules with their next runs.
func (c *command) printSchedules(patterns []string) int {
	from := time.Now()
	if c.from != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, c.from); err != nil {
			return c.tellFailure(fmt.Errorf("-from %s is no time such as 2026-03-28T12:00:00Z", c.from))
		}
	}
	return c.writeDocument(patterns, func(g *graph.Graph) error {
		return timetable.Write(c.stdout, g, from, c.runs)
	})
}
